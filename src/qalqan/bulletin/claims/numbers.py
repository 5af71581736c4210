"""Numbers of a sentence with their units and qualifiers, in Kazakh, Russian and English."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import islice

from qalqan.bulletin.claims.marks import FIRST_YEAR, LAST_YEAR, At, coded, labelled_years, masked
from qalqan.bulletin.claims.mention import Kind, Number
from qalqan.bulletin.claims.units import (
    case_after,
    case_of,
    prefixed,
    qualified,
    qualifier_after,
    sign_before,
    unit_after,
)
from qalqan.bulletin.claims.words import Words, magnitudes, values

MOST_NUMBERS = 64
"""In a sentence: one with more is a list or a trap, and only its first are read."""
_LAST_LIKELY = 2040
"""A later year is read as one only where a word or its place in a series says so."""

_PLAIN = r"(?:\d{1,3}(?:[ '’]\d{3})+(?!\d)|\d+)(?:[.,]\d+)?"
_ENGLISH = r"\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|(?:\d{1,3}(?:[ '’]\d{3})+(?!\d)|\d+)(?:\.\d+)?"
_BEFORE = r"(?<![\w.,№#/])(?<!\d[-–])(?<![№#] )(?<!^\[)(?<!\s\[)"
"""Nor the number of a source, in square brackets."""
_AFTER = r"(?![\d/]|[.,]\d|:\d\d(?!\d))"
_PATTERNS = {
    "kk": re.compile(_BEFORE + f"(?:{_PLAIN})" + _AFTER),
    "ru": re.compile(_BEFORE + f"(?:{_PLAIN})" + _AFTER),
    "en": re.compile(_BEFORE + f"(?:{_ENGLISH})" + _AFTER),
}
_JOINING = frozenset(
    (
        "до",
        "to",
        "дейін",
        "против",
        "against",
        "vs",
        "versus",
        "–",
        "—",
        "-",
        "из",
        "of",
        "out",
        "the",
        "from",
        "в",
        "раз",
        "рост",
    )
)
_WORDS = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_STOP = re.compile(r"[.,;:()«»\"“”!?–—]|\d|\s-\s")


def numbers(at: At, words: Words) -> tuple[Number, ...]:
    """The numbers of a sentence in order."""
    found = [*islice(_written(at, words), MOST_NUMBERS), *islice(_worded(at, words), MOST_NUMBERS)]
    found.sort(key=lambda one: one.start)
    kept: list[Number] = []
    for one in found:
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return tuple(_with_units(at, kept))[:MOST_NUMBERS]


def _with_units(at: At, found: list[Number]) -> Iterator[Number]:
    """A number that leaves its unit to its neighbour: "с 1,2 млрд до 2,7 млрд тенге", "850 million
    tenge out of 21 billion", "from 37.9 to 39.6 %"."""
    for place, one in enumerate(found):
        after = found[place + 1] if place + 1 < len(found) else None
        before = next((n for n in reversed(found[:place]) if n.kind not in ("times", "year")), None)
        bare = one.kind == "count" and not (set(one.noun) - _JOINING) and not one.unit
        joined = (
            set(at.text[one.end - at.offset : after.digits - at.offset].split()) if after else {""}
        )
        near = joined <= _JOINING and (joined or one.case == "abl")
        if bare and after is not None and after.kind in ("money", "percent", "span") and near:
            one = one.moved(kind=after.kind, unit=after.unit)
        elif bare and before is not None and _same_money(at, before, one):
            one = one.moved(kind="money", unit=before.unit)
        yield one


def _same_money(at: At, before: Number, one: Number) -> bool:
    """Whether a large bare number soon behind a sum of money is one, too."""
    between = at.text[before.end - at.offset : one.start - at.offset]
    return before.kind == "money" and one.step >= 10**5 and len(between.split()) <= 8


def _written(at: At, words: Words) -> Iterator[Number]:
    text = masked(at)
    labels = {found.start(1) for run in labelled_years(text) for found in run}
    valued = {found.start(2) for run in labelled_years(text) for found in run if found[2]}
    after = 0
    for match in _PATTERNS[words.language].finditer(text):
        if match.start() < after or coded(text, match.start()):
            continue
        value = _value(match[0], words)
        if match.start() in labels:
            yield _made(at, match.start(), match.start() + 4, *_value(match[0][:4], words), "year")
            continue
        one = _number(at, words, text, match.start(), match.end(), value)
        if one is not None and one.kind == "year" and match.start() in valued:
            one = one.moved(kind="count")
        if one is not None:
            after = one.end - at.offset
            yield one


