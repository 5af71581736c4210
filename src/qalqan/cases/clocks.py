"""Orders' clocks: reminders, escalation, expiry (REQ-44; DESIGN section 6).

An unanswered order is brought to mind when its answer is overdue, then goes up the ladder rung
by rung; a hold lapses by itself at its term. Everything here is repeated safely: the state
machine refuses what is not due.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import appeal_book, appeals, order_book, trails
from qalqan.cases.order_book import CLOCKS, EVERY_ORDER, MACHINE
from qalqan.cases.orders import Event
from qalqan.cases.policy import PursuitPolicy, current
from qalqan.errors import Conflict
from qalqan.model.order import TERMINAL, WAITING, Kind, Order, State
from qalqan.register import jobs, orm
from qalqan.register.database import Database

REMIND = "remind"
"""Kind of the job that sends an order once more; its key is the order."""
_LIVING = [state for state in State if state not in TERMINAL]
_PROVISIONAL = (
    orm.Order.kind == Kind.HOLD,
    orm.Order.provisional,
    orm.Order.effect > 0,
    orm.Order.state == State.ANSWERED,
)


def tick(database: Database) -> int:
    """Do all that is due, and queue the next look; returns how many orders moved."""
    now = clock.now_us()
    with database.session() as session:
        if (
            session.scalar(select(orm.Order.id).where(orm.Order.state.in_(_LIVING)).limit(1))
            is None
        ):
            return 0
        due = [order.id for order in _due(session, now)]
    moved = sum(_move(database, order_id, now) for order_id in due)
    with database.write() as session:
        _prolong(session, now)
        moved += appeals.climb(session, now)
        _wind(session, now)
    return moved


def _due(session: Session, now: int) -> Sequence[Order]:
    overdue = and_(orm.Order.due_us <= now, orm.Order.state.in_(WAITING))
    lapsed = and_(orm.Order.expires_us <= now, orm.Order.state.in_(_LIVING))
    return order_book.find(session, or_(overdue, lapsed))


def _move(database: Database, order_id: str, now: int) -> bool:
    """One order, in a transaction of its own: whoever answered meanwhile was faster."""
    try:
        with database.write() as session:
            order = order_book.load(session, order_id)
            if order.expires_us is not None and order.expires_us <= now:
                order_book.step(session, order, Event.EXPIRE, MACHINE, now)
                _withdraw_drafts(session, order, now)
                trails.pursue_later(session, [order.case_id])
            else:
                _climb(session, order, current(session, now), now)
    except Conflict:
        return False
    return True


def _withdraw_drafts(session: Session, lapsed: Order, now: int) -> None:
    """What a lapsed hold no longer holds can't be returned, released or held longer: nobody
    shall be asked to agree to it."""
    drafts = order_book.find(
        session,
        orm.Order.parent_id.in_([lapsed.id, lapsed.parent_id or lapsed.id]),
        orm.Order.state == State.DRAFTED,
    )
    for order in drafts:
        order_book.step(session, order, Event.WITHDRAW, MACHINE, now)


def _climb(session: Session, order: Order, policy: PursuitPolicy, now: int) -> None:
    """One rung of the ladder: first a reminder to the partner, then the people above."""
    event = Event.REMIND if order.escalated == 0 else Event.ESCALATE
    last = order.escalated + 1 >= policy.rungs
    due = None if last else now + policy.escalate_every_us
    order_book.step(session, order, event, MACHINE, now, due_us=due)
    if order.sent_us is not None:
        jobs.put(session, REMIND, order.id)
    if order.kind is Kind.STATEMENT:  # a hold that waited for the books waits no longer
        trails.pursue_later(session, [order.case_id])


def _prolong(session: Session, now: int) -> None:
    """Look again at cases whose provisional holds lapse soon, in time for two people to agree."""
    ahead = current(session, now).prolong_before_us
    trails.pursue_later(
        session,
        session.scalars(
            select(orm.Order.case_id).where(*_PROVISIONAL, orm.Order.expires_us <= now + ahead)
        ),
    )


def _wind(session: Session, now: int) -> None:
    """Queue the next look at the clocks."""
    due = select(func.min(orm.Order.due_us)).where(orm.Order.state.in_(WAITING))
    lapse = select(func.min(orm.Order.expires_us)).where(orm.Order.state.in_(_LIVING))
    ahead = current(session, now).prolong_before_us
    soon = select(func.min(orm.Order.expires_us)).where(
        *_PROVISIONAL, orm.Order.expires_us > now + ahead
    )
    first = session.scalar(soon)
    moments = [
        session.scalar(due), session.scalar(lapse), first and first - ahead,
        appeal_book.next_us(session),
    ]  # fmt: skip
    told = [moment for moment in moments if moment is not None]
    if told:
        jobs.put(session, CLOCKS, EVERY_ORDER, max(now + 1, min(told)))
