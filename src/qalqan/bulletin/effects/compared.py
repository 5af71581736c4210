"""Difference in differences on log rates: what changed beside what changed where the measure did
not reach (REQ-85, 93).

Regions are clusters: each gives ln(after / before) with its Poisson variance, and what regions
differ by beside it is a second variance (random effects, Paule and Mandel 1982). The effect is the
difference of the two groups' means, with Student's t on clusters - 2 (Donald and Lang 2007;
Hartung and Knapp 2001; Knapp and Hartung 2003, in the form that is never narrower than the plain
one, Röver et al. 2015). Beside it stands a permutation test over clusters (Fisher 1935; Conley and
Taber 2011): a verdict needs both, and where clusters are too few for any choice of them to be rare,
nothing can be told. One series against one other: the months' log ratio before and after.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import optimize, stats

from qalqan.bulletin.effects.lines import fit
from qalqan.bulletin.effects.results import FEWEST, LEVEL, Effect, unknown
from qalqan.bulletin.effects.series import Month, counted

Array = np.ndarray[Any, Any]
CODE = "compared"
MOST_SHUFFLES = 2_000
_SEED = 77
_ASSUMES = ("parallel", "no_spill", "clusters_alike")


@dataclass(frozen=True)
class Cluster:
    """One region's crimes before and after, and days."""

    before: int
    after: int
    days_before: int
    days_after: int

    @property
    def change(self) -> float:
        """Ln of the rates' ratio; half a crime is added to each count (Gart 1966)."""
        return math.log((self.after + 0.5) / self.days_after) - math.log(
            (self.before + 0.5) / self.days_before
        )

    @property
    def variance(self) -> float:
        """Its Poisson variance."""
        return 1 / (self.after + 0.5) + 1 / (self.before + 0.5)


def cluster(before: Sequence[Month], after: Sequence[Month]) -> Cluster:
    """One region from its months."""
    (was, was_days), (now, now_days) = counted(before), counted(after)
    return Cluster(was, now, was_days, now_days)


def by_cluster(
    reached: Sequence[Cluster], others: Sequence[Cluster], level: float = LEVEL, code: str = CODE
) -> Effect:
    """The change of reached clusters beside that of the others."""
    both = (*reached, *others)
    counts = _counts(reached, others)
    n = sum(each.before + each.after for each in both)
    if not reached or not others or least_p(len(reached), len(others)) > 1 - level:
        return unknown(code, "random_effects", "few_clusters", n, compared=True, counts=counts)
    if min(counts["before"], counts["others_before"]) < FEWEST:
        return unknown(code, "random_effects", "too_few", n, compared=True, counts=counts)
    change = np.array([each.change for each in both])
    variance = np.array([each.variance for each in both])
    is_reached = np.array([True] * len(reached) + [False] * len(others))
    weights = 1 / (variance + between(change, variance, is_reached))
    point = _difference(change, weights, is_reached)
    error = math.sqrt(1 / weights[is_reached].sum() + 1 / weights[~is_reached].sum())
    free = len(both) - 2
    reach = float(stats.t.ppf((1 + level) / 2, free)) * error
    p = _shuffled(change, weights, is_reached)
    return Effect(
        code, "random_effects", "ratio", math.exp(point), math.exp(point - reach),
        math.exp(point + reach), n, _ASSUMES, True, p, level, counts=counts,
    )  # fmt: skip


def between(change: Array, variance: Array, is_reached: Array) -> float:
    """What clusters of one group differ by beside chance (Paule and Mandel's equation)."""
    free = len(change) - 2

    def over(tau: float) -> float:
        weights = 1 / (variance + tau)
        left = change - np.where(
            is_reached, _mean(change, weights, is_reached), _mean(change, weights, ~is_reached)
        )
        return float(weights @ left**2) - free

    if over(0.0) <= 0:
        return 0.0
    top = 1.0
    while over(top) > 0:
        top *= 4
    return float(optimize.brentq(over, 0.0, top))


def by_month(
    reached: tuple[Sequence[Month], Sequence[Month]],
    others: tuple[Sequence[Month], Sequence[Month]],
    level: float = LEVEL, code: str = CODE,
) -> Effect:  # fmt: skip
    """One series against one other, (before, after) of each: the step in their log ratio."""
    counts = _counts([cluster(*reached)], [cluster(*others)])
    n = sum(counts.values())
    if min(counts["before"], counts["others_before"]) < FEWEST:
        return unknown(code, "log_ratio", "too_few", n, compared=True, counts=counts)
    ratio = [
        math.log((a.count + 0.5) / (b.count + 0.5))
        for mine, theirs in zip(reached, others, strict=True)
        for a, b in zip(mine, theirs, strict=True)
    ]
    step = [0.0] * len(reached[0]) + [1.0] * len(reached[1])
    found = fit([[1.0] * len(ratio), step], ratio, 1)
    if found is None or min(len(reached[0]), len(reached[1])) < 2:
        return unknown(code, "log_ratio", "few_months", n, compared=True, counts=counts)
    reach = found.reach(level)
    return Effect(
        code, "log_ratio", "ratio", math.exp(found.point), math.exp(found.point - reach),
        math.exp(found.point + reach), n, ("parallel", "no_spill", "months_alike"), True,
        found.p, level, counts=counts,
    )  # fmt: skip


def _mean(change: Array, weights: Array, of: Array) -> float:
    return float(weights[of] @ change[of] / weights[of].sum())


def _difference(change: Array, weights: Array, is_reached: Array) -> float:
    return _mean(change, weights, is_reached) - _mean(change, weights, ~is_reached)


def least_p(reached: int, others: int) -> float:
    """The least p that the permutation test can give: of groups of one size each choice has its
    mirror, which differs by as much."""
    return (2 if reached == others else 1) / math.comb(reached + others, reached)


def _shuffled(change: Array, weights: Array, is_reached: Array) -> float:
    """How often another choice of as many clusters differs at least as much."""
    size, some = len(change), int(is_reached.sum())
    seen = abs(_difference(change, weights, is_reached)) - 1e-12
    if math.comb(size, some) <= MOST_SHUFFLES:
        chosen = np.array(list(itertools.combinations(range(size), some)))
        return float(np.mean(_placebos(change, weights, chosen) >= seen))
    draw = np.random.default_rng(_SEED)
    chosen = draw.random((MOST_SHUFFLES, size)).argsort(axis=1)[:, :some]
    hits = int(np.sum(_placebos(change, weights, chosen) >= seen))
    return (hits + 1) / (MOST_SHUFFLES + 1)


def _placebos(change: Array, weights: Array, chosen: Array) -> Array:
    """The difference that each choice, a row of places, would have shown."""
    is_chosen = np.zeros((len(chosen), len(change)))
    np.put_along_axis(is_chosen, chosen, 1.0, axis=1)
    inside, outside = (
        each @ (weights * change) / (each @ weights) for each in (is_chosen, 1 - is_chosen)
    )
    apart: Array = np.abs(inside - outside)
    return apart


def _counts(reached: Sequence[Cluster], others: Sequence[Cluster]) -> dict[str, int]:
    return {
        "before": sum(each.before for each in reached),
        "after": sum(each.after for each in reached),
        "others_before": sum(each.before for each in others),
        "others_after": sum(each.after for each in others),
    }
