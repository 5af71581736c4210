"""Small cells are hidden: fewer than five people or crimes in a part are nobody's to find.

A part of a table (a region, a method) that was counted from one to four records is hidden, each
figure by its own number of records, and others beside it as `figures.hiding` decides. One mark
stands for all of them: a second one, which told the small from what is hidden beside them, would
narrow the small again (two parts of fewer than five that add up to eight are four and four).

Tables of parts are of whole months that are over, and of quarters and years, where a part is hidden
if one of its months is: so they tell nothing of parts that the months don't. Totals of the whole
population are shown, of any period.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product

from qalqan.bulletin.figures import hiding
from qalqan.bulletin.figures.book import Book
from qalqan.bulletin.figures.definitions import definition
from qalqan.bulletin.figures.kept import part_of
from qalqan.model.figure import Figure
from qalqan.model.period import Period

Key = tuple[str, tuple[tuple[str, str], ...], str]
"""Of a figure: code, part, period."""
WHOLE = ("month", "quarter", "year")
"""Kinds of period that parts are shown of."""


def may_split(period: Period, now_us: int, simulated: bool) -> bool:
    """Whether parts of a period are shown at all: counts of a period that runs, laid beside those
    of an hour ago, tell when and where a report came. In a simulated centre there is nobody to
    find, and the month that runs may be all that there is."""
    return period.kind in WHOLE and (period.to_us <= now_us or simulated)


def hidden(figures: Iterable[Figure]) -> frozenset[Key]:
    """Keys of those figures of one table of a month that are not to be shown: same definition, same
    period, parts by one column that make up a whole."""
    counted = {part_of(f.by): f for f in figures if f.by and f.n}
    small = hiding.covered({part: f.n or 0 for part, f in counted.items()})
    return frozenset(counted[part].key for part in small)


def hidden_parts(book: Book, code: str, period: Period, columns: Sequence[str]) -> frozenset[str]:
    """The parts (as `part_of` writes them) by one column or two that are hidden of a figure: its
    own, and those of what it is reckoned from, in any month of the period."""
    of = definition(code)
    rests_on = {of.part or code} | (set() if of.of_all or not of.whole else {of.whole})
    months = period.parts("month")
    found: set[str] = set()
    for each in sorted(rests_on):
        if definition(each).kind == "counted":
            told = book.figures(each, months, columns)
            for month in months:
                found |= _small([f for f in told if f.period == month and f.n], columns)
    return frozenset(found)


def _small(figures: Sequence[Figure], columns: Sequence[str]) -> set[str]:
    if len(columns) == 1:
        return hiding.covered({part_of(f.by): f.n or 0 for f in figures})
    first, second = columns
    counts = {(f.by[first], f.by[second]): f.n or 0 for f in figures}
    found = hiding.shown(counts)
    places = product({row for row, _ in counts}, {column for _, column in counts})
    return {
        part_of(dict(zip(columns, place, strict=True)))
        for place in places
        if found is None or place not in found.cells
    }
