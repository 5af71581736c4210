"""What becomes of an order by an officer's hand once it is drafted: taken back, brought to mind
(REQ-19, 44)."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import order_book
from qalqan.cases.clocks import REMIND
from qalqan.cases.orders import Event
from qalqan.errors import Conflict, NotAllowed
from qalqan.model.order import Order, State
from qalqan.register import audit, jobs, orm, rights
from qalqan.register.database import Database
from qalqan.register.rights import Person, Right


def withdraw(
    database: Database, order_id: str, person: Person, version: int | None = None
) -> Order:
    """Take an order back before its partner has it; its drafter may, and a supervisor. Whoever has
    taken it back and does so again changes nothing.

    Raises:
        NotFound: no such order. NotAllowed: neither of them, or a case out of view.
        Conflict: it has moved on, or is on its way to the partner.
    """
    with database.write() as session:
        order = order_book.load(session, order_id)
        rights.check_case(session, person, Right.DRAFT, order.case_id)
        if person.login != order.drafted_by and not rights.has(person, Right.ASSIGN):
            raise NotAllowed("withdraw", "drafter or supervisor")
        last = _last(session, order, Event.WITHDRAW)
        if last is not None and last.actor == person.login:
            return order
        if order.state is State.APPROVED and (
            order.sent_us is not None or jobs.is_at_work(session, order_book.DELIVER, order.partner)
        ):
            raise Conflict("order", order.id, "on its way", Event.WITHDRAW)
        moved = order_book.step(
            session, order, Event.WITHDRAW, person.login, clock.now_us(), version=version
        )
        audit.note(session, person.login, "order.withdraw", "order", order_id)
        return moved


NUDGE_US = 10 * clock.MINUTE
"""How often a partner may be reminded by hand."""


def remind(database: Database, order_id: str, person: Person) -> Order:
    """Send an unanswered order once more, by hand; its clock runs on. Who did so within
    `NUDGE_US` and does again changes nothing.

    Raises:
        NotFound: no such order. NotAllowed: no right, or a case out of view.
        Conflict: nobody has it yet, it is answered, or somebody else reminded of it a moment ago.
    """
    now = clock.now_us()
    with database.write() as session:
        order = order_book.load(session, order_id)
        rights.check_case(session, person, Right.DRAFT, order.case_id)
        last = _last(session, order, Event.NUDGE, Event.REMIND)
        if last is not None and now - last.at_us < NUDGE_US:
            if last.actor == person.login:
                return order
            raise Conflict("order", order.id, "reminded just now", Event.NUDGE)
        moved = order_book.step(session, order, Event.NUDGE, person.login, now)
        jobs.put(session, REMIND, order.id)
        return moved


def _last(session: Session, order: Order, *events: Event) -> orm.OrderEvent | None:
    """The last of these that happened to an order."""
    row = orm.OrderEvent
    mine = select(row).where(row.order_id == order.id, row.event.in_(events))
    return session.scalar(mine.order_by(row.id.desc()).limit(1))
