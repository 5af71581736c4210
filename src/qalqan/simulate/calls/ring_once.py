"""Calls from abroad that go through numbers one after another: into city networks, and ring-once.

Fraud from abroad into city lines shows in its rate, its dialling in sequence, its few answers
and short talks (REQ-46). Ring-once calls ("wangiri") hope that somebody rings a dear number back.
All shares and rates are judgements; the actors are invented and likeness to real ones is chance.
"""

from __future__ import annotations

import numpy as np

from qalqan.clock import DAY, HOUR, MINUTE
from qalqan.simulate.calls.drawing import Drawing
from qalqan.simulate.calls.fraud import LATEST_MOMENT, SOONEST_MOMENT
from qalqan.simulate.calls.hours import (
    OFFICE,
    PEOPLE,
    ROUND_THE_CLOCK,
    between,
    moments,
    stay,
    whole,
)
from qalqan.simulate.calls.innocent import some_region
from qalqan.simulate.calls.numbers import PREMIUM_LIKE, abroad, city, in_sequence
from qalqan.simulate.calls.records import INTERNATIONAL, NONE, records
from qalqan.simulate.calls.talks import Manner, talks
from qalqan.simulate.identity import Ints
from qalqan.simulate.sizes import FIRST_US

CITY_CALLS = (300.0, 6_000.0)
"""Calls of one campaign into a city a day."""
CITY_ANSWERED = (0.04, 0.3)
CITY_TALK_S = (6.0, 60.0)
CITY_STEP = (1, 12)
CITY_CALLERS = (1.0, 60.0)
"""Foreign numbers that one campaign shows."""
CITY_ORIGINS = ("RU", "UA", "PL", "GB", "US", "GE", "LV")
WANGIRI_CALLS = (500.0, 20_000.0)
"""Calls of one ring-once campaign."""
WANGIRI_HOURS = (0.5, 60.0)
WANGIRI_NUMBERS = (1.0, 200.0)
WANGIRI_RING_S = 3
"""It hangs up before so many seconds."""
WANGIRI_ANSWERED = 0.004
"""Share of telephones that are answered even so."""
WANGIRI_BACK = (0.004, 0.08)
"""Share of people who ring back, from the least to the most."""
BACK_MANNER = Manner(0.85, 70, 1.2)
"""The dear number answers, and keeps the caller waiting."""
MOST_VICTIMS = 4


def rung_once(drawing: Drawing) -> None:
    """Draw campaigns into city networks and ring-once campaigns."""
    for _ in range(drawing.size.city_callers):
        _city(drawing)
    for _ in range(drawing.size.wangiri):
        _wangiri(drawing)


def _city(drawing: Drawing) -> None:
    """Foreign numbers that go through one city's lines."""
    generator, people = drawing.generator, drawing.people
    region = some_region(generator)
    first_us, last_us = stay(generator, drawing.size.days, 0.2)
    n = max(40, int(between(generator, *CITY_CALLS) * drawing.size.scale**2
                    * (last_us - first_us) / DAY))  # fmt: skip
    curve = PEOPLE if generator.random() < 0.5 else OFFICE
    at = np.sort(moments(generator, n, curve, first_us, last_us))
    first = int(city(np.array([region]), np.array([200_000]))[0])
    range_ = max(int(np.sum(people.region[people.count :] == region)) * 2, 200)
    step = int(generator.integers(*CITY_STEP))
    callee = in_sequence(generator, 0, n, step, float(generator.uniform(0, 0.3))) % range_ + first
    origin = str(generator.choice(CITY_ORIGINS))
    callers = abroad(generator, whole(generator, *CITY_CALLERS), {origin: 1})
    exists = np.isin(callee, people.fixed)
    ratio = float(generator.uniform(*CITY_ANSWERED))
    drawn = talks(generator, n, Manner(ratio, between(generator, *CITY_TALK_S), 1.0))
    drawn = {name: np.where(exists, column, 0) for name, column in drawn.items()}
    calls = records(
        at,
        generator.choice(callers, n),
        callee,
        trunk=int(generator.choice(INTERNATIONAL)),
        **drawn,
    )
    actor = drawing.act("city_caller", [calls], guilty=True, numbers=callers)
    victims = int(generator.integers(0, MOST_VICTIMS))
    drawing.foretell(actor, calls, victims, SOONEST_MOMENT, LATEST_MOMENT)


def _wangiri(drawing: Drawing) -> None:
    """One ring from a dear foreign number, at mobile numbers in sequence."""
    generator = drawing.generator
    n = max(60, int(between(generator, *WANGIRI_CALLS) * drawing.size.scale**2))
    lasts = min(between(generator, *WANGIRI_HOURS) * HOUR, drawing.size.days * DAY / 2)
    first_us = drawing.size.last_us - int(
        generator.uniform(lasts, drawing.size.days * DAY)
    )  # fmt: skip
    curve = ROUND_THE_CLOCK if generator.random() < 0.5 else PEOPLE
    at = np.sort(moments(generator, n, curve, first_us, first_us + int(lasts)))
    callee, who = _walk(drawing, n)
    prefix, digits = PREMIUM_LIKE[int(generator.integers(len(PREMIUM_LIKE)))]
    base = prefix * 10**digits + int(generator.integers(10**digits // 2))
    dear = base + np.arange(whole(generator, *WANGIRI_NUMBERS))
    answered = ((generator.random(n) < WANGIRI_ANSWERED) & (who != NONE)).astype(np.int64)
    calls = records(
        at, dear[np.arange(n) * len(dear) // n], callee, trunk=int(generator.choice(INTERNATIONAL)),
        ring_s=np.where(who == NONE, 0, generator.integers(0, WANGIRI_RING_S, n)),
        answered=answered, duration_s=answered * 2,
    )  # fmt: skip
    share = between(generator, *WANGIRI_BACK)
    back = drawing.call_back(calls, who, share, 90 * MINUTE, BACK_MANNER)
    drawing.act("wangiri", [calls], guilty=True, numbers=dear, echo=back)


def _walk(drawing: Drawing, n: int) -> tuple[Ints, Ints]:
    """Mobile numbers in sequence, and the subscriber behind each (`NONE`: nobody)."""
    generator, people = drawing.generator, drawing.people
    own = people.number[: people.count]
    first = int(generator.choice(own)) - 1
    slips = float(generator.uniform(0, 0.3))
    callee = in_sequence(generator, first, n, int(generator.integers(1, 4)), slips)
    order = np.argsort(own)
    place = np.minimum(np.searchsorted(own, callee, sorter=order), len(own) - 1)
    who = order[place]
    there = (own[who] == callee) & (people.known_us[who] < FIRST_US)
    return callee, np.where(there, who, NONE)
