"""Clocks of orders as pages show them: how long is left, how pressing it is (REQ-44)."""

from __future__ import annotations

from dataclasses import dataclass

from qalqan.clock import HOUR, MINUTE
from qalqan.model.order import WAITING, Kind, Order, State, held_now

NOW_US = 15 * MINUTE
SOON_US = HOUR


@dataclass(frozen=True)
class Clock:
    """A term: `tone` is calm, soon (under an hour), now (under 15 minutes) or late."""

    ends: str
    """What ends: `answer`, `again` (of one that was late and reminded), `hold` or `sanction`; in
    lists also `leaves` or `appeal`."""
    at_us: int
    left_us: int
    """Negative once it is late."""
    percent: int
    """Share of the whole term that is left."""

    @property
    def tone(self) -> str:
        if self.left_us <= 0:
            return "late"
        return "now" if self.left_us < NOW_US else "soon" if self.left_us < SOON_US else "calm"


def clock_of(order: Order, now_us: int) -> Clock | None:
    """The term that runs now: the partner's answer, else the end of what is held."""
    if order.state in WAITING and order.due_us is not None:
        ends = "again" if order.state is State.ESCALATED else "answer"
        return clock_at(ends, order.sent_us or order.created_us, order.due_us, now_us)
    if order.kind is Kind.HOLD and held_now(order, now_us) and order.expires_us is not None:
        return clock_at("hold", order.answered_us or order.created_us, order.expires_us, now_us)
    return None


def clock_at(ends: str, from_us: int, at_us: int, now_us: int) -> Clock:
    """The clock of a term that began and ends then."""
    left = at_us - now_us
    percent = round(100 * max(0, left) / max(1, at_us - from_us))
    return Clock(ends, at_us, left, min(100, percent))
