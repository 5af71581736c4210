"""Money adds up to the last unit, however it is shared (DESIGN section 7)."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from qalqan.model.money import MAX_MINOR, MINOR_DIGITS, Money, apportion

units = st.integers(0, MAX_MINOR)
weights = st.lists(units, min_size=1, max_size=12)


@given(units, weights)
def test_parts_add_up_and_none_is_a_unit_from_its_due(total: int, shares: list[int]) -> None:
    assume(sum(shares) or not total)
    parts = apportion(total, shares)
    assert sum(parts) == total
    for part, weight in zip(parts, shares, strict=True):
        due = Fraction(total * weight, sum(shares) or 1)
        assert part >= 0
        assert abs(part - due) < 1
        assert part == 0 or weight > 0


@given(st.integers(0, 10**6), st.lists(st.integers(0, 50), min_size=1, max_size=8))
def test_nobody_gets_more_than_the_own_units_while_there_is_less(
    total: int, shares: list[int]
) -> None:
    total = min(total, sum(shares))
    assert all(
        part <= weight for part, weight in zip(apportion(total, shares), shares, strict=True)
    )


@given(units, weights)
def test_a_heavier_weight_never_gets_less(total: int, shares: list[int]) -> None:
    assume(sum(shares) or not total)
    parts = apportion(total, shares)
    pairs = sorted(zip(shares, parts, strict=True))
    assert [part for _, part in pairs] == sorted(parts)


def test_ties_go_to_the_earlier_weight() -> None:
    assert apportion(2, [1, 1, 1]) == [1, 1, 0]
    assert apportion(100, [1, 1, 1]) == [34, 33, 33]


def test_nothing_among_nobody_is_nothing() -> None:
    assert apportion(0, []) == []
    assert apportion(0, [0, 0]) == [0, 0]


@pytest.mark.parametrize(("total", "shares"), [(1, []), (1, [0]), (-1, [1]), (1, [2, -1])])
def test_what_can_not_be_shared(total: int, shares: list[int]) -> None:
    with pytest.raises(ValueError, match="can't share"):
        apportion(total, shares)


def test_currencies_do_not_add_up() -> None:
    assert Money(5, "KZT") + Money(7, "KZT") - Money(2, "KZT") == Money(10, "KZT")
    with pytest.raises(ValueError, match="KZT and USD"):
        Money(5, "KZT") + Money(5, "USD")


def test_the_largest_sum_fits_many_times_into_a_machine_word() -> None:
    assert 9_000 * MAX_MINOR < 2**63
    assert MINOR_DIGITS["KZT"] == 2
