"""A change credited to a measure, with nothing to compare it with (REQ-85)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from qalqan.bulletin.claims.claim import Change
from qalqan.bulletin.claims.problem import Kind, Problem
from qalqan.bulletin.claims.seen import Seen
from qalqan.bulletin.claims.sentence import Sentence

CAUSE = Kind("cause.no_comparison", "unsound", ("REQ-85",))
DISPLACED = Kind("cause.displaced", "unsound", ("REQ-8", "REQ-85"))
KINDS = (CAUSE, DISPLACED)


def find(seen: Seen) -> Iterator[Problem]:
    """Sentences that read a cause into a change."""
    for sentence in seen.reading.sentences:
        causes = sentence.words.find("claims.cause", sentence.text)
        if not causes or not sentence.has("claims.measure") or _compared(seen, sentence):
            continue
        for change in seen.changes:
            own = (change.new.paragraph, change.new.sentence) == (
                sentence.paragraph,
                sentence.index,
            )
            if own and change.direction:
                yield _problem(seen, sentence, change, causes[0])
                break
        else:
            yield from _told_alone(seen, sentence, causes[0])


def _told_alone(seen: Seen, sentence: Sentence, cause: tuple[int, int]) -> Iterator[Problem]:
    """As in "Thanks to the campaign, fraud fell by 12 %": a change without its two values."""
    for told in sentence.figures:
        if told.kind in ("percent", "times", "points") and sentence.direction(told):
            paragraph = seen.reading.paragraphs[sentence.paragraph]
            start = cause[0] + sentence.offset
            yield CAUSE.over(
                paragraph,
                sentence.index,
                min(start, told.start),
                max(told.end, cause[1] + sentence.offset),
                told=told,
            )
            return


def _compared(seen: Seen, sentence: Sentence) -> bool:
    paragraph = seen.reading.paragraphs[sentence.paragraph]
    return any(s.has("claims.comparison") for s in paragraph.sentences)


def _problem(seen: Seen, sentence: Sentence, change: Change, cause: tuple[int, int]) -> Problem:
    paragraph = seen.reading.paragraphs[sentence.paragraph]
    start = min(cause[0] + sentence.offset, change.new.start, change.old.start)
    end = max(change.new.end, change.old.end, change.told.end if change.told else 0)
    place = (paragraph, sentence.index, start, end)
    told = change.told or change.new
    rest = _rest(seen, sentence, change)
    if rest is None:
        return CAUSE.over(*place, told=told)
    old, new = rest
    return DISPLACED.over(*place, told=told, old=old, new=new, reckoned=(new - old) * 100 / old)


def _rest(seen: Seen, sentence: Sentence, change: Change) -> tuple[Fraction, Fraction] | None:
    """All other cases before and after, where the text gives the totals of both years and the
    others went the other way."""
    years = sorted({w.year for w in sentence.whens if w.kind == "year"})
    if len(years) != 2:
        return None
    wholes = [_whole(seen, year) for year in years]
    if wholes[0] is None or wholes[1] is None:
        return None
    old, new = wholes[0] - change.old.value, wholes[1] - change.new.value
    opposite = (new - old) * (change.new.value - change.old.value) < 0
    return (old, new) if old > 0 and new > 0 and opposite else None


def _whole(seen: Seen, year: int) -> Fraction | None:
    """The total of a year: of a series; else what is a whole of parts of that year, at the
    least."""
    for series in seen.series:
        for point in series.points:
            if point.label.kind == "year" and point.label.year == year and point.value:
                return point.value.value
    listed = [s for s in seen.series if s.kind == "year"]
    if not listed:
        return None
    last = [p.value for p in listed[0].points if p.value][-1]
    for share in seen.shares:
        when = seen.reading.when(share.whole)
        for one in (share.whole, share.part):
            if (
                when is not None
                and when.year == year
                and last.value / 2 < one.value < last.value * 2
            ):
                return one.value
    return None
