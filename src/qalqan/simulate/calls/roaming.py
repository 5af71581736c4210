"""Innocent domestic numbers where one does not expect them: roamers abroad, ported numbers, and
domestic calls looped over a foreign trunk under contract.

They share with spoofed calls a Kazakh number on an international trunk, and with strangers a
number that its peer on a VoIP trunk was never dealt. All shares are judgements about simulated
people; likeness to a real network is chance.
"""

from __future__ import annotations

import math

import numpy as np

from qalqan.clock import DAY
from qalqan.simulate.calls.drawing import Drawing
from qalqan.simulate.calls.hours import OFFICE, PEOPLE, between, moments
from qalqan.simulate.calls.offices import lines_somewhere
from qalqan.simulate.calls.records import (
    ABROAD,
    HOME,
    INTERNATIONAL,
    LOOPS,
    NONE,
    PEERS,
    UNKNOWN,
    Records,
    records,
)
from qalqan.simulate.calls.talks import Manner, talks
from qalqan.simulate.identity import Ints
from qalqan.simulate.sizes import FIRST_US

TRIP_DAYS = (1.0, 20.0)
HOME_SILENT = 0.07
"""Share of calls for which the roamer's home network did not tell where the roamer was."""
HOME_LATE = 0.01
"""Share for which it told a stale "home", just after a border: the hardest of all."""
PORTED_LINES = 0.3
"""Share of ported numbers that are offices' lines now served by a VoIP peer."""
PORTED_CALLS = (3.0, 60.0)
LOOP_CALLS = (30.0, 400.0)
LOOP_MOBILE = 0.5
"""Share of looped calls that begin at mobile numbers; the others begin at city lines."""
TALK = Manner(0.66, 60, 1.1)


def travel(drawing: Drawing, calls: Records) -> Records:
    """Everyday calls as records tell them when some subscribers travel: what a roamer begins
    abroad comes home over an international trunk, without device or cell."""
    generator = drawing.generator
    who = drawing.choose(drawing.size.roamers)
    leaves, returns = _trips(drawing, len(who))
    for number in drawing.people.number[who]:
        drawing.act("roamer", [], numbers=np.array([number]))
    first_actor = len(drawing.sketches) - len(who)
    place = np.full(drawing.people.count, NONE)
    place[who] = np.arange(len(who))
    index = np.flatnonzero(calls.card != NONE)
    trip = place[calls.card[index]]
    index, trip = index[trip != NONE], trip[trip != NONE]
    away = (calls.at_us[index] >= leaves[trip]) & (calls.at_us[index] < returns[trip])
    index, trip = index[away], trip[away]
    told = generator.choice(
        [ABROAD, UNKNOWN, HOME], len(index), p=[1 - HOME_SILENT - HOME_LATE, HOME_SILENT, HOME_LATE]
    )
    trunk = generator.choice(INTERNATIONAL, len(who))[trip]
    for column, values in (
        ("trunk", trunk), ("place", told), ("device", NONE), ("cell", NONE), ("card", NONE),
        ("actor", first_actor + trip),
    ):  # fmt: skip
        whole_column = np.array(getattr(calls, column))
        whole_column[index] = values
        calls = calls.but(**{column: whole_column})
    return calls


def _trips(drawing: Drawing, n: int) -> tuple[Ints, Ints]:
    """When each roamer leaves and comes back; some are away all the time."""
    generator, span = drawing.generator, drawing.size.days * DAY
    lasts = np.exp(generator.uniform(math.log(TRIP_DAYS[0]), math.log(TRIP_DAYS[1]), n)) * DAY
    leaves = FIRST_US + (generator.uniform(-0.5, 0.9, n) * span).astype(np.int64)
    return leaves, leaves + lasts.astype(np.int64)


def moved(drawing: Drawing) -> None:
    """Draw ported numbers and loops."""
    mobile = drawing.choose(int(drawing.size.ported * (1 - PORTED_LINES)))
    drawing.cards.port(mobile)
    for who in mobile:
        card = np.array([who])
        drawing.act("ported.mobile", [], cards=card, numbers=drawing.people.number[card])
    for _ in range(drawing.size.ported - len(mobile)):
        _ported_line(drawing)
    for number in range(drawing.size.loops):
        _loop(drawing, int(LOOPS[number % len(LOOPS)]))


def _ported_line(drawing: Drawing) -> None:
    """An office that took its city numbers to a VoIP peer."""
    generator, people = drawing.generator, drawing.people
    n = int(between(generator, *PORTED_CALLS) * drawing.size.days * drawing.size.scale)
    at = moments(generator, n, OFFICE, FIRST_US, drawing.size.last_us)
    lines = lines_somewhere(drawing, 1, 5)
    client = drawing.anybody(max(1, n // 3))[generator.integers(0, max(1, n // 3), n)]
    trunk = int(generator.choice(PEERS))
    drawn = talks(generator, n, TALK)
    calls = records(at, generator.choice(lines, n), people.number[client], trunk=trunk, **drawn)
    back = drawing.call_back(calls, client, 0.2, DAY, TALK)
    drawing.act("ported.line", [calls], echo=back, numbers=lines, trunk=trunk)


def _loop(drawing: Drawing, trunk: int) -> None:
    """Domestic calls that a carrier takes over another country, by contract and on a list."""
    generator, people = drawing.generator, drawing.people
    n = int(between(generator, *LOOP_CALLS) * drawing.size.days * drawing.size.scale)
    at = moments(generator, n, PEOPLE, FIRST_US, drawing.size.last_us)
    caller, callee = drawing.anybody(n), drawing.anybody(n)
    mobile = generator.random(n) < LOOP_MOBILE
    calls = records(
        at, np.where(mobile, people.number[caller], generator.choice(people.fixed, n)),
        people.number[callee], trunk=trunk, place=np.where(mobile, HOME, NONE),
        **talks(generator, n, TALK),
    )  # fmt: skip
    nobody = np.zeros(0, dtype=np.int64)
    drawing.act("loop", [calls], numbers=nobody, allowed=True, trunk=trunk)
