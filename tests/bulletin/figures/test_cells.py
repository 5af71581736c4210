from hypothesis import given
from hypothesis import strategies as st

from counted import Register
from qalqan.bulletin.figures.cells import hidden, hidden_parts, may_split
from qalqan.bulletin.figures.hiding import LEAST
from qalqan.model.figure import Figure
from qalqan.model.period import parse

MONTH = parse("2026-10")
"""Over, in a register of November."""


def table(counts: list[int]) -> list[Figure]:
    return [
        Figure("thefts.reported", MONTH, n, "reports", {"region": f"KZ-{i}"}, n=n)
        for i, n in enumerate(counts)
    ]


@given(st.lists(st.integers(0, 30), min_size=1, max_size=20))
def test_no_hidden_cell_can_be_reckoned_from_the_others(counts: list[int]) -> None:
    figures = table(counts)
    keys = hidden(figures)
    covered = [f.n for f in figures if f.key in keys]
    assert all(f.key in keys for f in figures if 0 < f.n < LEAST)
    assert all(covered)
    if covered and len(covered) < sum(n > 0 for n in counts):
        # what the total less the shown tells: a sum that is not small, and not one of each
        assert sum(covered) >= LEAST
        assert len(covered) > 1
        assert sum(covered) > len(covered)


def test_a_whole_is_shown_however_small() -> None:
    assert hidden([Figure("thefts.reported", MONTH, 2, "reports", n=2)]) == frozenset()


def test_a_lone_small_cell_takes_the_next_smallest_with_it() -> None:
    figures = table([3, 40, 12, 0, 9])
    assert {f.value for f in figures if f.key in hidden(figures)} == {3, 9}


def test_two_ones_beside_a_total_that_tells_them_take_a_third_with_them() -> None:
    figures = table([50, 1, 1])
    assert {f.value for f in figures if f.key in hidden(figures)} == {50, 1}


def test_parts_are_of_whole_periods_that_are_over(register: Register) -> None:
    now = register.clock.now_us()  # 24 November
    assert may_split(MONTH, now, simulated=False)
    assert may_split(parse("2026-Q3"), now, simulated=False)
    for running in ("2026-11", "2026", "2026-10-01..2026-10-20", "2026-10-05"):
        assert not may_split(parse(running), now, simulated=False)
    assert may_split(parse("2026-11"), now, simulated=True)


def test_a_part_that_a_month_hides_is_hidden_in_the_year(register: Register) -> None:
    """Or the year less eleven months would tell the twelfth."""
    for month in ("09", "10"):
        for region, n in (("KZ-75", 9), ("KZ-71", 8), ("KZ-35", 3 if month == "10" else 7)):
            for at in range(n):
                register.report(f"2026-{month}-{at + 1:02d} 12:00", 1, region=region)
    with register.book() as book:
        small = {"region=KZ-35", "region=KZ-71"}
        region = ("region",)
        assert hidden_parts(book, "thefts.reported", parse("2026-09"), region) == set()
        assert hidden_parts(book, "thefts.reported", MONTH, region) == small
        assert hidden_parts(book, "thefts.reported", parse("2026"), region) == small


def test_a_ratio_is_hidden_with_what_it_is_reckoned_from(register: Register) -> None:
    for n in range(18):
        region, currency = ("KZ-75", "KZ-71")[n % 2], "KZT" if n % 2 or n < 4 else "USD"
        register.report(f"2026-10-{n + 1:02d} 12:00", 1, region=region, currency=currency)
    with register.book() as book:
        assert hidden_parts(book, "thefts.reported", MONTH, ("region",)) == set()
        assert hidden_parts(book, "loss.mean", MONTH, ("region",)) == {
            "region=KZ-75", "region=KZ-71",
        }  # fmt: skip
