"""Whether intervals hold what they say, and how often nothing is called an effect (REQ-85).

Prints one JSON object a line, after some two minutes on one core: `python bench/effects.py`. All
data are drawn here from known truths, with a seed. Coverage: how many of the 95 % intervals hold
the truth; the peer is 95 %. False success: nothing was done, but crime falls by a trend, or the
measure went to the regions that had just had their worst year (regression to the mean); the peer
calls it a success where crime before and after differ by a chi-squared test, as a briefing does.
Without a group we say that it can't be told; what the estimate alone would have said stands in the
notes. Found: the measure did lower crime by 30 %.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
from scipy import stats

from qalqan.bulletin.effects import compared, holdout, interrupted, rates
from qalqan.bulletin.effects.design import Design
from qalqan.bulletin.effects.evaluation import evaluate
from qalqan.bulletin.effects.results import Effect, Verdict
from qalqan.bulletin.effects.series import Month, Row, Series
from qalqan.model.period import Period, month_of, parse

DRAWS = 1_000
TRUTH = 0.8
RNG = np.random.default_rng(77)
Draw = Callable[[], tuple[Effect, float]]
Array = np.ndarray[Any, Any]


def calendar(first: str, n: int) -> list[Period]:
    found = [parse(first)]
    while len(found) < n:
        found.append(month_of(found[-1].end))
    return found


MONTHS = calendar("2021-01", 48)


def series(counts: Array, first: int = 0) -> list[Month]:
    return [Month(MONTHS[first + at], int(count)) for at, count in enumerate(counts)]


def days(first: int, n: int) -> Array:
    return np.array([month.days / 30 for month in MONTHS[first : first + n]])


def noise(n: int, wide: float, together: float) -> Array:
    """Months' own ups and downs, which may go together (autoregressive)."""
    found, last = np.empty(n), RNG.normal(0, wide)
    for at in range(n):
        last = together * last + RNG.normal(0, wide * math.sqrt(1 - together**2))
        found[at] = last
    return found


def before_after(mean: float, wide: float) -> Draw:
    def draw() -> tuple[Effect, float]:
        def months(first: int, of: float) -> list[Month]:
            scatter = RNG.gamma(1 / wide, wide, 12) if wide else np.ones(12)
            return series(RNG.poisson(of * mean * scatter * days(first, 12)), first)

        return rates.before_after(months(0, 1.0), months(12, TRUTH)), TRUTH

    return draw


def regions(clusters: int, reached: int, wide: float, mean: float) -> Draw:
    def draw() -> tuple[Effect, float]:
        groups: tuple[list[compared.Cluster], list[compared.Cluster]] = ([], [])
        for at in range(clusters):
            size, is_reached = 12 * mean * math.exp(RNG.normal(0, 0.8)), at < reached
            after = size * 1.1 * math.exp(RNG.normal(0, wide)) * (TRUTH if is_reached else 1)
            one = compared.Cluster(int(RNG.poisson(size)), int(RNG.poisson(after)), 365, 365)
            groups[0 if is_reached else 1].append(one)
        return compared.by_cluster(*groups), TRUTH

    return draw


def trend(before: int, after: int, wide: float, together: float, season: float) -> Draw:
    def draw() -> tuple[Effect, float]:
        n = before + after
        at = np.arange(n)
        level = 0.01 * at + season * np.sin(at * math.pi / 6) + noise(n, wide, together)
        mean = 300 * np.exp(level) * np.where(at >= before, TRUTH, 1) * days(0, n)
        told = RNG.poisson(mean)
        return interrupted.interrupted(series(told[:before]), series(told[before:], before)), TRUTH

    return draw


def two_series(before: int, after: int, wide: float, together: float) -> Draw:
    def draw() -> tuple[Effect, float]:
        n = before + after
        at = np.arange(n)
        common = np.exp(0.02 * at + 0.2 * np.sin(at))
        own = np.exp(noise(n, wide, together)) * np.where(at >= before, TRUTH, 1)
        mine, others = RNG.poisson(300 * common * own), RNG.poisson(700 * common)
        halves = [(series(each[:before]), series(each[before:], before)) for each in (mine, others)]
        return compared.by_month(halves[0], halves[1]), TRUTH

    return draw


def arms(people: int, share: float, wide: float, what: str) -> Draw:
    def arm(of: float) -> holdout.Arm:
        victims = int(RNG.binomial(people, of))
        lost = np.exp(RNG.normal(13, wide, victims)).astype(int)
        return holdout.Arm("arm", people, victims, tuple(map(int, lost)))

    def draw() -> tuple[Effect, float]:
        warned, held_out = arm(TRUTH * share), arm(share)
        if what == "losses":
            mean = math.exp(13 + wide**2 / 2)
            return holdout.losses(warned, held_out), (TRUTH - 1) * share * mean
        if what == "ratio":
            return holdout.ratio(warned, held_out), TRUTH
        return holdout.newcombe(warned, held_out), (TRUTH - 1) * share

    return draw


