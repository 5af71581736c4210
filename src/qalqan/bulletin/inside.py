"""What the internal dashboard shows: units, orders' clocks, conversion (issue 7, Build 4).

Months and units are kept figures, as on the public page; the clocks are of this moment, straight
from the register. Nothing of it is about a person.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qalqan.bulletin.figures import kept
from qalqan.bulletin.figures.kept import Kept
from qalqan.model.order import WAITING
from qalqan.model.period import Period
from qalqan.register import orm

STAGES = (
    "thefts.reported", "thefts.confirmed", "thefts.asked", "thefts.held", "returned.victims",
)  # fmt: skip
"""From a report to money that came back."""
ABROAD = ("abroad.asked", "abroad.answered", "abroad.open", "abroad.median")
UNITS = ("thefts.reported", "loss.reported", "cases.opened", "cases.closed", "held.sum",
         "hold_answer.median")  # fmt: skip


@dataclass(frozen=True)
class Clock:
    """One partner's orders that wait for an answer."""

    partner: str
    waiting: int
    overdue: int
    escalated: int
    oldest_us: int | None
    """When the oldest of them was sent."""


def clocks(session: Session, now_us: int) -> list[Clock]:
    """Partners with orders that wait, most overdue first."""
    order = orm.Order
    late = func.count().filter(order.due_us < now_us)
    rows = session.execute(
        select(
            order.partner, func.count(), late, func.count().filter(order.escalated > 0),
            func.min(order.sent_us),
        )
        .where(order.state.in_(WAITING))
        .group_by(order.partner)
        .order_by(late.desc(), func.count().desc(), order.partner)
    )  # fmt: skip
    return [Clock(*row) for row in rows]


def conversion(session: Session, month: Period) -> list[Kept | None]:
    """How many frauds of a month came how far."""
    found = {k.figure.code: k for k in kept.of(session, STAGES, [month.code]) if not k.figure.by}
    return [found.get(code) for code in STAGES]


def units(session: Session, month: Period) -> dict[str, dict[str, Kept]]:
    """Region → figure → value of a month."""
    made: dict[str, dict[str, Kept]] = {}
    for k in kept.of(session, UNITS, [month.code]):
        if set(k.figure.by) == {"region"}:
            made.setdefault(k.figure.by["region"], {})[k.figure.code] = k
    return made


def abroad(session: Session, month: Period) -> list[tuple[str, Kept | None]]:
    """What a month's requests to other countries came to."""
    found = {k.figure.code: k for k in kept.of(session, ABROAD, [month.code])}
    return [(code, found.get(code)) for code in ABROAD]


def wanted() -> tuple[tuple[str, str], ...]:
    """Figures and columns that are to be kept for this page, of each month."""
    return (*((code, "") for code in (*STAGES, *ABROAD)), *((code, "region") for code in UNITS))
