"""A clerk's view: the orders of his own institution, in clear where they are addressed to it
(REQ-19, 44).

He sees what its programs would get, no more: never a draft, never another's order, never a case.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import delivery, order_book
from qalqan.cases.orders import Event
from qalqan.errors import NotFound
from qalqan.exchange.order_message import OrderMessage
from qalqan.model.order import TERMINAL, WAITING, Order, State
from qalqan.register import audit, orm
from qalqan.register.database import Database
from qalqan.trust import signing
from qalqan.trust.keys import Keys

A_PAGE = 50
_IN_FORCE = (State.ANSWERED, State.APPEALED)


@dataclass(frozen=True)
class Own:
    """An institution's orders: what waits for its answer by the clock, what it keeps in force, and
    some of what is over, the newest first; `next` is where the next of these begin."""

    waiting: tuple[Order, ...]
    in_force: tuple[Order, ...]
    over: tuple[Order, ...]
    next: str | None


def own(session: Session, partner: str, before: str = "") -> Own:
    """The orders of a partner; `before` is a page's `next`."""
    table = orm.Order
    mine = table.partner == partner
    waiting = order_book.find(session, mine, table.state.in_([*WAITING]), table.jws.is_not(None))
    in_force = order_book.find(session, mine, table.state.in_(_IN_FORCE))
    ended = select(table.id).where(
        mine,
        table.state.in_([*TERMINAL]),
        table.jws.is_not(None),
        *([table.id < before] if before else ()),
    )
    ids = session.scalars(ended.order_by(table.id.desc()).limit(A_PAGE + 1)).all()
    over = order_book.find(session, table.id.in_(ids[:A_PAGE]))
    return Own(
        tuple(sorted(waiting, key=lambda order: (order.due_us or 2**62, order.id))),
        tuple(reversed(in_force)),
        tuple(reversed(over)),
        ids[A_PAGE - 1] if len(ids) > A_PAGE else None,
    )


def waiting(session: Session, partner: str) -> int:
    """How many orders wait for a partner's answer."""
    table = orm.Order
    mine = (table.partner == partner, table.state.in_([*WAITING]), table.jws.is_not(None))
    return session.scalar(select(func.count()).select_from(table).where(*mine)) or 0


def opened(
    database: Database, keys: Keys, partner: str, order_id: str, clerk: str
) -> tuple[Order, OrderMessage]:
    """One order and what it says; reading it is receiving it, and stands in the record.

    Raises:
        NotFound: no such order of this partner's, or one that is not signed.
    """
    with database.write() as session:
        order = delivery.own(session, partner, order_id)
        text = _text(session, keys, order_id)
        audit.note(session, clerk, "order.open", "order", order_id, f"order to {partner}")
        if order.state in (State.APPROVED, State.SENT):
            order = order_book.step(
                session, order, Event.RECEIVE, f"partner:{partner}", clock.now_us()
            )
    told = signing.verify(text, keys.verify_key_pem)
    return order, OrderMessage.model_validate(told)


def _text(session: Session, keys: Keys, order_id: str) -> str:
    signed = (orm.Order.id == order_id, orm.Order.jws.is_not(None))
    if session.scalar(select(orm.Order.id).where(*signed)) is None:
        raise NotFound("order", order_id)
    return delivery.signed_text(session, keys, order_id)
