from hypothesis import given
from hypothesis import strategies as st

from qalqan.bulletin.figures.cells import LEAST, hidden
from qalqan.model.figure import Figure
from qalqan.model.period import parse

MONTH = parse("2026-10")


def table(counts: list[int]) -> list[Figure]:
    return [
        Figure("thefts.reported", MONTH, n, "reports", {"region": f"KZ-{i}"}, n=n)
        for i, n in enumerate(counts)
    ]


@given(st.lists(st.integers(0, 30), min_size=2, max_size=20))
def test_no_hidden_cell_can_be_reckoned_from_the_others(counts: list[int]) -> None:
    figures = table(counts)
    keys = hidden(figures)
    covered = [f for f in figures if f.key in keys]
    assert all(f.key in keys for f in figures if 0 < f.n < LEAST)
    if any(f.n >= LEAST for f in figures):
        assert len(covered) != 1
    assert all(f.value for f in covered)


def test_a_whole_is_shown_however_small() -> None:
    assert hidden([Figure("thefts.reported", MONTH, 2, "reports", n=2)]) == frozenset()


def test_a_lone_small_cell_takes_the_next_smallest_with_it() -> None:
    figures = table([3, 40, 12, 0, 9])
    assert {f.value for f in figures if f.key in hidden(figures)} == {3, 9}
