"""What stands around digits: endings, qualifiers, signs and units."""

from __future__ import annotations

import re

from qalqan.bulletin.claims.mention import Kind
from qalqan.bulletin.claims.words import Words, kinds
from qalqan.model.figure import Exactness

_SUFFIX = re.compile(
    r"\s?[-–]\s?(ның|нің|дың|дің|тың|тің|нан|нен|дан|ден|тан|тен|ға|ге|қа|ке|на|не|ны|ні|ды|ді|ты|ті"
    r"|сынан|сінен|ынан|інен|ының|інің|сының|сінің|ында|інде|сында|сінде"
    r"|ына|іне|сына|сіне|ын|ін|сын|сін|ы|і|сы|сі|да|де|та|те|мен|пен|бен)(?!\w)"
)


_CASES = (
    ("gen", re.compile(r"(?:ның|нің|дың|дің|тың|тің)$")),
    ("abl", re.compile(r"(?:нан|нен|дан|ден|тан|тен)$")),
    ("dat", re.compile(r"(?:ға|ге|қа|ке|на|не|ына|іне)$")),
    ("acc", re.compile(r"(?:ны|ні|ды|ді|ты|ті)$")),
    ("poss", re.compile(r"(?:ы|і|сы|сі|ын|ін|сын|сін)$")),
    ("ins", re.compile(r"(?:мен|пен|бен)$")),
)


_SIGN = re.compile(r"(?:([+])|([−–-])|(минус)|(плюс)|(minus)|(plus))\s?$")


def case_after(words: Words, text: str, end: int) -> tuple[int, str]:
    """Behind a Kazakh ending joined by a hyphen, and the case that it makes."""
    if words.language != "kk":
        return end, ""
    found = _SUFFIX.match(text, end)
    return (end, "") if found is None else (found.end(), case_of(words, found[1]))


def case_of(words: Words, word: str) -> str:
    """The Kazakh case of a word by its ending; empty in other languages."""
    if words.language != "kk":
        return ""
    return next((name for name, pattern in _CASES if pattern.search(word.strip(" ."))), "")


_OF_ABLATIVE = ("кем", "артық", "көбірек")


def qualifier_after(words: Words, text: str, end: int, case: str) -> tuple[Exactness, int]:
    """A qualifier behind the number: "астам", "жуық", "or more"."""
    for name in ("over", "about", "up_to", "limit"):
        found = words.begins(f"qualifiers.{name}.after", text[end : end + 24])
        if found is not None and (found[0].strip() not in _OF_ABLATIVE or case == "abl"):
            exactness: Exactness = "up_to" if name == "limit" else name  # type: ignore[assignment]
            return exactness, end + found.end()
    return "exact", end


def qualified(words: Words, text: str, start: int) -> tuple[int, Exactness]:
    """Where the number begins with its qualifier, and what that says. "16 % more than 1 602"
    compares and qualifies nothing."""
    head = re.sub(r"(?<!\w)в\s*$", "", text[:start]).rstrip(" $₸€+−-")
    for name in ("over", "about", "up_to", "limit"):
        found = words.ends(f"qualifiers.{name}.before", head)
        if found is None:
            continue
        if re.search(
            r"(?:\d|%|percent|процент\w*|пунктов?|раза?|times|годом|year|earlier|"
            r"adds?|adding|sums?)\s*$",
            head[: found.start()],
        ):
            continue
        exactness: Exactness = "up_to" if name == "limit" else name  # type: ignore[assignment]
        return found.start(), exactness
    return start, "exact"


def unit_after(words: Words, text: str, end: int, start: int) -> tuple[Kind | None, str, int, str]:
    """Kind, unit, where it ends, and the case of its word."""
    for kind, pattern in kinds(words.language):
        found = pattern.match(text, end)
        if found is None:
            continue
        if kind == "times" and not _is_ratio(words, text, start, found.end()):
            return None, "", end, ""
        after, case = case_after(words, text, found.end())
        case = case or case_of(words, found[0])
        if kind in ("day", "week", "month", "year", "hour"):
            return "span", kind, after, case
        return kind, _currency(found[0]) if kind == "money" else "", after, case  # type: ignore[return-value]
    return "count", "", end, ""


def _is_ratio(words: Words, text: str, start: int, end: int) -> bool:
    """Whether "times" compares sizes; "three times" alone counts occasions."""
    if words.language == "ru":
        head = text[:start].rstrip()
        return re.search(r"(?<!\w)в(?:\s+(?:более\s+чем|почти|около|целых))?$", head) is not None
    if words.language == "en":
        tail = text[end : end + 24]
        head = text[max(0, start - 40) : start]
        if words.begins("directions.rise", tail) or words.begins("directions.fall", tail):
            return True
        return re.match(
            r"\s*(?:more|higher|larger|as|greater|lower|less|fewer|the)\b", tail
        ) is not None or (words.has("directions.rise", head) or words.has("directions.fall", head))
    return True


def _currency(word: str) -> str:
    word = word.strip()
    if word[:1] in "$du":
        return "USD"
    if word[:1] in "€e" or word.startswith(("евро", "еуро")):
        return "EUR"
    return "RUB" if word[:2] in ("ру", "ro", "ru") else "USD" if word[:2] == "до" else "KZT"


def prefixed(text: str, start: int) -> str:
    """The currency written before the digits."""
    found = re.search(r"(₸|\$|€|kzt|usd|eur)\s?$", text[:start])
    return _currency(found[1]) if found else ""


def sign_before(text: str, begin: int) -> int:
    """1 for a plus right before the number, -1 for a minus, else 0."""
    found = _SIGN.search(text[:begin])
    if found is None or re.search(r"[\w)]\s*[−–-]\s?$", text[:begin]):
        return 0
    return 1 if found[1] or found[4] or found[6] else -1