COVERAGE: dict[str, Draw] = {
    "before and after, 30 a month": before_after(30, 0),
    "before and after, 30 a month, scattered": before_after(30, 0.05),
    "before and after, 3 a month": before_after(3, 0),
    "regions, 10 of 20 reached": regions(20, 10, 0.15, 30),
    "regions, 3 of 20 reached": regions(20, 3, 0.15, 30),
    "regions, 1 of 20 reached": regions(20, 1, 0.15, 30),
    "regions, 2 of 7 reached": regions(7, 2, 0.1, 30),
    "two series, 24 and 12 months, r 0.3": two_series(24, 12, 0.05, 0.3),
    "two series, 24 and 12 months, r 0.5": two_series(24, 12, 0.1, 0.5),
    "trend and season, 24 and 12 months": trend(24, 12, 0.05, 0.0, 0.2),
    "trend and season, 24 and 12 months, r 0.5": trend(24, 12, 0.1, 0.5, 0.2),
    "trend, 12 and 6 months": trend(12, 6, 0.05, 0.0, 0.0),
    "holdout, shares of 1 % of 20 000": arms(20_000, 0.01, 1.0, "risk"),
    "holdout, ratio of shares": arms(20_000, 0.01, 1.0, "ratio"),
    "holdout, losses, log-normal 1.5": arms(20_000, 0.01, 1.5, "losses"),
}
REGIONS = [f"KZ-{n}" for n in range(10, 30)]


def one_case(kind: str, against: str, effect: float, chosen: str) -> tuple[bool, bool, bool]:
    """Whether we say that crime fell, whether the estimate alone would, and the naive comparison;
    nothing was done unless `effect` says what it was multiplied by."""
    sizes = 25 * np.exp(RNG.normal(0, 0.6, len(REGIONS)))
    falls = -0.02 if kind == "trend" else 0.0
    years = RNG.normal(0, 0.25, (3, len(REGIONS))) if kind == "worst year" else np.zeros((3, 20))
    at = np.arange(36)
    level = falls * at[:, None] + years[at // 12] + RNG.normal(0, 0.05, (36, len(REGIONS)))
    mean = sizes * np.exp(level)
    known = RNG.poisson(mean[:24])
    reached = np.argsort(known[12:].sum(0) / known[:12].sum(0))[-5:]
    if chosen == "lot":
        reached = RNG.choice(len(REGIONS), 5, replace=False)
    mean[24:, reached] *= effect
    counts = np.vstack([known, RNG.poisson(mean[24:])])
    rows = tuple(
        Row(MONTHS[month], region, ("28",), int(counts[month, of]))
        for month in range(36)
        for of, region in enumerate(REGIONS)
    )
    names = tuple(REGIONS[of] for of in sorted(reached))
    design = Design(date(2023, 1, 1), (), names, against, (), 24, 12)  # type: ignore[arg-type]
    found = evaluate(design, Series(tuple(MONTHS[:36]), rows))
    was, now = counts[12:24, reached].sum(), counts[24:, reached].sum()
    naive = now < was and stats.chisquare([was, now]).pvalue < 0.05
    return found.verdict is Verdict.FELL, found.main.verdict is Verdict.FELL, bool(naive)


def line(**told: object) -> None:
    print(json.dumps(told, ensure_ascii=False), flush=True)


def main() -> None:
    for name, draw in COVERAGE.items():
        held = told = 0
        for _ in range(DRAWS):
            effect, truth = draw()
            if effect.low is not None and effect.high is not None:
                told += 1
                held += bool(effect.low <= truth <= effect.high)
        line(
            name=f"effects: coverage, {name}", unit="share", ours=round(held / told, 3),
            peer="what a 95 % interval promises", peer_value=0.95,
            ratio=round(held / told / 0.95, 3), n=told, notes="simulated, truth known",
        )  # fmt: skip
    cases = [
        ("trend", "regions", 1.0, "worst"), ("trend", "nothing", 1.0, "worst"),
        ("worst year", "regions", 1.0, "worst"), ("worst year", "nothing", 1.0, "worst"),
        ("worst year", "regions", 1.0, "lot"), ("level", "regions", 0.7, "lot"),
        ("worst year", "regions", 0.7, "lot"), ("worst year", "regions", 0.7, "worst"),
    ]  # fmt: skip
    words = {"trend": "a falling trend", "worst year": "good and bad years", "level": "calm years"}
    for kind, against, effect, chosen in cases:
        both = np.array([one_case(kind, against, effect, chosen) for _ in range(300)])
        ours, alone, peer = (float(each) for each in both.mean(0))
        what = "false success where nothing was done" if effect == 1 else "found, a fall by 30 %"
        by = "drawn by lot" if chosen == "lot" else "chosen for their worst year"
        beside = "beside other regions" if against == "regions" else "without a group"
        line(
            name=f"effects: {what}, {words[kind]}, regions {by}, {beside}",
            unit="share", ours=round(ours, 3),
            peer="before and after, chi-squared", peer_value=round(peer, 3),
            ratio=round(ours / peer, 3) if peer else None, n=len(both),
            notes=f"simulated; 5 of 20 regions; the estimate alone says so in {alone:.3f}",
        )  # fmt: skip


if __name__ == "__main__":
    main()