def _worded(at: At, words: Words) -> Iterator[Number]:
    """Words for ratios, parts, and small numbers before "times" or a length of time."""
    text, language = at.text, words.language
    for name, kind in (("ratios", "times"), ("fractions", "percent")):
        for pattern, value in values(language, name):
            for match in pattern.finditer(text):
                told = value * 100 if kind == "percent" else value
                made = _made(at, match.start(), match.end(), told, Fraction(1), kind)
                start, exactness = qualified(words, text, match.start())
                yield made.moved(worded=True, start=start + at.offset, exactness=exactness)
    for pattern, value in values(language, "numerals"):
        for match in pattern.finditer(text):
            one = _number(at, words, text, match.start(), match.end(), (value, Fraction(1)))
            if one is not None and (one.kind == "times" or (one.kind != "count" and value != 1)):
                yield one


def _value(digits: str, words: Words) -> tuple[Fraction, Fraction]:
    """Value, and what its last digit is worth."""
    plain = re.sub(r"[ '’]", "", digits)
    plain = plain.replace(",", "" if words.language == "en" else ".")
    decimals = len(plain.partition(".")[2])
    return Fraction(plain), Fraction(1, 10**decimals)


def _number(
    at: At, words: Words, text: str, start: int, end: int, value: tuple[Fraction, Fraction]
) -> Number | None:
    amount, step = value
    end, case = case_after(words, text, end)
    for size, pattern in magnitudes(words.language):
        if (found := pattern.match(text, end)) is not None:
            amount, step, end = amount * size, step * size, found.end()
            case = case_of(words, found[0]) or case
            break
    exactness, end = qualifier_after(words, text, end, case)
    if amount == value[0] and _is_year(words, text, start, end, amount, step):
        return _made(at, start, end, amount, step, "year")
    kind, unit, end, own = unit_after(words, text, end, start)
    if kind is None:
        return None
    case = own or ("" if exactness != "exact" else case)
    if exactness == "exact":
        exactness, end = qualifier_after(words, text, end, case)
        case = "" if exactness != "exact" and case in ("abl", "dat") else case
    begin, before = qualified(words, text, start)
    if kind == "span" and words.language == "en":
        before = "exact"  # "over 60 days" is how long, not how much
    sign = sign_before(text, begin) if kind in ("percent", "points", "times") else 0
    made = _made(at, start, end, amount, step, kind)
    noun = _noun(words, text, end) if kind in ("count", "money") else ()
    if noun and words.language == "kk" and not case:
        case = "noun_gen" if any(case_of(words, word) == "gen" for word in noun) else ""
    return made.moved(
        start=begin + at.offset,
        unit=unit or prefixed(text, start),
        case=case,
        sign=sign,
        noun=noun,
        kind="money" if kind == "count" and prefixed(text, start) else kind,
        exactness=before if before != "exact" else exactness,
        text=at.shown[begin:end].strip(),
    )


def _made(
    at: At, start: int, end: int, value: Fraction, step: Fraction, kind: Kind | str
) -> Number:
    return Number(
        at.paragraph,
        at.sentence,
        start + at.offset,
        end + at.offset,
        start + at.offset,
        at.shown[start:end].strip(),
        value,
        step,
        kind,  # type: ignore[arg-type]
    )


def _noun(words: Words, text: str, end: int) -> tuple[str, ...]:
    """The words behind a number up to a stop or a word that is none of a noun's: "on", "в"."""
    stop = _STOP.search(text, end)
    found: list[str] = []
    for word in _WORDS.findall(text[end : stop.start() if stop else len(text)])[:4]:
        if words.language != "kk" and words.has("small_words", word):
            break
        found.append(word)
    return tuple(found)


def _is_year(
    words: Words, text: str, start: int, end: int, value: Fraction, step: Fraction
) -> bool:
    if step != 1 or end - start < 4 or not text[start : start + 4].isdigit():
        return False
    if not FIRST_YEAR <= value <= LAST_YEAR:
        return False
    if words.begins("year_words", text[end : end + 12].lstrip(" -–")):
        return True
    if (
        re.match(r"-(?:го|м|й|му|ға|ге|да|де|дан|ден|ның|нің)(?!\w)", text[end:])
        and value <= _LAST_LIKELY
        and words.language == "ru"
    ):
        return True
    if value > _LAST_LIKELY:
        return False
    if re.match(r"\s*[–—:-]\s*(?:\d|$|[)\],;])", text[end:]):
        return True
    before = text[:start].rstrip()
    if any(pattern.search(before) for pattern in _months(words)):
        return True
    noun = _noun(words, text, end)
    named = bool(noun) and not words.has("small_words", noun[0])
    prepared = words.ends("year_before", before) is not None or before.endswith(("(", "—", "–"))
    return prepared and not named


def _months(words: Words) -> list[re.Pattern[str]]:
    return [re.compile(rf"(?:{'|'.join(_month(one) for one in words.group('months'))})$")]


def _month(stem: str) -> str:
    return r"(?<!\w)(?:" + stem.replace("*", r"\w*") + ")"
