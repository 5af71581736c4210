"""Holdouts: some people are warned, some, drawn by lot, are not yet (REQ-77).

People count in the arm that they were drawn for, reached or not (intention to treat). Shares of
victims: Wilson's intervals (1927) joined by Newcombe's tenth method (1998), and beside it Agresti
and Caffo (2000); their ratio by Katz et al. (1978). Losses a person: Welch (1947) on all people,
who mostly lost nothing, each loss cut at a bound that was set beforehand; logs are no help where
most are 0. Cost for each loss averted: Fieller (1954), which with a cost that is known is the cost
over the interval's ends.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy import stats
from scipy.stats.contingency import relative_risk

from qalqan.bulletin.effects.results import FEWEST, LEVEL, Effect, Scale, unknown
from qalqan.errors import InputRejected

TENGE = 100
"""tiyn"""
FEWEST_LOSSES = 20
"""Victims an arm: of fewer losses the mean is a few large ones (`bench/effects.py`)."""


@dataclass(frozen=True)
class Arm:
    """People drawn for one treatment, and what became of them within the horizon."""

    name: str
    """`warned`, `held_out` …"""
    people: int
    """As drawn, reached or not."""
    victims: int
    losses: tuple[int, ...] = ()
    """Of each victim, tiyn; empty: not known."""
    cost: int = 0
    """What warning the arm cost, tiyn."""

    def __post_init__(self) -> None:
        if not 0 <= self.victims <= self.people:
            raise InputRejected("victims", self.victims, "effects.victims", most=self.people)
        if self.losses and (len(self.losses) != self.victims or min(self.losses) < 0):
            raise InputRejected("losses", len(self.losses), "effects.losses", n=self.victims)

    @property
    def share(self) -> float:
        return self.victims / self.people


@dataclass(frozen=True)
class Holdout:
    """All that two arms tell."""

    risk: Effect
    """Victims among warned people less those among held-out ones, as shares of people."""
    risk_again: Effect
    """The same by another interval."""
    ratio: Effect
    averted: Effect
    """Losses a person, warned less held out, tiyn: below 0 where warning averts."""
    cost: Effect
    """Tiyn spent for each tenge of loss averted."""


def evaluate(warned: Arm, held_out: Arm, level: float = LEVEL, bound: int | None = None) -> Holdout:
    """What warning did; `bound`: the most that one loss counts, tiyn, set beforehand."""
    averted = losses(warned, held_out, level, bound)
    return Holdout(
        newcombe(warned, held_out, level), agresti_caffo(warned, held_out, level),
        ratio(warned, held_out, level), averted, cost_of_averted(warned, held_out, averted),
    )  # fmt: skip


def wilson(victims: int, people: int, level: float = LEVEL) -> tuple[float, float]:
    """Bounds of a share."""
    found = stats.binomtest(victims, people).proportion_ci(level, "wilson")
    return max(0.0, float(found.low)), min(1.0, float(found.high))


def newcombe(warned: Arm, held_out: Arm, level: float = LEVEL) -> Effect:
    """Difference of shares, by Newcombe's tenth method."""
    if not _enough(warned, held_out):
        return _too_few("risk", "newcombe", "difference", warned, held_out)
    point = warned.share - held_out.share
    low1, high1 = wilson(warned.victims, warned.people, level)
    low2, high2 = wilson(held_out.victims, held_out.people, level)
    low = point - math.hypot(warned.share - low1, high2 - held_out.share)
    high = point + math.hypot(high1 - warned.share, held_out.share - low2)
    return _made("risk", "newcombe", "difference", (point, low, high), warned, held_out, level)


def agresti_caffo(warned: Arm, held_out: Arm, level: float = LEVEL) -> Effect:
    """Difference of shares, with a victim and a spared person added to each arm."""
    if not _enough(warned, held_out):
        return _too_few("risk", "agresti_caffo", "difference", warned, held_out)
    first, second = _more(warned), _more(held_out)
    middle = first[0] - second[0]
    reach = _z(level) * math.sqrt(sum(p * (1 - p) / n for p, n in (first, second)))
    point = warned.share - held_out.share
    told = (point, max(-1.0, middle - reach), min(1.0, middle + reach))
    return _made("risk", "agresti_caffo", "difference", told, warned, held_out, level)


