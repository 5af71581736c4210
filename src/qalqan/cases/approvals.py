"""What waits for an officer, and their yes or no (REQ-19; two people, DESIGN section 6)."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import order_book, trails
from qalqan.cases.consent import waits_for
from qalqan.cases.orders import Event
from qalqan.cases.places import places
from qalqan.errors import InputRejected
from qalqan.model.order import Kind, Order, State
from qalqan.register import audit, orm
from qalqan.register.database import Database
from qalqan.trail.policy import default

LONGEST_NOTE = 400


@dataclass(frozen=True)
class Waiting:
    """A draft that waits for somebody's yes."""

    order: Order
    traced: int | None
    """Minor units that the newest trail shows of this claim at the order's account."""


def waiting(session: Session, login: str, role: str) -> list[Waiting]:
    """Drafts that a yes of this officer would bring forward, oldest first."""
    drafted = order_book.find(session, orm.Order.state == State.DRAFTED)
    mine = [order for order in drafted if waits_for(order, login, role)]
    documents = trails.newest_of(session, {order.case_id for order in mine})
    found = {case: places(of, default().rule) for case, of in documents.items()}
    waits = []
    for order in mine:
        place = found.get(order.case_id, {}).get((order.account or "", order.currency or ""))
        money = order.kind in {Kind.HOLD, Kind.RETURN}
        traced = place.traced.get(order.report_id or "", 0) if place and money else None
        waits.append(Waiting(order, traced))
    return waits


def decide(
    database: Database,
    order_id: str,
    login: str,
    role: str,
    approved: bool,
    note: str = "",
    version: int | None = None,
) -> Order:
    """Record a yes or no; the order leaves the house with the last yes it needs.

    Raises:
        NotFound: no such order. NotAllowed: the drafter, or a role without the right.
        Conflict: it has moved on (`version`), or waits for nobody any more.
        InputRejected: a note that is too long.
    """
    if len(note) > LONGEST_NOTE:
        raise InputRejected("note", note[:20], "text.too_long", most=LONGEST_NOTE)
    event = Event.APPROVE if approved else Event.REJECT
    with database.write() as session:
        order = order_book.load(session, order_id)
        moved = order_book.step(
            session, order, event, login, clock.now_us(), role=role, note=note, version=version
        )
        audit.note(session, login, f"order.{event}", "order", order_id)
        if moved.state is State.WITHDRAWN:
            trails.pursue_later(session, [order.case_id])
        return moved
