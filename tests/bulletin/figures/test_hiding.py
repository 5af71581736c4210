"""Small cells: nobody is found by subtraction. What is hidden is checked by an oracle of its own:
linear programming over everything that the shown table tells."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog

from qalqan.bulletin.figures import hiding
from qalqan.bulletin.figures.hiding import LEAST, Shown, shown

COUNTS = st.integers(1, 5).flatmap(
    lambda columns: st.lists(
        st.lists(st.sampled_from([0, 0, 1, 2, 3, 4, 5, 6, 9, 40]), min_size=columns,
                 max_size=columns),
        min_size=1, max_size=5,
    )
)  # fmt: skip


def table(numbers: list[list[int]]) -> dict[tuple[str, str], int]:
    return {(f"r{r}", f"c{c}"): n for r, row in enumerate(numbers) for c, n in enumerate(row)}


def ranges(found: Shown) -> dict[tuple[str, str], tuple[float, float]]:
    """Between which numbers each hidden cell may lie, for somebody who has the table."""
    places = sorted(found.hidden)
    sums, right = [], []
    for side, totals in ((0, found.row_totals), (1, found.column_totals)):
        for name, total in totals.items():
            shown_there = sum(n for place, n in found.cells.items() if place[side] == name)
            sums.append([float(place[side] == name) for place in places])
            right.append(total - shown_there)
    answer = {}
    for number, place in enumerate(places):
        ends = []
        for sign in (1, -1):
            goal = np.zeros(len(places))
            goal[number] = sign
            ends.append(sign * linprog(goal, A_eq=sums, b_eq=right, bounds=(0, None)).fun)
        answer[place] = (ends[0], ends[1])
    return answer


@given(COUNTS)
@settings(max_examples=60)
def test_no_small_cell_can_be_worked_out(numbers: list[list[int]]) -> None:
    counts = table(numbers)
    found = shown(counts)
    if found is None:
        return
    assert all(n == 0 or n >= LEAST for n in found.cells.values())
    for low, high in ranges(found).values():
        # others may be hidden for its sake and stand fast: none and many tell of nobody
        assert high - low > 0.5 or high > LEAST - 0.5 or high < 0.5


@given(COUNTS)
@settings(max_examples=60)
def test_totals_are_those_of_everybody(numbers: list[list[int]]) -> None:
    counts = table(numbers)
    found = shown(counts)
    if found is None:
        return
    assert found.total == sum(counts.values()) == sum(found.row_totals.values())
    assert sum(found.column_totals.values()) == found.total
    assert min(*found.row_totals.values(), *found.column_totals.values()) >= LEAST


def test_a_lone_small_cell_takes_others_with_it() -> None:
    found = shown(table([[3, 20, 30], [15, 25, 35], [40, 50, 60]]))
    assert found is not None
    assert ("r0", "c0") in found.hidden
    assert len(found.hidden) >= 4  # a rectangle at least, or a total would tell it


def test_nothing_is_hidden_where_nothing_is_small() -> None:
    found = shown(table([[5, 20], [15, 0]]))
    assert found is not None
    assert not found.hidden


def test_small_rows_are_put_together_and_too_few_people_are_no_table() -> None:
    found = shown(table([[1, 2], [2, 1], [30, 40]]))
    assert found is not None
    assert found.rows == ("r2", hiding.OTHERS)
    assert found.row_totals[hiding.OTHERS] == 6
    assert shown(table([[1, 2]])) is None
    assert shown({}) is None