def ratio(warned: Arm, held_out: Arm, level: float = LEVEL) -> Effect:
    """Ratio of shares."""
    if not _enough(warned, held_out) or not warned.victims or not held_out.victims:
        return _too_few("risk_ratio", "katz", "ratio", warned, held_out)
    found = relative_risk(warned.victims, warned.people, held_out.victims, held_out.people)
    low, high = found.confidence_interval(level)
    told = (float(found.relative_risk), float(low), float(high))
    return _made("risk_ratio", "katz", "ratio", told, warned, held_out, level)


def losses(warned: Arm, held_out: Arm, level: float = LEVEL, bound: int | None = None) -> Effect:
    """Mean loss a person, warned less held out, tiyn."""
    arms = (warned, held_out)
    if any(len(arm.losses) < FEWEST_LOSSES for arm in arms):
        return _too_few("averted", "welch", "sum", warned, held_out)
    (mean1, var1), (mean2, var2) = (_moments(arm, bound) for arm in arms)
    error = math.sqrt(var1 + var2)
    free = (var1 + var2) ** 2 / (
        var1**2 / _free(warned) + var2**2 / _free(held_out)
    )  # Welch and Satterthwaite
    reach = float(stats.t.ppf((1 + level) / 2, free)) * error
    point = mean1 - mean2
    more = ("bounded",) if bound is not None else ("unbounded",)
    told = (point, point - reach, point + reach)
    return _made("averted", "welch", "sum", told, warned, held_out, level, more)


def cost_of_averted(warned: Arm, held_out: Arm, averted: Effect) -> Effect:
    """What a tenge of averted loss cost, tiyn; no interval where nothing averted is shown."""
    n = warned.people + held_out.people
    spent = TENGE * (warned.cost / warned.people - held_out.cost / held_out.people)
    if spent <= 0:
        return unknown("cost", "fieller", "no_cost", n, scale="sum", compared=True)
    if averted.low is None or averted.high is None or averted.high >= 0:
        return unknown("cost", "fieller", "nothing_averted", n, scale="sum", compared=True)
    assert averted.point is not None
    return Effect(
        "cost", "fieller", "sum", spent / -averted.point, spent / -averted.low,
        spent / -averted.high, n, (*averted.assumptions, "cost_known"), True, level=averted.level,
    )  # fmt: skip


def _moments(arm: Arm, bound: int | None) -> tuple[float, float]:
    """Mean loss of all people of an arm, and that mean's variance."""
    cut = [float(min(each, bound) if bound is not None else each) for each in arm.losses]
    mean = sum(cut) / arm.people
    square = sum(each**2 for each in cut) / arm.people
    return mean, max(square - mean**2, 1e-9) / (arm.people - 1)


def _free(arm: Arm) -> int:
    """Degrees of freedom: those who lost something, since nothing else varies."""
    return max(1, arm.victims - 1)


def _made(
    code: str, method: str, scale: Scale, told: tuple[float, float, float], warned: Arm,
    held_out: Arm, level: float, more: Sequence[str] = (),
) -> Effect:  # fmt: skip
    point, low, high = told
    return Effect(
        code, method, scale, point, low, high, warned.people + held_out.people,
        ("by_lot", "as_drawn", "same_horizon", *more), True, level=level,
        counts=_counts(warned, held_out),
    )  # fmt: skip


def _too_few(code: str, method: str, scale: Scale, warned: Arm, held_out: Arm) -> Effect:
    return unknown(
        code, method, "too_few", warned.people + held_out.people, scale=scale,
        compared=True, counts=_counts(warned, held_out),
    )  # fmt: skip


def _counts(warned: Arm, held_out: Arm) -> dict[str, int]:
    return {
        "warned": warned.people, "victims": warned.victims,
        "held_out": held_out.people, "held_out_victims": held_out.victims,
    }  # fmt: skip


def _enough(warned: Arm, held_out: Arm) -> bool:
    return min(warned.people, held_out.people) > 1 and warned.victims + held_out.victims >= FEWEST


def _more(arm: Arm) -> tuple[float, int]:
    return (arm.victims + 1) / (arm.people + 2), arm.people + 2


def _z(level: float) -> float:
    return float(stats.norm.ppf((1 + level) / 2))
