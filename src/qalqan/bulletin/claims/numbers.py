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
        "с",
        "со",
        "the",
        "from",
        "в",
        "раз",
        "рост",
    )
)
_IN_WORDS = Fraction(3, 10)
"""Of "two times": what such words leave open, half of it to either side."""
_ONE_ORDER = 50
"""So many times another, a value is still told in the same unit."""
_WORDS = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_PERCENT_BEFORE = re.compile(
    r"(?<!\w)(?:процент|пайызы|percentage)(?:\s+[^\W\d_]+){0,4}?\s*(?:[–—:-]|is|was|равен|составил)\s*$"
)
"""As in "процент раскрытия – 62": the unit before its number."""
_BOTH = re.compile(r"\(\d[\d ,]*/\d[\d ,]*\)")
"""A part and its whole: "(1 722/3 281)"."""
_TIMES_MORE = re.compile(r"\s*(?:more|higher|greater|larger|bigger)\b")
_STOP = re.compile(r"[.,;:()«»\"“”!?–—]|\d|\s-\s")


def numbers(at: At, words: Words) -> tuple[Number, ...]:
    """The numbers of a sentence in order."""
    found = [*islice(_written(at, words), MOST_NUMBERS), *islice(_worded(at, words), MOST_NUMBERS)]
    found.sort(key=lambda one: one.start)
    kept: list[Number] = []
    for one in found:
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return tuple(_with_units(at, words, kept))[:MOST_NUMBERS]


def _with_units(at: At, words: Words, found: list[Number]) -> Iterator[Number]:
    """A number that leaves its unit to its neighbour: "с 1,2 млрд до 2,7 млрд тенге", "850 million
    tenge out of 21 billion", "from 37.9 to 39.6 %", "991,9 из 1 737,1 млн тенге"."""
    before: Number | None = None
    for place, one in enumerate(found):
        after = found[place + 1] if place + 1 < len(found) else None
        bare = one.kind == "count" and not (set(one.noun) - _JOINING) and not one.unit
        if bare and after is not None and _joined(at, one, after):
            if after.kind in ("money", "percent", "span"):
                one = one.moved(kind=after.kind, unit=after.unit)
            one = _sized(one, after)
        elif before is not None and _same_money(at, before, one, bare or _deed(words, one)):
            one = one.moved(kind="money", unit=before.unit)
        before = before if one.kind in ("times", "year", "percent", "points") else one
        yield one


def _joined(at: At, one: Number, after: Number) -> bool:
    between = set(at.text[one.end - at.offset : after.digits - at.offset].split())
    return between <= _JOINING and (bool(between) or one.case == "abl")


def _sized(one: Number, after: Number) -> Number:
    """With the size of the number behind it, where only so the two are of one order."""
    if one.size != 1 or after.size == 1 or not one.value:
        return one
    plain, sized = after.value / one.value, after.value / (one.value * after.size)
    if one.step == 1 and 1 / _ONE_ORDER <= plain <= _ONE_ORDER:
        return one
    if not 1 / _ONE_ORDER <= sized <= _ONE_ORDER:
        return one
    return one.moved(value=one.value * after.size, step=one.step * after.size, size=after.size)


def _same_money(at: At, before: Number, one: Number, bare: bool) -> bool:
    """Whether a large bare number soon behind a sum of money is one, too."""
    if not bare or one.kind != "count" or before.kind != "money":
        return False
    between = at.text[before.end - at.offset : one.start - at.offset]
    return (one.step >= 10**5 or one.size == before.size != 1) and len(between.split()) <= 8


def _deed(words: Words, one: Number) -> bool:
    """Whether what follows a number is no noun but what was done: "the 877.9 million lost"."""
    return len(one.noun) > 0 and words.begins("claims.flow", one.noun[0]) is not None


def _written(at: At, words: Words) -> Iterator[Number]:
    text = _BOTH.sub(lambda found: found[0].replace("/", "|"), masked(at))
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
            one = _number(
                at, words, text, match.start(), match.end(), (value, Fraction(1, value.denominator))
            )
            if one is not None and one.kind == "times":
                yield one.moved(step=value * _IN_WORDS)
            elif one is not None and one.kind != "count" and value != 1:
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
    end, case = case_after(words, text, end)
    size, end, case = _size(words, text, end, case)
    amount, step = value[0] * size, value[1] * size
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
    if kind == "count" and not unit and _PERCENT_BEFORE.search(text[:start]):
        kind = "percent"
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
        size=size,
        more=kind == "times" and _TIMES_MORE.match(text, end) is not None,
        kind="money" if kind == "count" and prefixed(text, start) else kind,
        exactness=before if before != "exact" else exactness,
        text=at.shown[begin:end].strip(),
    )


def _size(words: Words, text: str, end: int, case: str) -> tuple[int, int, str]:
    """The size that a word behind the digits gives, where it ends, and the case that it makes."""
    for size, pattern in magnitudes(words.language):
        if (found := pattern.match(text, end)) is not None:
            return size, found.end(), case_of(words, found[0]) or case
    return 1, end, case


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
    if value > _LAST_LIKELY or text[end : end + 1] == "|":
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
