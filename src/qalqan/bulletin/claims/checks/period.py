"""Figures without a period, or with a wrong one (REQ-82, 84, 86a)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from fractions import Fraction
from itertools import combinations, pairwise

from qalqan.bulletin.claims.claim import Change
from qalqan.bulletin.claims.compared import is_by
from qalqan.bulletin.claims.mention import Number, When
from qalqan.bulletin.claims.periods import apart
from qalqan.bulletin.claims.problem import Kind, Problem
from qalqan.bulletin.claims.reading import nearest
from qalqan.bulletin.claims.seen import Seen
from qalqan.bulletin.claims.sentence import Sentence, same_kind
from qalqan.bulletin.claims.subject import leads, places

NONE = Kind("period.none", "unsound", ("REQ-86a",))
OPEN = Kind("period.open", "unsound", ("REQ-84",))
YEAR = Kind("period.year_to_date", "unsound", ("REQ-82",))
LARGER = Kind("period.month_larger", "false", ("REQ-82",))
LATE = Kind("period.late", "false", ("REQ-82",))
NO_DAY = Kind("period.no_day", "false", ("REQ-82",))
REVERSED = Kind("period.reversed", "false", ("REQ-82",))
ITSELF = Kind("period.itself", "false", ("REQ-82",))
ORDER = Kind("period.order", "false", ("REQ-82",))
TWO = Kind("period.two", "false", ("REQ-82",))
KINDS = (NONE, OPEN, YEAR, LARGER, LATE, NO_DAY, REVERSED, ITSELF, ORDER, TWO)

LEAST_COUNT = 300
"""Counts below are things that a text lists (four call centres), not what it measures."""
_TOO_MANY = 2
"""So many times what the months gone by would give at January's rate is no year to date."""


def find(seen: Seen) -> Iterator[Problem]:
    """Every figure whose period is missing, open, or can't be."""
    for sentence in seen.reading.sentences:
        yield from _missing(seen, sentence)
        yield from _open(seen, sentence)
        yield from _to_date(seen, sentence)
        yield from _dates(seen, sentence)
        yield from _twice(seen, sentence)
    for change in seen.changes:
        yield from _compared(seen, change)
    yield from _two(seen)


def _missing(seen: Seen, sentence: Sentence) -> Iterator[Problem]:
    if not sentence.has("claims.flow") or sentence.has("claims.future"):
        return
    for one in sentence.sizes:
        large = one.kind == "money" or one.value >= LEAST_COUNT
        if large and leads(sentence, one) and seen.reading.when(one) is None:
            yield NONE.at(seen.reading, one, told=one)
            return


def _open(seen: Seen, sentence: Sentence) -> Iterator[Problem]:
    """As in "This year" in a text without a date of its own."""
    if seen.reading.about is not None or seen.reading.titled:
        return
    for one in sentence.sizes:
        when = nearest(sentence, one)
        if when is not None and when.kind in ("this_year", "since_year_start"):
            yield OPEN.at(seen.reading, one, when, told=one, when=when.text)
            return


def _to_date(seen: Seen, sentence: Sentence) -> Iterator[Problem]:
    """A year to date beside one of its months."""
    pairs = [(n, nearest(sentence, n)) for n in sentence.sizes]
    years = [
        (n, w)
        for n, w in pairs
        if w and w.kind in ("since_year_start", "this_year") and sentence.inside(n.start) == 0
    ]
    months = [
        (n, w)
        for n, w in pairs
        if w and w.kind in ("month", "month_this") and sentence.inside(n.start)
    ]
    if not years or not months:
        return
    (year, when), (month, label) = years[0], months[0]
    if not same_kind(year, month) or (
        when.first and label.first and when.first.year != label.first.year
    ):
        return
    if month.low > year.high:
        yield LARGER.at(seen.reading, year, month, year=year, month=month)
        return
    latest = seen.reading.latest
    if latest is None or not month.value:
        return
    if year.low > month.high * latest.month * _TOO_MANY:
        yield YEAR.at(
            seen.reading,
            year,
            month,
            year=year,
            month=month,
            when=when.text,
            reckoned=Fraction(round(year.value / month.value)),
            n=latest.month,
        )


def _dates(seen: Seen, sentence: Sentence) -> Iterator[Problem]:
    anchor = seen.reading.anchor
    yield from _listed_months(seen, sentence)
    for when in sentence.whens:
        if when.kind == "no_day":
            yield NO_DAY.at(seen.reading, when, told=when.text)
        elif when.kind == "years" and when.n < when.year:
            yield REVERSED.at(seen.reading, when, told=when.text)
        elif anchor is not None and _comes_later(sentence, when, anchor):
            yield LATE.at(seen.reading, when, told=when.text, anchor=anchor.isoformat())


def _comes_later(sentence: Sentence, when: When, anchor: date) -> bool:
    """Whether figures are told of a period that has not begun, and not as a plan."""
    later = when.first is not None and when.first > anchor and when.kind != "years"
    if not later or not sentence.figures or sentence.has("claims.future"):
        return False
    head, tail = sentence.cut(sentence.offset, when.start), sentence.cut(when.end, when.end + 20)
    due = sentence.words.ends("periods.until", head) is not None
    return not (due or re.match(r"\s*(?:жыл\w*\s+|ай\w*\s+)?дейін(?!\w)", tail))


