from __future__ import annotations

import math

import numpy as np
import pytest
from months import months
from scipy import stats

from qalqan.bulletin.effects import many
from qalqan.bulletin.effects.compared import Cluster, by_cluster, by_month, least_p
from qalqan.bulletin.effects.results import Verdict


def cluster(before: int, after: int) -> Cluster:
    return Cluster(before, after, 365, 365)


def spread(size: int, change: float, draw: np.random.Generator, wide: float = 0.2) -> list[Cluster]:
    return [
        cluster(10**9, int(10**9 * math.exp(change + draw.normal(0, wide)))) for _ in range(size)
    ]


@pytest.mark.parametrize(("reached", "others"), [(5, 9), (1, 22), (4, 4)])
def test_with_clusters_of_one_size_it_is_students_t_test(reached: int, others: int) -> None:
    draw = np.random.default_rng(3)
    mine, theirs = spread(reached, -0.3, draw), spread(others, 0.1, draw)
    found = by_cluster(mine, theirs)
    if reached > 1:
        told = stats.ttest_ind([c.change for c in mine], [c.change for c in theirs])
        low, high = told.confidence_interval(0.95)
        assert found.low == pytest.approx(math.exp(low), rel=1e-4)
        assert found.high == pytest.approx(math.exp(high), rel=1e-4)
    mean = np.mean([c.change for c in mine]) - np.mean([c.change for c in theirs])
    assert found.point == pytest.approx(math.exp(mean), rel=1e-4)
    assert found.compared


def test_a_verdict_needs_the_permutation_test_too() -> None:
    draw = np.random.default_rng(8)
    found = by_cluster(spread(1, -3, draw, 0.01), spread(25, 0, draw, 0.01))
    assert found.p == pytest.approx(1 / 26)
    assert found.verdict is Verdict.FELL
    few = by_cluster(spread(1, -3, draw, 0.01), spread(19, 0, draw, 0.01))
    assert few.p == pytest.approx(0.05)
    none = by_cluster(spread(10, 0, draw), spread(10, 0, draw))
    assert none.verdict is Verdict.NO_DIFFERENCE


@pytest.mark.parametrize(
    ("reached", "others", "looks"), [(1, 1, 1), (1, 8, 1), (2, 3, 1), (3, 3, 1), (2, 5, 3)]
)
def test_clusters_too_few_for_any_p_can_not_be_told(reached: int, others: int, looks: int) -> None:
    draw = np.random.default_rng(5)
    mine, theirs = spread(reached, -3, draw, 0.01), spread(others, 0, draw, 0.01)
    found = by_cluster(mine, theirs, many.level_of(looks))
    assert (found.because, found.verdict) == ("few_clusters", Verdict.UNKNOWN)


@pytest.mark.parametrize(("reached", "others"), [(1, 19), (2, 5), (4, 4), (3, 8)])
def test_the_least_p_is_the_one_that_is_reached(reached: int, others: int) -> None:
    draw = np.random.default_rng(5)
    found = by_cluster(spread(reached, -3, draw, 0.01), spread(others, 0, draw, 0.01))
    assert found.p == pytest.approx(least_p(reached, others))
    assert found.p <= 0.05


def test_few_crimes_can_not_be_told() -> None:
    small = by_cluster([cluster(1, 1)] * 2, [cluster(90, 90)] * 5)
    assert (small.because, small.verdict) == ("too_few", Verdict.UNKNOWN)


def test_a_common_trend_cancels_between_two_series() -> None:
    rise = [100, 120, 90, 140, 150, 130, 170, 160, 180, 200, 210, 190]
    mine = [round(c * (0.6 if at >= 6 else 1)) for at, c in enumerate(rise)]
    found = by_month(
        (months("2023-01", mine[:6]), months("2023-07", mine[6:])),
        (months("2023-01", rise[:6]), months("2023-07", rise[6:])),
    )
    assert found.point == pytest.approx(0.6, abs=0.02)
    assert found.verdict is Verdict.FELL
    short = by_month(
        (months("2023-01", [50]), months("2023-02", [9])),
        (months("2023-01", [50]), months("2023-02", [50])),
    )
    assert short.because == "few_months"
