from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from months import months
from scipy import stats

from qalqan.bulletin.effects.rates import before_after, dispersion, mid_p
from qalqan.bulletin.effects.results import Verdict
from qalqan.bulletin.effects.series import Month
from qalqan.model.period import parse


def year(code: str, count: int) -> list[Month]:
    return [Month(parse(code), count)]


@given(st.integers(1, 400), st.integers(1, 400), st.floats(0.1, 10))
def test_mid_p_lies_within_the_exact_interval_and_around_the_ratio(
    was: int, now: int, days: float
) -> None:
    low, high = mid_p(was, 1.0, now, days)
    exact = stats.binomtest(now, was + now).proportion_ci(0.95, "exact")
    odds = [share / (1 - share) / days if share < 1 else math.inf for share in exact]
    assert odds[0] <= low < now / was / days < high <= odds[1]


@given(st.integers(1, 200), st.integers(1, 200))
def test_turning_before_and_after_round_turns_the_bounds_round(was: int, now: int) -> None:
    low, high = mid_p(was, 1, now, 1)
    back = mid_p(now, 1, was, 1)
    assert (low, high) == pytest.approx((1 / back[1], 1 / back[0]), rel=1e-6)


def test_the_sources_two_methods_fell_and_say_no_group() -> None:
    found = before_after(year("2022", 6471), year("2023", 4460))
    assert found.point == pytest.approx(4460 / 6471)
    assert found.verdict is Verdict.FELL
    assert "no_group" in found.assumptions
    assert not found.compared


def test_months_that_scatter_widen_the_interval() -> None:
    even = before_after(months("2023-01", [100] * 6), months("2023-07", [90] * 6))
    wild = before_after(
        months("2023-01", [40, 160, 90, 110, 30, 170]),
        months("2023-07", [90, 20, 150, 60, 130, 90]),
    )
    assert (even.method, wild.method) == ("mid_p", "quasi_poisson")
    assert wild.verdict is Verdict.NO_DIFFERENCE
    assert wild.low is not None
    assert even.low is not None
    assert wild.low < even.low


def test_dispersion_is_pearsons_statistic() -> None:
    told = [Month(parse(f"2023-{m:02d}"), c) for m, c in ((1, 80), (3, 120))]
    assert dispersion(told) == pytest.approx((20**2 / 100) * 2)
    assert dispersion(told[:1]) == 1.0


def test_too_little_before_can_not_be_told() -> None:
    found = before_after(year("2022", 4), year("2023", 40))
    assert (found.verdict, found.because) == (Verdict.UNKNOWN, "too_few")


def test_nothing_after_has_a_bound_all_the_same() -> None:
    found = before_after(months("2023-01", [9, 11, 10]), months("2023-04", [0, 0, 0]))
    assert found.low == 0
    assert found.verdict is Verdict.FELL
