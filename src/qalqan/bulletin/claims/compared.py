"""Numbers that something is compared with, and numbers that are the size of a change."""

from __future__ import annotations

import re

from qalqan.bulletin.claims.mention import Number
from qalqan.bulletin.claims.roles import MORE_THAN, following, previous_figure, without_determiners
from qalqan.bulletin.claims.sentence import Sentence, remembered
from qalqan.bulletin.claims.words import Words

_MOST_WORDS = 8
_COMPARED = re.compile(
    r"(?:\s*[^\W\d_][\w-]*){0,5}?\s*(?:қарағанда|салыстырғанда|салыстырсақ|қарсы|орнына)(?!\w)"
)


@remembered("old")
def is_old(sentence: Sentence, one: Number) -> bool:
    """Whether the number is what something is compared with: "than 1,602", "годом ранее — 1
    602"."""
    told = _kazakh_old if sentence.words.language == "kk" else _told_old
    if _is_new(sentence, one):
        return False
    return told(sentence, one) or _earlier(sentence, one)


def _is_new(sentence: Sentence, one: Number) -> bool:
    """Whether the next number is the one compared with: "к прошлому году (3 030 против 4 367)"."""
    after = following(sentence, one)
    if after is None or sentence.inside(one.start) == 0:
        return False
    between = sentence.between(one, after)
    return len(between.split()) <= 3 and sentence.words.ends("roles.against", between) is not None


def _kazakh_old(sentence: Sentence, one: Number) -> bool:
    head, tail = sentence.before(one), sentence.after(one)
    if _COMPARED.match(tail) and not _tail_is_others(tail):
        return True
    if re.search(r"(?:салыстырғанда|қарағанда)\s*[(–—-]?\s*$", head):
        return True
    if re.search(r"(?:ғыдан|гіден|қыдан|кіден|жылдан|айдан)\s*\(\s*$", head):
        return True
    if re.match(r"\)\s*(?:салыстырғанда|қарағанда)", tail):
        return True
    return one.case == "abl" and (MORE_THAN.match(tail) is not None or _outgrown(sentence, one))


def _told_old(sentence: Sentence, one: Number) -> bool:
    head = sentence.before(one)
    return (
        _so_many_times(sentence, one)
        or sentence.words.ends("roles.against", without_determiners(head)) is not None
        or _compared_with_a_period(sentence, head)
    )


def _earlier(sentence: Sentence, one: Number) -> bool:
    """Whether "last year" or the like stands right before the number, or (not in Kazakh) behind."""
    words, head, tail = sentence.words, sentence.before(one), sentence.after(one)
    direct = re.match(r"\s*(?:[^\W\d_][\w-]*\s+){0,3}?(?=\S)", tail)
    for name in ("last_year", "last_month", "same_before"):
        spans = words.find(f"periods.{name}", head)
        rest = head[spans[-1][1] :] if spans else ","
        if words.has("roles.now", rest) or _OF_THE_FIRST.match(rest) or _heads(sentence, one, rest):
            continue
        if "," not in rest and len(rest.split()) <= _MOST_WORDS:
            return True
        if words.language != "kk" and direct is not None and _soon(words, f"periods.{name}", tail):
            return True
    return False


def _heads(sentence: Sentence, one: Number, rest: str) -> bool:
    """Whether "last year's:" heads this number and the next, and so tells nothing of either."""
    after = following(sentence, one)
    if ":" not in rest or after is None:
        return False
    return re.fullmatch(r"\s*(?:и|and|және|мен)\s*", sentence.between(one, after)) is not None


_OF_THE_FIRST = re.compile(r"\s*(?:и|а|and|while|but)(?!\w)")
"""Behind "last year" it leaves that to the value before: "500 last year and 600 this year"."""


def _soon(words: Words, name: str, tail: str) -> bool:
    """Whether words of the group come within four words, and no stop before them."""
    pieces = re.split(r"[,;:()–—]", tail)[0]
    spans = words.find(name, pieces)
    return bool(spans) and len(pieces[: spans[0][0]].split()) <= 3


