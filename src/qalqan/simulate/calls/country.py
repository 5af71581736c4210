"""A whole country of calls: from a seed and a size to two tables and the truth.

All of it is simulated; likeness to real people, numbers, devices and firms is chance. The same
seed and size give the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from qalqan.clock import SECOND
from qalqan.simulate.calls.cards import Cards, Devices
from qalqan.simulate.calls.drawing import Drawing, joined
from qalqan.simulate.calls.fraud import frauds
from qalqan.simulate.calls.innocent import innocents
from qalqan.simulate.calls.numbers import ranges_for
from qalqan.simulate.calls.offices import offices
from qalqan.simulate.calls.ordinary import everyday
from qalqan.simulate.calls.records import NONE, Records
from qalqan.simulate.calls.ring_once import rung_once
from qalqan.simulate.calls.roaming import moved, travel
from qalqan.simulate.calls.sales import DEALERS_A_REGION, PEOPLE_A_DEALER, Sales
from qalqan.simulate.calls.sim_boxes import sim_boxes
from qalqan.simulate.calls.sizes import NATION, VILLAGE, CallSize, sized
from qalqan.simulate.calls.subscribers import populate
from qalqan.simulate.calls.table import call_table
from qalqan.simulate.calls.telling import tell
from qalqan.simulate.calls.truth import CallTruth
from qalqan.simulate.flows import in_order
from qalqan.simulate.identity import Ints

__all__ = ["NATION", "VILLAGE", "CallCountry", "CallSize", "make", "sized"]

SPARE_CARDS, SPARE_SHARE = 6_000, 1.15
"""Room for the cards of actors beside those of subscribers."""
_SALT = 451


@dataclass(frozen=True)
class CallCountry:
    """What an operator would send in clear, and what was really going on."""

    seed: int
    size: CallSize
    calls: pa.Table
    """Raw columns of the fact `call`, ordered by time."""
    subscriptions: pa.Table
    """Raw columns of the fact `subscription`, ordered by time."""
    truth: CallTruth


def make(seed: int, size: CallSize) -> CallCountry:
    """Draw the country of that seed and size."""
    drawing = _everybody(seed, size)
    innocents(drawing)
    offices(drawing)
    moved(drawing)
    sim_boxes(drawing)
    frauds(drawing)
    rung_once(drawing)
    own = np.random.default_rng([seed, _SALT, 2])
    drawing.parts.append(travel(drawing, everyday(own, drawing.people, size)))
    calls = _in_time(drawing)
    table = call_table(calls, drawing.cards, drawing.devices, drawing.people.places)
    return CallCountry(seed, size, table, drawing.sales.table(), tell(drawing, calls))


def _everybody(seed: int, size: CallSize) -> Drawing:
    """The people, before anybody calls."""
    deals, people, actors = (np.random.default_rng([seed, _SALT, i]) for i in (0, 1, 3))
    cards = Cards(deals, ranges_for(int(size.subscribers * SPARE_SHARE) + SPARE_CARDS))
    devices = Devices(deals)
    sales = Sales(deals, DEALERS_A_REGION + size.subscribers // (PEOPLE_A_DEALER * 18))
    subscribers = populate(people, size, cards, devices, sales)
    return Drawing(actors, size, cards, devices, sales, subscribers)


def _in_time(drawing: Drawing) -> Records:
    """All calls ordered by time, each with its actor."""
    whole = joined(drawing.parts, drawing.size.last_us)
    drawing.parts.clear()
    owner = np.full(drawing.cards.count + 1, NONE)
    for number, sketch in enumerate(drawing.sketches):
        owner[sketch.cards] = number
    actor = np.where(whole.actor == NONE, owner[whole.card], whole.actor)
    drawing.omens[:] = [
        replace(omen, call_us=omen.call_us // SECOND * SECOND) for omen in drawing.omens
    ]
    return whole.but(actor=actor).where(_order(whole))


def _order(whole: Records) -> Ints:
    return in_order(whole.at_us // SECOND)
