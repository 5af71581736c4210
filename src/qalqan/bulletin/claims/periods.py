"""Periods that a sentence names, in Kazakh, Russian and English."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cache

from qalqan.bulletin.claims.marks import At, labelled_years
from qalqan.bulletin.claims.mention import Number, When
from qalqan.bulletin.claims.words import Words, word_pattern, words

RELATIVE = (
    "since_year_start", "same_before", "last_year", "last_month", "this_year", "this_month",
    "one_month",
)  # fmt: skip
_YEAR_GLUE = r"(?:ж\.?|жылғы|жылы|жылдың|жылдағы|жыл|of|in|,|года|году|г\.?)?"
_DATE = re.compile(r"(?<!\d)(\d{1,2})\.(\d{1,2})\.(\d{4})(?!\d)")
_SPAN = re.compile(
    r"(?<!\d)(?:(?:с|from|between)\s+)?((?:19|20|21)\d\d)\s*(?:года?|жыл(?:дан|ғы)?|ж\.?)?\s*"
    r"(?:[–—-]|по|до|to|and|through|бастап)\s*((?:19|20|21)\d\d)(?!\d|\s?(?:%|мың|тыс|млн))"
)
_MONTHS_OF = re.compile(
    r"(?<!\w)(\d{1,2}|three|six|nine|eleven|ten|шесть|девять|три|үш|алты|тоғыз)\s+"
    r"(?:месяц\w*|months?|ай(?:ы)?(?:да|ында|дың|ының)?)(?!\w)"
)
_SMALL = {"three": 3, "six": 6, "nine": 9, "ten": 10, "eleven": 11, "три": 3, "шесть": 6,
          "девять": 9, "үш": 3, "алты": 6, "тоғыз": 9}  # fmt: skip
_ENGLISH_DAY = re.compile(
    r"\s+([12]?\d|3[01])((?:st|nd|rd|th)?)(?=,? ?\d{4}(?!\d)|(?<=[a-z])(?!\w))"
)
_DAYS_OF = re.compile(r"(?<!\d)(\d{1,2})(?:-?(?:го|е|st|nd|rd|th))?\s*$")


def periods(
    at: At, of: Words, numbers: Sequence[Number], anchor: date | None = None
) -> tuple[When, ...]:
    """The periods of a sentence in order; `anchor` is the last day of what the text is about."""
    found = [
        *_dates(at), *_spans(at), *_months(at, of, numbers), *_parts(at, of), *_years(at, numbers),
        *_relative(at, of), *_lasting(at, of, numbers),
    ]  # fmt: skip
    found.sort(key=lambda one: (one.start, -one.end))
    kept: list[When] = []
    for one in found:
        if not kept or one.start >= kept[-1].end:
            kept.append(resolved(one, anchor))
    return tuple(kept)


def resolved(when: When, anchor: date | None) -> When:
    """The same with its days, as far as the text's own date tells them."""
    if when.first is not None:
        return when
    if when.kind == "month" and when.month:
        year = when.year or _nearest_year(when.month, anchor)
        return when if year is None else _days(when, date(year, when.month, 1), 1)
    return when if anchor is None else _by_anchor(when, anchor)


def _by_anchor(when: When, anchor: date) -> When:
    """The current year, last month, the second quarter: by the day that the text is about."""
    kind, year = when.kind, anchor.year
    if kind in ("this_year", "since_year_start"):
        return replace(when, first=date(year, 1, 1), last=anchor)
    lasting = {"quarter": 3, "half": 6, "months": when.n}.get(kind, 0)
    before = (anchor.replace(day=1) - timedelta(days=1)).replace(day=1)
    starts: dict[str, Callable[[], tuple[date, int]]] = {
        "month_this": lambda: (date(year, when.month, 1), 1),
        "month_last": lambda: (date(year - 1, when.month, 1), 1),
        "last_year": lambda: (date(year - 1, 1, 1), 12),
        "this_month": lambda: (anchor.replace(day=1), 1),
        "last_month": lambda: (before, 1),
        "quarter": lambda: (date(year, 3 * when.n - 2, 1), lasting),
        "half": lambda: (date(year, 6 * when.n - 5, 1), lasting),
        "months": lambda: (date(year, 1, 1), lasting),
    }
    return _days(when, *starts[kind]()) if kind in starts else when