def _compared_with_a_period(sentence: Sentence, head: str) -> bool:
    """As in "по сравнению с 2022 годом (20 444)", "than in January 2023 (1,602)"."""
    spans = sentence.words.find("roles.against", head)
    if not spans:
        return False
    rest = head[spans[-1][1] :]
    if re.fullmatch(r"(?:\s*[\w.]+){0,6},?\s*(?:когда|when)\s+(?:[\w']+\s+){0,4}", rest):
        return True
    return re.fullmatch(r"(?:\s*[\w.]+){0,6}\s*[(–—-]\s*(?:[\w.]+\s*){0,3}", rest) is not None


def _outgrown(sentence: Sentence, one: Number) -> bool:
    """As in "9 млрд теңгеден екі есе көп"."""
    after = following(sentence, one)
    if after is None or after.kind not in ("times", "percent", "count"):
        return False
    near = len(sentence.between(one, after).split()) <= 1
    return near and MORE_THAN.match(sentence.after(after)) is not None


def _so_many_times(sentence: Sentence, one: Number) -> bool:
    """As in "four times the 9 billion", "вчетверо больше показателя 2023 года (9 млрд)"."""
    before = previous_figure(sentence, one)
    if before is None or before.kind != "times":
        return False
    between = sentence.between(before, one)
    if sentence.words.language == "en":
        return (
            re.fullmatch(
                r"\s*(?:as\s+many\s+as|the|more\s+than|higher\s+than|as\s+much\s+as)?\s*(?:[^\W\d_]+\s+){0,3}(?:the\s+)?",
                between,
            )
            is not None
        )
    return (
        re.match(r"\s*(?:больше|меньше|выше|ниже)\s+(?:[\w.]+\s+){0,5}[(–—]\s*$", between)
        is not None
    )


def _over_brackets(sentence: Sentence, one: Number) -> str:
    """What follows a number, a percent in brackets left out: "141 (8 %) more"."""
    text = sentence.cut(one.end, sentence.offset + len(sentence.text))
    if (found := re.match(r"(\s*[^\W\d_]*\s*)\([^()]{0,14}%[^()]{0,4}\)", text)) is not None:
        return found[1] + text[found.end() : found.end() + 60]
    return sentence.after(one)


def _tail_is_others(tail: str) -> bool:
    """The comparison behind a comma or bracket is not this number's."""
    found = re.search(r"қарағанда|салыстыр", tail)
    return found is not None and re.search(r"[,(;]", tail[: found.start()]) is not None


@remembered("by")
def is_by(sentence: Sentence, one: Number) -> bool:
    """Whether the number is the size of a change: "на 269 больше", "by 16.8 %", "16,8 %-ға көп"."""
    if one.sign or one.kind == "points" or (one.kind == "times" and _ratio(sentence, one)):
        return True
    told = {"kk": _by_in_kazakh, "ru": _by_in_russian, "en": _by_in_english}
    own = told[sentence.words.language](sentence, one, _over_brackets(sentence, one))
    return _named(sentence, one) or _said_again(sentence, one) if own is None else own


def _ratio(sentence: Sentence, one: Number) -> bool:
    return one.worded or sentence.words.language != "kk"


def _by_in_russian(sentence: Sentence, one: Number, tail: str) -> bool | None:
    if re.search(r"(?<!\w)на\s*$", sentence.before(one)):
        return one.kind != "money" or sentence.direction(one) != 0
    return None


def _by_in_english(sentence: Sentence, one: Number, tail: str) -> bool | None:
    if re.search(r"(?<!\w)by\s*(?:a\s+)?$", sentence.before(one)):
        return True
    pattern = _MORE_OF if one.kind == "count" else _MORE
    return True if pattern.match(tail) else None