def _listed_months(seen: Seen, sentence: Sentence) -> Iterator[Problem]:
    """Months in a row, one after the other, of which the last has not come yet."""
    months = [w for w in sentence.whens if w.kind == "month" and not w.year and w.month]
    anchor, numbers = seen.reading.anchor, [w.month for w in months]
    if anchor is None or len(months) < 3 or numbers != sorted(set(numbers)) or not sentence.sizes:
        return
    if numbers[-2] <= anchor.month < numbers[-1] and not sentence.has("claims.future"):
        yield LATE.at(seen.reading, months[-1], told=months[-1].text, anchor=anchor.isoformat())


def _compared(seen: Seen, change: Change) -> Iterator[Problem]:
    """A period compared with itself, or with a later one."""
    sentence = seen.reading.sentence_of(change.old)
    if (same := _named_twice(sentence, change)) is not None:
        first, second = same
        yield ITSELF.at(seen.reading, change.old, change.new, old=second.text, new=first.text)
        return
    old, new = _label(sentence, change.old), seen.reading.when(change.new)
    if (
        old is None
        or new is None
        or old.first is None
        or new.first is None
        or not change.sure
        or old == new
    ):
        return
    if change.old.sentence == change.new.sentence and new == _label(sentence, change.old):
        return
    values = {"old": old.text, "new": new.text}
    if (old.first, old.last) == (new.first, new.last):
        yield ITSELF.at(seen.reading, change.old, change.new, **values)
    elif old.first > new.first and old.kind == new.kind:
        yield ORDER.at(seen.reading, change.old, change.new, **values)


def _named_twice(sentence: Sentence, change: Change) -> tuple[When, When] | None:
    """The one period that a sentence names twice beside a change and its two values."""
    dated = [w for w in sentence.whens if w.year and w.month and w.kind == "month"]
    if change.told is None or len(dated) != 2 or len(sentence.sizes) != 2:
        return None
    first, second = dated
    return (first, second) if (first.first, first.last) == (second.first, second.last) else None


def _after(seen: Seen, sentence: Sentence) -> tuple[Sentence, ...]:
    """The next sentence of its paragraph."""
    return seen.reading.paragraphs[sentence.paragraph].sentences[sentence.index + 1 :][:1]


def _twice(seen: Seen, sentence: Sentence) -> Iterator[Problem]:
    """As in "In June 2025 4 467, in June 2025 3 733: a rise of 19.7 %."""
    around = (sentence, *_after(seen, sentence))
    if not any(is_by(s, n) for s in around for n in s.figures):
        return
    labelled = [
        (n, w) for n in sentence.sizes if (w := _label(sentence, n)) is not None and w.first
    ]
    for (first, one), (second, other) in pairwise(labelled):
        alike = (one.first, one.last) == (other.first, other.last) and one.start != other.start
        nouns = sentence.noun_concepts(second)
        if (
            alike
            and same_kind(first, second)
            and (not nouns or nouns == sentence.noun_concepts(first))
        ):
            yield ITSELF.at(seen.reading, first, second, old=other.text, new=one.text)


def _label(sentence: Sentence, one: Number) -> When | None:
    """The period named right before or behind a compared number."""
    whens, figures = sentence.whens, sentence.figures
    if whens and figures and figures[0].start < whens[0].start:  # "12 718 … in April, 8 414 in May"
        whens = tuple(sorted(whens, key=lambda when: when.start < one.start))
    for when in whens:
        if when.kind in ("same_before", "no_day", "years", "last_n"):
            continue
        gap = (
            sentence.cut(when.end, one.start)
            if when.end <= one.start
            else sentence.cut(one.end, when.start)
        )
        gap = re.sub(r",\s*(?:когда|when)\s|(?<!\w)[гж]\.", " ", gap)
        if len(gap.split()) <= 5 and not re.search(r"\d|[,;.]", gap):
            return when
    return None


def _two(seen: Seen) -> Iterator[Problem]:
    """One and the same value told of two periods."""
    told: list[tuple[Number, When, Sentence]] = []
    for sentence in seen.reading.sentences:
        for one in sentence.sizes:
            when = nearest(sentence, one)
            if when is not None and when.first and _precise(one):
                told.append((one, when, sentence))
    for (one, first, here), (other, second, there) in combinations(told, 2):
        alike = one.value == other.value and same_kind(one, other) and one.step == other.step
        if not alike or here == there or not apart(first, second) or first.kind != second.kind:
            continue
        if here.concepts() & there.concepts() and places(seen.reading, here) == places(
            seen.reading, there
        ):
            yield TWO.at(
                seen.reading,
                other,
                second,
                told=other,
                first=first.text,
                second=second.text,
                place=one.paragraph + 1,
            )


def _precise(one: Number) -> bool:
    """Whether the value is too particular to be met twice by chance."""
    return one.exactness == "exact" and one.value >= 100 and (one.value / one.step) % 10 != 0