def apart(one: When, other: When) -> bool:
    """Whether two periods are known to share no day."""
    if one.first is None or other.first is None or one.last is None or other.last is None:
        return False
    return one.last < other.first or other.last < one.first


def _days(when: When, start: date, months: int) -> When:
    years, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return replace(when, first=start, last=date(years, month + 1, 1) - timedelta(days=1))


def _nearest_year(month: int, anchor: date | None) -> int | None:
    if anchor is None:
        return None
    return anchor.year if month <= anchor.month else anchor.year - 1


def _made(at: At, start: int, end: int, kind: str, **fields: int) -> When:
    shown = at.shown[start:end].strip()
    return When(
        at.paragraph,
        at.sentence,
        start + at.offset,
        end + at.offset,
        shown,
        kind,
        **fields,  # type: ignore[arg-type]
    )


def _dates(at: At) -> Iterator[When]:
    for found in _DATE.finditer(at.text):
        day, month, year = (int(part) for part in found.groups())
        made = _made(at, *found.span(), "day", month=month, year=year, n=day)
        try:
            yield replace(made, first=date(year, month, day), last=date(year, month, day))
        except ValueError:
            yield replace(made, kind="no_day")


def _spans(at: At) -> Iterator[When]:
    labelled = {found.start() for run in labelled_years(at.text) for found in run}
    for found in _SPAN.finditer(at.text):
        if found.start(1) in labelled:
            continue
        first, last = int(found[1]), int(found[2])
        if abs(last - first) > 30:
            continue
        made = _made(at, *found.span(), "years", year=first, n=last)
        if first <= last:
            made = replace(made, first=date(first, 1, 1), last=date(last, 12, 31))
        yield made


def _years(at: At, numbers: Sequence[Number]) -> Iterator[When]:
    for one in numbers:
        if one.kind == "year":
            year = int(one.value)
            made = _made(at, one.start - at.offset, one.end - at.offset, "year", year=year)
            yield replace(made, first=date(year, 1, 1), last=date(year, 12, 31))


def _relative(at: At, of: Words) -> Iterator[When]:
    for kind in RELATIVE:
        for start, end in of.find(f"periods.{kind}", at.text):
            yield _made(at, start, end, kind)


def _months(at: At, of: Words, numbers: Sequence[Number]) -> Iterator[When]:
    """Months with the year and the day that stand beside them."""
    years = [one for one in numbers if one.kind == "year"]
    for month, pattern in enumerate(_month_patterns(of.language), start=1):
        for found in pattern.finditer(at.text):
            if of.language == "en" and not _english_month(at, found):
                continue
            yield _month(at, of, years, month, found)


def _month(at: At, of: Words, years: Sequence[Number], month: int, found: re.Match[str]) -> When:
    start, end, year, day = found.start(), found.end(), 0, 0
    head = _DAYS_OF.search(at.text[:start])
    if head is not None and 1 <= int(head[1]) <= 31:
        day, start = int(head[1]), head.start()
    elif of.language == "en" and (tail := _ENGLISH_DAY.match(at.text[end:])) is not None:
        day, end = int(tail[1]), end + tail.end(2)
    for one in years:
        left, right = one.start - at.offset, one.end - at.offset
        if left - end >= 0 and re.fullmatch(r"\s*" + _YEAR_GLUE + r"\s*", at.text[end:left]):
            year, end = int(one.value), right
        elif (
            start - right >= 0
            and re.fullmatch(
                r"\s*[-–]?(?:ж\.?|жылғы|жылы|жылдың|жылдағы|жыл)?\s*(?:\(?)\s*(?:(?:бүкіл|толық|барлық)\s+|\d{1,2}\s*[–-]\s*)?",
                at.text[right:start],
            )
            and of.language == "kk"
        ):
            year, start = int(one.value), left
    kind = "month"
    year, start, end, kind = _beside(at, of, year, start, end)
    made = _made(at, start, end, kind, month=month, year=max(year, 0), n=day)
    return _on_day(made, day) if day and year > 0 else made


