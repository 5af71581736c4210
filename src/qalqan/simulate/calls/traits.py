"""What SIM boxes are like, grade by grade: from one that anybody would find to one that does all
it can to look like people.

Every range is a judgement and wide on purpose; the boxes are invented and likeness to real ones is
chance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from qalqan.simulate.calls.hours import (
    FROM_ABROAD,
    PEOPLE,
    ROUND_THE_CLOCK,
    Curve,
    between,
    whole,
)
from qalqan.simulate.calls.talks import Manner

UNHURRIED = Manner(0.6, 120, 0.9)
Draw = Callable[[np.random.Generator, float], "Traits"]


@dataclass(frozen=True)
class Traits:
    """How one box works."""

    cards: int
    channels: int
    """Calls at once; each channel is a radio of its own."""
    calls_a_day: float
    """Of a card while it is in use."""
    turn_hours: float = 0.0
    """How long a card is used until the next takes its place for good; 0: cards rotate."""
    devices: str = "channel"
    """Whose IMEI a call shows: the `channel`'s, one of each `card`, a new one every few hours."""
    device_hours: float = 1.0
    gateway: bool = False
    """IMEIs of gateway models, not of telephones."""
    route: str = "still"
    """`still`; `car`: all radios move together; `bank`: radios in several places, cards sent to
    any of them in turn; `people`: each card has a place for nights and one for days."""
    places: int = 1
    step_minutes: float = 60.0
    """How often the car moves on, or the bank moves a card."""
    curve: Curve = FROM_ABROAD
    manner: Manner = UNHURRIED
    fake_calls: float = 0.0
    """Calls among its own cards, a call carried."""
    fake_texts: float = 0.0
    repeated: float = 0.0
    """Share of calls to the card's few regular callees."""
    dealers: int = 1
    a_holder: int = 10
    """Cards registered on one person."""
    pack: bool = False
    """Numbers in a row, activated within the hour."""
    least_stay: float = 0.4
    """Shortest share of all days on which it works."""


def _naive(generator: np.random.Generator, scale: float) -> Traits:
    """Still, only outgoing, many calls, one device for many cards in turn, a pack of numbers."""
    channels = max(1, round(between(generator, 2, 16) * scale))
    return Traits(
        cards=channels * whole(generator, 3, 12), channels=channels,
        calls_a_day=between(generator, 60, 400), turn_hours=between(generator, 6, 60),
        gateway=bool(generator.random() < 0.7), pack=True, least_stay=0.2,
        curve=FROM_ABROAD if generator.random() < 0.7 else ROUND_THE_CLOCK,
        manner=Manner(float(generator.uniform(0.35, 0.8)), between(generator, 50, 300), 0.9),
        a_holder=whole(generator, 5, 60),
    )  # fmt: skip


def _rotating(generator: np.random.Generator, scale: float) -> Traits:
    """Many cards, each of them with few calls a day."""
    cards = max(8, round(between(generator, 20, 150) * scale))
    return Traits(
        cards=cards, channels=max(2, round(cards / between(generator, 3, 10))),
        calls_a_day=between(generator, 3, 25), gateway=bool(generator.random() < 0.4),
        pack=bool(generator.random() < 0.5), dealers=whole(generator, 1, 4),
        manner=Manner(float(generator.uniform(0.4, 0.75)), between(generator, 50, 250), 1.0),
    )  # fmt: skip


def _two_way(generator: np.random.Generator, scale: float) -> Traits:
    """Fake incoming calls and SMS among its own cards."""
    return replace(
        _rotating(generator, scale * 0.6), calls_a_day=between(generator, 6, 50),
        fake_calls=between(generator, 0.1, 1.0), fake_texts=between(generator, 0.1, 1.0),
    )  # fmt: skip


def _new_imei(generator: np.random.Generator, scale: float) -> Traits:
    """An IMEI of an ordinary telephone for each card, or a new one every few hours."""
    return replace(
        _rotating(generator, scale * 0.6), calls_a_day=between(generator, 6, 60), gateway=False,
        devices="card" if generator.random() < 0.5 else "hour",
        device_hours=between(generator, 1, 24),
    )  # fmt: skip


def _moving(generator: np.random.Generator, scale: float) -> Traits:
    """A box in a car, or radios in several places that share one bank of cards."""
    return replace(
        _rotating(generator, scale * 0.6), calls_a_day=between(generator, 6, 60),
        route="car" if generator.random() < 0.5 else "bank", places=whole(generator, 2, 12),
        step_minutes=between(generator, 10, 360),
    )  # fmt: skip


def _human(generator: np.random.Generator, scale: float) -> Traits:
    """The day curve and the talks of people, and callees that come again."""
    return replace(
        _rotating(generator, scale * 0.6), calls_a_day=between(generator, 3, 20), curve=PEOPLE,
        manner=Manner(float(generator.uniform(0.55, 0.7)), between(generator, 45, 90), 1.15),
        repeated=float(generator.uniform(0.15, 0.6)), pack=False, dealers=whole(generator, 2, 8),
    )  # fmt: skip


def _full(generator: np.random.Generator, scale: float) -> Traits:
    """All of it at once."""
    return replace(
        _human(generator, scale), calls_a_day=between(generator, 2, 12), gateway=False,
        devices="card" if generator.random() < 0.7 else "hour",
        device_hours=between(generator, 6, 72), route="people", places=whole(generator, 3, 12),
        fake_calls=between(generator, 0.2, 1.2), fake_texts=between(generator, 0.2, 1.2),
        a_holder=whole(generator, 1, 5), least_stay=0.6,
    )  # fmt: skip


GRADES: dict[str, Draw] = {
    "naive": _naive, "rotating": _rotating, "two_way": _two_way, "new_imei": _new_imei,
    "moving": _moving, "human": _human, "full": _full,
}  # fmt: skip
"""How a box of each grade is drawn, from a generator and the country's scale."""
