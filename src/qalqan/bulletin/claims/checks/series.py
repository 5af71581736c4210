"""Claims against a printed series: every year, so many times, for so many years (REQ-2, 3, 79,
80)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from fractions import Fraction

from qalqan.bulletin.claims.claim import Point, Series
from qalqan.bulletin.claims.compared import is_by
from qalqan.bulletin.claims.mention import Number, agrees
from qalqan.bulletin.claims.problem import Kind, Problem
from qalqan.bulletin.claims.seen import Seen
from qalqan.bulletin.claims.sentence import Sentence

MISSING = Kind("series.missing", "false", ("REQ-79",))
LABEL = Kind("series.label", "false", ("REQ-79",))
EVERY = Kind("series.every", "false", ("REQ-3", "REQ-80"))
TIMES = Kind("series.times", "false", ("REQ-2", "REQ-86a"))
TIMES_UNLESS = Kind("series.times_unless", "false", ("REQ-2", "REQ-86a"))
LENGTH = Kind("series.length", "false", ("REQ-2",))
KINDS = (MISSING, LABEL, EVERY, TIMES, TIMES_UNLESS, LENGTH)

_NEAR_PARAGRAPHS = 6
_NEAR_LETTERS = 32


def find(seen: Seen) -> Iterator[Problem]:
    """What a series lacks, and what the text says of it in vain."""
    for series in seen.series:
        yield from _points(seen, series)
        yield from _growth(seen, series)
        yield from _length(seen, series)
    for sentence in seen.reading.sentences:
        yield from _every(seen, sentence)


def _points(seen: Seen, series: Series) -> Iterator[Problem]:
    valued = [p for p in series.points if p.value is not None]
    for point in series.points:
        if point.value is None:
            before = valued[-1].label if valued else point.label
            yield MISSING.at(seen.reading, point.label, before, label=point.label.text)
    if series.kind != "year":
        return
    years = [p.label.year for p in series.points]
    for at, (one, other) in enumerate(itertools.pairwise(years)):
        usual = years[1] - years[0] if at else years[-1] - years[-2]
        if other - one != usual and abs(other - one) > 5 * abs(usual):
            label = series.points[at + 1].label
            yield LABEL.at(seen.reading, label, label=label.text, expected=str(one + usual))


def _growth(seen: Seen, series: Series) -> Iterator[Problem]:
    """A ratio told in the sentence of the series: of its first to its last value."""
    valued = [p.value for p in series.points if p.value is not None]
    sentence = seen.reading.sentence_of(series.points[0].label)
    if not sentence.figures or not valued[0].value:
        return
    for told in sentence.figures:
        if not is_by(sentence, told) or told in valued or told.kind not in ("times", "percent"):
            continue
        way = sentence.direction(told)
        if any(_fits(told, a, b, way) for a, b in _pairs(told, valued)):
            continue
        other = _completing(seen, series, told, valued, way)
        values: dict[str, Number | Fraction] = {
            "told": told,
            "first": valued[0],
            "last": valued[-1],
            "reckoned": _size(told, valued[0].value, valued[-1].value),
        }
        if other is not None:
            fuller = _size(told, valued[0].value, other.value)
            yield TIMES_UNLESS.at(seen.reading, told, *valued, other=other, fuller=fuller, **values)
        elif told.kind == "times" or len(valued) >= 3:
            yield TIMES.at(seen.reading, told, *valued, **values)


def _pairs(told: Number, valued: Sequence[Number]) -> list[tuple[Number, Number]]:
    """A ratio is of the ends; a percent may be of any step."""
    ends = [(valued[0], valued[-1])]
    return ends if told.kind == "times" else [*ends, *itertools.pairwise(valued)]


def _size(told: Number, first: Fraction, last: Fraction) -> Fraction:
    return (
        max(first, last) / min(first, last)
        if told.kind == "times"
        else (last - first) * 100 / first
    )


def _fits(told: Number, first: Number, last: Number, way: int) -> bool:
    size = _size(told, first.value, last.value)
    if told.kind == "percent":
        return agrees(told, abs(size), abs(size)) and (way == 0 or (size > 0) == (way > 0))
    return agrees(told, size, size) and (way == 0 or (last.value > first.value) == (way > 0))


def _completing(
    seen: Seen, series: Series, told: Number, valued: Sequence[Number], way: int
) -> Number | None:
    """A number elsewhere in the text for the label that lacks its value, with which it holds."""
    years = [p.label.year for p in series.points if p.value is not None]
    if series.kind != "year" or len(years) == len(series.points):
        return None
    for one in seen.reading.numbers:
        when = seen.reading.when(one)
        alike = (
            one.kind == valued[-1].kind and valued[-1].value / 2 < one.value < valued[-1].value * 2
        )
        dated = when is not None and when.kind == "year" and when.year == years[-1] + 1
        if alike and dated and _fits(told, valued[0], one, way):
            return one
    return None


def _length(seen: Seen, series: Series) -> Iterator[Problem]:
    """As in "In the last 5 years" before a series of seven."""
    if series.kind != "year":
        return
    sentence = seen.reading.sentence_of(series.points[0].label)
    count = len(series.points)
    for when in sentence.whens:
        if (
            when.kind == "last_n"
            and when.n not in (count, count - 1)
            and when.end <= series.points[0].label.start
        ):
            yield LENGTH.at(seen.reading, when, told=when.text, n=count)


def _every(seen: Seen, sentence: Sentence) -> Iterator[Problem]:
    """As in "Rises every year" against the series nearest to it."""
    for start, end in sentence.words.find("directions.every", sentence.text):
        way = _way(sentence, start, end)
        if way == 0:
            continue
        series = _nearest(seen, sentence)
        if series is None:
            return
        broken = list(_broken(series.points, way))
        if broken:
            first, last = broken[0]
            assert first.value
            assert last.value
            paragraph = seen.reading.paragraphs[sentence.paragraph]
            yield EVERY.over(
                paragraph,
                sentence.index,
                start + sentence.offset,
                end + sentence.offset,
                first=first.label.text,
                last=last.label.text,
                old=first.value,
                new=last.value,
                reckoned=(last.value.value - first.value.value) * 100 / first.value.value,
            )
        return


def _way(sentence: Sentence, start: int, end: int) -> int:
    best, way = _NEAR_LETTERS, 0
    for name, sign in (("rise", 1), ("fall", -1)):
        for left, right in sentence.words.find(f"directions.{name}", sentence.text):
            gap = start - right if right <= start else left - end
            if 0 <= gap < best:
                best, way = gap, sign
    return way


def _nearest(seen: Seen, sentence: Sentence) -> Series | None:
    def far(series: Series) -> int:
        return abs(series.points[0].label.paragraph - sentence.paragraph)

    near = [s for s in seen.series if far(s) <= _NEAR_PARAGRAPHS]
    return min(near, key=far, default=None)


def _broken(points: Sequence[Point], way: int) -> Iterator[tuple[Point, Point]]:
    valued = [p for p in points if p.value is not None]
    if (
        valued
        and valued[0].label.first
        and valued[-1].label.first
        and valued[0].label.first > valued[-1].label.first
    ):
        valued.reverse()
    for first, last in itertools.pairwise(valued):
        assert first.value
        assert last.value
        if (last.value.high < first.value.low) if way > 0 else (last.value.low > first.value.high):
            yield first, last