def _beside(at: At, of: Words, year: int, start: int, end: int) -> tuple[int, int, int, str]:
    """A month of "this year" or "last year"."""
    if year:
        return year, start, end, "month"
    for kind, told in (("last_year", "month_last"), ("this_year", "month_this")):
        for left, right in of.find(f"periods.{kind}", at.text):
            after = 0 <= left - end <= 4 or (0 <= left - end <= 8 and " of " in at.text[end:left])
            if after or 0 <= start - right <= 3:
                return 0, min(start, left), max(end, right), told
    return 0, start, end, "month"


def _on_day(when: When, day: int) -> When:
    try:
        exact = date(when.year, when.month, day)
    except ValueError:
        return replace(when, kind="no_day")
    return replace(when, kind="day", first=exact, last=exact)


def _english_month(at: At, found: re.Match[str]) -> bool:
    if not at.shown[found.start()].isupper():
        return False
    if found[0] not in ("may", "march", "mar"):
        return True
    head = at.text[: found.start()].rstrip()
    return re.search(r"(?:in|since|of|from|to|by|until|and|for|[–—-]|\d)$", head) is not None or (
        re.match(r"\s+\d{4}", at.text[found.end() :]) is not None
    )


def _parts(at: At, of: Words) -> Iterator[When]:
    """Quarters, halves, and the first months of a year."""
    for kind, group in (("quarter", "ordinals"), ("half", "halves")):
        for n, name in enumerate(of.group(f"periods.{group}"), start=1):
            unit = "(?:" + "|".join(word_pattern(w) for w in of.group(f"periods.{kind}")) + ")"
            first = name.replace("*", r"\w*").replace("-", r"-\w+")
            tail = r"(?:\s*(?:of\s+|года?\s+)?((?:19|20|21)\d\d)(?!\d))?"
            head = r"(?:((?:19|20|21)\d\d)\s*(?:жылғы|жылдың|ж\.?)\s*)?"
            glue = r"(?:-?(?:й|ый|го|ом|ші|шi|st|nd))?\s*"
            for found in re.finditer(rf"{head}(?<!\w)(?:{first}){glue}{unit}{tail}", at.text):
                year = int(found[1] or found[2] or 0)
                made = _made(at, *found.span(), kind, n=n, year=year)
                size = 3 if kind == "quarter" else 6
                yield _days(made, date(year, (n - 1) * size + 1, 1), size) if year else made
    for found in _MONTHS_OF.finditer(at.text):
        n = _SMALL.get(found[1]) or int(found[1] if found[1].isdigit() else 0)
        if not 2 <= n <= 12:
            continue
        year = _year_beside(at.text, *found.span())
        if year:
            yield _days(_made(at, *found.span(), "months", n=n, year=year), date(year, 1, 1), n)


def _year_beside(text: str, start: int, end: int) -> int:
    after = re.match(r"\s*(?:of\s+)?(20\d\d)(?!\d)", text[end:])
    before = re.search(r"(20\d\d)\s*(?:жылдың|жылғы|ж\.?)\s*(?:алғашқы\s+)?$", text[:start])
    found = after or before
    return int(found[1]) if found else 0


def _lasting(at: At, of: Words, numbers: Sequence[Number]) -> Iterator[When]:
    """As in "In the last 7 years"."""
    for one in numbers:
        if one.kind != "span" or one.unit not in ("year", "month") or one.value.denominator != 1:
            continue
        start, end = one.start - at.offset, one.end - at.offset
        head = at.text[:start]
        if one.unit == "month" and _year_beside(at.text, start, end):
            continue
        if (found := of.ends("periods.last_n", head)) is not None:
            kind = "last_n" if one.unit == "year" else "last_n_months"
            yield _made(at, found.start(), end, kind, n=int(one.value))


@cache
def _month_patterns(language: str) -> tuple[re.Pattern[str], ...]:
    listed = words(language).group("months")
    return tuple(
        re.compile("(?:" + "|".join(word_pattern(one) for one in stem.split("|")) + ")")
        for stem in listed
    )


def days_in(year: int, month: int) -> int:
    """Days of a month."""
    return calendar.monthrange(year, month)[1]
