"""How big a country of calls is, and how many of each special actor live in it.

Everything here is simulated and every share is a judgement; likeness to a real network is chance.
"""

from __future__ import annotations

from dataclasses import dataclass

from qalqan.clock import DAY
from qalqan.simulate.sizes import FIRST_US

ONE_IN = {
    "couriers": 400, "taxis": 8_000, "call_centres": 6_000, "probes": 60_000, "alarms": 120,
    "gateways": 8_000, "fleets": 12_000, "second_hand": 250, "roamers": 200, "ported": 60,
    "loops": 120_000, "export_offices": 15_000, "foreign_desks": 20_000, "boxes_each": 60_000,
    "fraud_centres": 50_000, "spoofers": 30_000, "city_callers": 60_000, "wangiri": 60_000,
}  # fmt: skip
"""One special actor among so many subscribers: a judgement. Attackers are far commoner than in a
real network, or a country that fits a test would have none."""
AT_LEAST = 2
"""Fewest of each actor in any country: a judgement, so that every kind is always there."""
FULL_SCALE = 50_000
"""From so many subscribers on, crowds (lines of a box, clients of a bank) have their full size."""


@dataclass(frozen=True)
class CallSize:
    """Counts of one country; `sized` fills them in proportion."""

    subscribers: int
    days: int
    calls_a_day: float
    """Calls and SMS that an ordinary subscriber begins a day, on average."""
    couriers: int
    taxis: int
    call_centres: int
    probes: int
    alarms: int
    gateways: int
    fleets: int
    second_hand: int
    roamers: int
    ported: int
    loops: int
    export_offices: int
    foreign_desks: int
    boxes_each: int
    """SIM boxes of each grade."""
    fraud_centres: int
    spoofers: int
    city_callers: int
    wangiri: int

    @property
    def last_us(self) -> int:
        """The first moment after the last day."""
        return FIRST_US + self.days * DAY

    @property
    def scale(self) -> float:
        """By how much crowds shrink in a small country."""
        return float(min(1.0, (self.subscribers / FULL_SCALE) ** 0.5))


def sized(subscribers: int, days: int = 7, calls_a_day: float = 2.5) -> CallSize:
    """A size whose special actors are as frequent as `ONE_IN` says; at least 1,000 subscribers."""
    counts = {name: max(AT_LEAST, subscribers // one) for name, one in ONE_IN.items()}
    return CallSize(subscribers, days, calls_a_day, **counts)


VILLAGE = sized(3_000, calls_a_day=2.0)
"""About 70,000 records: a second's work."""
NATION = sized(500_000)
"""About ten million records."""
