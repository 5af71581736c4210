"""When calls happen: curves of the day and of the week, and moments drawn from them.

The curves are judgements about simulated people; likeness to a real network is chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from qalqan.clock import HOUR
from qalqan.simulate.identity import Ints
from qalqan.simulate.sizes import FIRST_US


@dataclass(frozen=True)
class Curve:
    """How busy each hour of a working day is, and a day of rest beside a working day."""

    hours: tuple[float, ...]
    weekend: float


PEOPLE = Curve(
    (2, 1, 1, 1, 1, 2, 6, 16, 30, 42, 48, 50, 52, 50, 46, 46, 50, 58, 64, 66, 58, 40, 20, 7), 0.85
)
"""People among themselves: a judgement."""
OFFICE = Curve((0,) * 9 + (30, 60, 70, 65, 25, 55, 65, 60, 45, 12) + (0,) * 5, 0.06)
"""Offices and call centres, with lunch and hardly any weekend: a judgement."""
ROUND_THE_CLOCK = Curve((1,) * 24, 1.0)
"""Machines: every hour alike."""
FROM_ABROAD = Curve(
    (14, 10, 8, 6, 6, 8, 12, 18, 24, 30, 34, 36, 38, 38, 40, 42, 46, 54, 64, 72, 76, 68, 48, 26),
    1.25,
)
"""Calls of people abroad to their families: evenings, nights by other time zones, weekends."""
STREETS = Curve(
    (6, 3, 2, 1, 1, 2, 6, 20, 34, 44, 50, 56, 60, 56, 50, 50, 54, 62, 70, 66, 52, 36, 20, 10), 1.2
)
"""Deliveries and rides: meals and weekends."""


def moments(
    generator: np.random.Generator, n: int, curve: Curve, first_us: int, last_us: int
) -> Ints:
    """`n` moments from `first_us` on and before `last_us`, as busy as the curve says."""
    hours = max(1, -(-(last_us - first_us) // HOUR))
    hour = (first_us - FIRST_US) // HOUR + np.arange(hours)
    rests = hour // 24 % 7 >= 5
    busy = np.array(curve.hours, dtype=float)[hour % 24] * np.where(rests, curve.weekend, 1.0)
    if busy.sum() == 0:
        busy = np.ones(hours)
    reached = np.concatenate([[0.0], np.cumsum(busy) / busy.sum()])
    edges = np.minimum(np.arange(hours + 1) * HOUR, last_us - first_us)
    place = np.interp(generator.random(n), reached, edges)
    at: Ints = np.minimum(first_us + place.astype(np.int64), last_us - 1)
    return at


def between(generator: np.random.Generator, least: float, most: float) -> float:
    """One value between two bounds, every order of magnitude as likely as another."""
    return float(np.exp(generator.uniform(np.log(least), np.log(most))))


def whole(generator: np.random.Generator, least: float, most: float) -> int:
    """The same as a whole number, at least one."""
    return max(1, round(between(generator, least, most)))


def stay(generator: np.random.Generator, days: int, least: float) -> tuple[int, int]:
    """When an actor begins and ends: whole hours within the days, at least `least` of them."""
    lasts = generator.uniform(least, 1.0) * days
    begins = generator.uniform(0, days - lasts)
    first_us = FIRST_US + int(begins * 24) * HOUR
    return first_us, first_us + max(1, int(lasts * 24)) * HOUR
