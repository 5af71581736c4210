"""Small cells hidden so that nobody is found by subtraction (REQ-71, 78).

A table of counts goes out with its totals. Cells under `LEAST` are hidden; since a total less what
is shown would tell them, others are hidden beside them until no small one can be worked out. Which
ones are safe is decided exactly: hidden cells with fixed totals are flows in a bipartite graph of
rows and columns, and a cell can be another number precisely if there is a cycle through it along
which one person more here and one less there changes no total and makes nothing negative.

Rows and columns that are small as a whole are first put together under `OTHERS`; where all of them
are small, the table is not shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

LEAST = 5
"""Fewer people or records than this are not told of (REQ-71, design/README.md; the custom of
statistical offices)."""
OTHERS = "*"
"""What small rows or columns are put together under."""
Cell = tuple[str, str]


@dataclass(frozen=True)
class Shown:
    """A table that may leave the house; a hidden cell stands in `hidden` and not in `cells`."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: Mapping[Cell, int]
    hidden: frozenset[Cell]
    row_totals: Mapping[str, int]
    column_totals: Mapping[str, int]
    total: int


def covered(counts: Mapping[str, int]) -> set[str]:
    """Names to hide in a list whose total is known: the small ones, and the next smallest with them
    until what is hidden, which can be reckoned together, is neither small nor just one each."""
    small = {name for name, n in counts.items() if n < LEAST}
    rest = sorted((n, name) for name, n in counts.items() if name not in small)
    while small and rest and not _is_crowd([counts[name] for name in small]):
        small.add(rest.pop(0)[1])
    return small


def _is_crowd(counts: Sequence[int]) -> bool:
    return sum(counts) >= LEAST and sum(counts) > sum(n > 0 for n in counts)


def shown(counts: Mapping[Cell, int]) -> Shown | None:
    """The table with what must be hidden hidden; None: too few people for any table."""
    rows, columns = _merged(counts, 0), _merged(counts, 1)
    cells: dict[Cell, int] = {}
    for (row, column), n in counts.items():
        place = rows.get(row, OTHERS), columns.get(column, OTHERS)
        cells[place] = cells.get(place, 0) + n
    row_totals, column_totals = _totals(cells, 0), _totals(cells, 1)
    total = sum(cells.values())
    if min((*row_totals.values(), *column_totals.values(), total), default=0) < LEAST:
        return None
    whole = {(r, c): cells.get((r, c), 0) for r in row_totals for c in column_totals}
    hidden = _hidden(whole)
    return Shown(
        rows=tuple(row_totals),
        columns=tuple(column_totals),
        cells={place: n for place, n in whole.items() if place not in hidden},
        hidden=hidden,
        row_totals=row_totals,
        column_totals=column_totals,
        total=total,
    )


def _totals(cells: Mapping[Cell, int], side: int) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, n in cells.items():
        found[place[side]] = found.get(place[side], 0) + n
    return dict(sorted(found.items(), key=lambda it: (it[0] == OTHERS, it[0])))


def _merged(counts: Mapping[Cell, int], side: int) -> dict[str, str]:
    """Names of a side to what they are shown under: the small ones together, and the smallest of
    the others with them while they are too few."""
    totals = _totals(counts, side)
    small = covered(totals)
    return {name: OTHERS if name in small else name for name in totals}


def _hidden(cells: Mapping[Cell, int]) -> frozenset[Cell]:
    hidden = {place for place, n in cells.items() if 0 < n < LEAST}
    small = sorted(hidden)
    while bare := [place for place in small if not _is_open(cells, hidden, place)]:
        hidden.add(_next(cells, hidden, bare[0]))
    return frozenset(hidden)


def _next(cells: Mapping[Cell, int], hidden: set[Cell], bare: Cell) -> Cell:
    """The cell to hide for a bare one: what covers it at once, else one of its row or column, the
    smallest that has anybody; then any. There is always one: totals are large enough, so that with
    all hidden none is bare."""
    row, column = bare
    left = [place for place in cells if place not in hidden]
    return min(
        left,
        key=lambda p: (
            not _is_open(cells, hidden | {p}, bare),
            p[0] != row and p[1] != column,
            cells[p] == 0,
            cells[p],
            p,
        ),
    )


def _is_open(cells: Mapping[Cell, int], hidden: set[Cell], place: Cell) -> bool:
    """Whether the cell may be one less, or one more, for all that the shown ones tell."""
    row, column = place
    others = hidden - {place}
    return _reaches(cells, others, ("r", row), ("c", column)) or _reaches(
        cells, others, ("c", column), ("r", row)
    )


def _reaches(
    cells: Mapping[Cell, int], hidden: set[Cell], start: tuple[str, str], end: tuple[str, str]
) -> bool:
    """Along steps that go up from a row to a column, and down, where somebody is, back."""
    seen, asked = {start}, [start]
    while asked:
        side, name = asked.pop()
        for row, column in hidden:
            if side == "r" and row == name:
                step = ("c", column)
            elif side == "c" and column == name and cells[row, column] > 0:
                step = ("r", row)
            else:
                continue
            if step not in seen:
                seen.add(step)
                asked.append(step)
    return end in seen