def _by_in_kazakh(sentence: Sentence, one: Number, tail: str) -> bool | None:
    if one.case == "dat" and not re.match(r"\s*(?:жет|тең|дейін)", tail):
        share = one.kind in ("percent", "times")
        return share or MORE_THAN.match(tail) is not None or _grows(sentence, tail)
    if one.kind == "count" and _BY_SO_MANY.match(tail):
        return True
    if one.kind == "times" or re.match(r"\s*-?\s*(?:дық|дік|тық|тік)", tail):
        return True
    return None


_MORE_OF = re.compile(
    r"\s*(?:[^\W\d_][\w-]*\s+){0,2}?(?:more|higher|fewer|less|lower|up|down|above|below)\b"
)
_MORE = re.compile(
    r"\s*(?:more|higher|fewer|less|lower|up|down|above|below|increase|rise|growth|decrease|decline|"
    r"drop|fall|reduction|jump)\b"
)


_SIZE_OF_CHANGE = re.compile(
    r"(?<!\w)(?:рост|прирост|снижение|сокращение|уменьшение|увеличение|increase|rise|decrease|decline|"
    r"fall|drop|growth|reduction|difference|өсім|өсу|кему|азаю|төмендеу)\s+(?:составил[оаи]?|of|was|–|—|на|болды)\s*$"
)


def _said_again(sentence: Sentence, one: Number) -> bool:
    """As in "рост составил 269 фактов, или 16,8 %": the size of a change, or the same said
    again."""
    if one.kind == "count":
        return _SIZE_OF_CHANGE.search(sentence.before(one)) is not None
    before = previous_figure(sentence, one)
    if (
        before is None
        or before.kind != "count"
        or not re.fullmatch(
            r"(?:\s*[^\W\d_][\w-]*){0,2}\s*,?\s*(?:или|or|немесе|\()\s*",
            sentence.between(before, one),
        )
    ):
        return False
    return is_by(sentence, before)


_CHANGE_WAS = re.compile(
    r"(?<!\w)(?:рост|прирост|снижение|сокращение|уменьшение|увеличение|падение|increase|rise|decrease|decline|"
    r"fall|drop|growth|reduction)(?!\w)[^,;:()]*(?<!\w)(?:составил[оаи]?|достиг\w*|равен"
    r"|was|is|amounted to|reached)\s*$"
)


_BY_SO_MANY = re.compile(
    r"\s*(?:[^\W\d_][\w-]*\s+)?[^\W\d_][\w-]*(?:ға|ге|қа|ке)\s+(?:көп|аз|артық|кем|жоғары|төмен|арт|өс|азай|көбей|кемі|қысқар)"
)


def _grows(sentence: Sentence, tail: str) -> bool:
    rest = re.sub(r"^(?:\s*[^\W\d_][\w-]*){0,2}?\s+(?=\S)", " ", tail, count=1)
    return any(
        sentence.words.begins(f"directions.{way}", t)
        for way in ("rise", "fall")
        for t in (tail, rest)
    )


def _named(sentence: Sentence, one: Number) -> bool:
    """A percent that a word of change goes with: "рост составил 16,8 %", "up 16.8 %", "16,8 %
    өсті"."""
    if one.kind not in ("percent", "points", "times"):
        return False
    if _CHANGE_WAS.search(sentence.before(one)):
        return True
    words, head, tail = sentence.words, sentence.before(one)[-60:], sentence.after(one)
    for way in ("rise", "fall", "change"):
        if words.language != "ru" and way != "change" and words.begins(f"directions.{way}", tail):
            return True
        spans = words.find(f"directions.{way}", head)
        if spans and _light(head[spans[-1][1] :]):
            return True
    return False


_LIGHT = re.compile(
    r"[\s–—:(-]*(?:составил\w*|составляет|был\w*|на|в|of|was|by|is|a|an|some|amounted to"
    r"|equals?|stood at|болды|көрсеткіші|"
    r"қарқыны|темпы?|показателя|числа|количества|преступлений|достиг\w*|or|или|немесе|,|деңгейі|rate|-)*[\s–—:(-]*",
)


def _light(text: str) -> bool:
    """Whether only words that add nothing stand between a word of change and its number."""
    return all(_LIGHT.fullmatch(part) for part in text.split()) if text.strip() else True
