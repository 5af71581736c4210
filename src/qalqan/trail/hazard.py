"""How soon money leaves an account it has reached: survival by age, hop and time of day (REQ-90).

A *spell* begins when stolen units arrive at an account and ends when units first go on from there;
it is cut off where the books end or a hold stands in the way. Survival is the Kaplan–Meier
estimate (Kaplan and Meier 1958), told at fixed ages with Greenwood's interval on the log–log
scale. Between two ages the rate is taken as constant; beyond the last it stays as in the last.
A cell with too few arrivals gives way to a wider one, and in the end to a stated judgement.

Pure. Times are microseconds, chances integers in millionths.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from qalqan.clock import DAY, HOUR, MINUTE

MILLION = 1_000_000
AGES_US = (
    5 * MINUTE, 15 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR, 8 * HOUR, DAY, 3 * DAY,
)  # fmt: skip
"""Ages at which survival is told."""
LEAST_ARRIVALS = 50
"""Judgement: a cell of fewer arrivals has intervals too wide to rank by."""
FAR_HOP = 3
"""Hops from here on are one cell."""
ALMATY_US = 5 * HOUR
"""Almaty is five hours ahead of UTC all year."""
DAY_BEGINS_US, DAY_ENDS_US = 8 * HOUR, 20 * HOUR
ALL, FINDINGS = "all", "findings"
JUDGEMENT = (0.90, 0.75, 0.60, 0.45, 0.35, 0.27, 0.22, 0.15, 0.10)
"""What is taken where nothing was measured. Judgement: drops pass money on within minutes or
hours (REQ-44, 90), and some of it stays as their part (REQ-39)."""
JUDGED_ONWARD_PPM = 500_000
"""Judgement: half of what goes on reaches another account, half is cash, crypto or abroad."""
_Z = 1.959964
"""95 per cent."""


class Spell(NamedTuple):
    """One arrival and what became of it."""

    hop: int
    """0 where it is not known, as in a finding."""
    at_us: int
    """When it arrived."""
    lasted_us: int
    """Until money first went on, or as long as anybody watched."""
    left: bool
    """False: cut off."""


@dataclass(frozen=True)
class Curve:
    """Share of arrivals that have not gone on by each of `AGES_US`, with its 95 % interval."""

    survival: tuple[float, ...]
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    arrivals: int = 0
    left: int = 0

    @cached_property
    def _logs(self) -> tuple[float, ...]:
        """Minus log survival at 0 and each age: what constant rates add up to."""
        return (0.0, *(-math.log(max(s, 1e-9)) for s in self.survival))

    def at(self, age_us: int) -> float:
        """Share that is still there at this age."""
        if age_us <= 0:
            return 1.0
        place = min(bisect_right(AGES_US, age_us), len(AGES_US) - 1)
        begin = AGES_US[place - 1] if place else 0
        low, high = self._logs[place], self._logs[place + 1]
        return math.exp(-(low + (high - low) * (age_us - begin) / (AGES_US[place] - begin)))

    def gone_ppm(self, seen_us: int, age_us: int) -> int:
        """Chance that what was still there at one age is gone at a later one."""
        if age_us <= seen_us:
            return 0
        return round((1.0 - self.at(age_us) / self.at(seen_us)) * MILLION)

    def leaving_ppm(self, seen_us: int, age_us: int, within_us: int) -> int:
        """Chance that what was there at one age still is at a later one, and leaves soon after."""
        seen_us = min(seen_us, age_us)
        leaves = self.at(age_us) - self.at(age_us + within_us)
        return round(leaves / self.at(seen_us) * MILLION)


_JUDGED = Curve(JUDGEMENT)


@dataclass(frozen=True)
class Hazard:
    """One version of the estimate; version 0 is the judgement alone."""

    version: int = 0
    made_us: int = 0
    curves: Mapping[str, Curve] = field(default_factory=dict)
    """Cell → curve: `1/day`, `1`, `all`, `findings`, …"""
    onward_ppm: Mapping[str, int] = field(default_factory=dict)
    """Hop → share of leaving units that reached another account."""
    answers_us: Mapping[str, int] = field(default_factory=dict)
    """Bank → the median time of its answers to holds."""

    @cached_property
    def _chosen(self) -> dict[str, tuple[str, Curve]]:
        return {}

    def chosen(self, hop: int, at_us: int) -> tuple[str, Curve]:
        """The narrowest cell with enough arrivals, and its curve; `judgement` if there is none."""
        near = str(min(max(hop, 1), FAR_HOP))
        cell = f"{near}/{part_of_day(at_us)}"
        found = self._chosen.get(cell)
        if found is None:
            wider = (cell, near, ALL, FINDINGS)
            told = ((c, self.curves[c]) for c in wider if c in self.curves)
            enough = ((c, curve) for c, curve in told if curve.arrivals >= LEAST_ARRIVALS)
            found = self._chosen[cell] = next(enough, ("judgement", _JUDGED))
        return found

    def curve(self, hop: int, at_us: int) -> Curve:
        """How long money that arrived then, so many transfers from the victim, stays."""
        return self.chosen(hop, at_us)[1]

    def onward(self, hop: int) -> int:
        """Share of what leaves that reaches another account, ppm."""
        near = str(min(max(hop, 1), FAR_HOP))
        return self.onward_ppm.get(near, self.onward_ppm.get(ALL, JUDGED_ONWARD_PPM))


def judged() -> Curve:
    """What is taken where too little was measured."""
    return _JUDGED


def part_of_day(at_us: int) -> str:
    """day: 8 to 20 in Almaty; night: the rest."""
    local = (at_us + ALMATY_US) % DAY
    return "day" if DAY_BEGINS_US <= local < DAY_ENDS_US else "night"


def curve_of(spells: Sequence[Spell]) -> Curve:
    """Kaplan–Meier over the spells, at `AGES_US`."""
    at_risk, alive, spread = len(spells), 1.0, 0.0
    told: list[tuple[float, float, float]] = []
    ages = iter(AGES_US)
    age = next(ages, None)
    for lasted_us, left, ended in _steps(spells):
        while age is not None and age < lasted_us:
            told.append(_told(alive, spread))
            age = next(ages, None)
        if left:
            alive *= 1 - left / at_risk
            spread += left / (at_risk * (at_risk - left)) if at_risk > left else 0.0
        at_risk -= ended
    told += [_told(alive, spread)] * (len(AGES_US) - len(told))
    survival, low, high = (tuple(column) for column in zip(*told, strict=True))
    return Curve(survival, low, high, len(spells), sum(spell.left for spell in spells))


def _steps(spells: Iterable[Spell]) -> list[tuple[int, int, int]]:
    """(length, how many left then, how many ended then), shortest first. Who left at the moment
    at which another was cut off left first."""
    left: defaultdict[int, int] = defaultdict(int)
    ended: defaultdict[int, int] = defaultdict(int)
    for spell in spells:
        ended[spell.lasted_us] += 1
        left[spell.lasted_us] += spell.left
    return [(lasted, left[lasted], ended[lasted]) for lasted in sorted(ended)]


def _told(alive: float, spread: float) -> tuple[float, float, float]:
    """Survival and its interval on the log–log scale, which stays between 0 and 1."""
    if not 0.0 < alive < 1.0 or spread == 0.0:
        return round(alive, 6), 0.0 if alive == 0.0 else round(alive, 6), round(alive, 6)
    width = _Z * math.sqrt(spread) / abs(math.log(alive))
    low, high = alive ** math.exp(width), alive ** math.exp(-width)
    return round(alive, 6), round(low, 6), round(high, 6)


def estimate(
    traced: Sequence[Spell],
    found: Sequence[Spell] = (),
    onward: Mapping[str, int] | None = None,
    answers_us: Mapping[str, int] | None = None,
    version: int = 1,
    made_us: int = 0,
) -> Hazard:
    """Curves of all cells that any spell fell into; `found` are spells of findings, kept apart:
    their detector chose accounts because money went on, so they are quicker than the truth."""
    cells: defaultdict[str, list[Spell]] = defaultdict(list)
    for spell in traced:
        near = str(min(max(spell.hop, 1), FAR_HOP))
        for cell in (f"{near}/{part_of_day(spell.at_us)}", near, ALL):
            cells[cell].append(spell)
    if found:
        cells[FINDINGS] = list(found)
    curves = {cell: curve_of(spells) for cell, spells in sorted(cells.items())}
    return Hazard(version, made_us, curves, onward or {}, answers_us or {})


def to_body(hazard: Hazard) -> dict[str, Any]:
    """As JSON values, to keep and to publish."""
    return {
        "version": hazard.version,
        "made_us": hazard.made_us,
        "ages_us": list(AGES_US),
        "cells": {
            cell: {
                "arrivals": curve.arrivals, "left": curve.left, "survival": list(curve.survival),
                "low": list(curve.low), "high": list(curve.high),
            }
            for cell, curve in hazard.curves.items()
        },
        "onward_ppm": dict(hazard.onward_ppm),
        "answers_us": dict(hazard.answers_us),
    }  # fmt: skip


def of_body(body: Mapping[str, Any]) -> Hazard:
    """An estimate as it was kept; one with other ages is none."""
    if tuple(body["ages_us"]) != AGES_US:
        return Hazard()
    curves = {
        cell: Curve(
            tuple(told["survival"]), tuple(told["low"]), tuple(told["high"]),
            told["arrivals"], told["left"],
        )
        for cell, told in body["cells"].items()
    }  # fmt: skip
    return Hazard(body["version"], body["made_us"], curves, body["onward_ppm"], body["answers_us"])
