"""What waits for an officer, and their yes or no (REQ-19; two people, DESIGN section 6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import leeway, order_book, standing, trails
from qalqan.cases.consent import waits_for
from qalqan.cases.grounds import ground
from qalqan.cases.orders import Event
from qalqan.cases.places import places
from qalqan.errors import Conflict, InputRejected
from qalqan.model.order import Approval, Kind, Order, State
from qalqan.register import audit, hands, orm, rights
from qalqan.register.database import Database
from qalqan.register.rights import Person, Right
from qalqan.trail.policy import default

LONGEST_NOTE = 400
A_PAGE = 30
"""Drafts shown at once."""


@dataclass(frozen=True)
class Waiting:
    """A draft that waits for somebody's yes."""

    order: Order
    traced: int | None
    """Minor units that the newest trail shows of this claim at the order's account."""
    hold: Order | None = None
    """The hold that it takes from or prolongs: what is held, and what its bank answered."""
    register_number: str | None = None
    """Of the pre-trial register, if the case has one."""


def waiting(session: Session, person: Person) -> list[Waiting]:
    """Drafts in this officer's view that a yes of his would bring forward, oldest first."""
    return _with_traced(session, waiting_orders(session, person))


def waiting_among(session: Session, person: Person, orders: Iterable[Order]) -> list[Waiting]:
    """The same among these orders, whose cases are in view."""
    drafted = [order for order in orders if order.state is State.DRAFTED]
    mine = [order for order in drafted if waits_for(order, person.login, person.role)]
    return _with_traced(session, mine)


def waiting_of(session: Session, person: Person, order: Order) -> list[Waiting]:
    """The same of one order: empty if no yes of his brings it forward."""
    return waiting_among(session, person, [order])


def waiting_page(
    session: Session, person: Person, page: int, most: int = A_PAGE
) -> tuple[list[Waiting], int]:
    """One page of `waiting`, and how many there are in all."""
    ids = waiting_ids(session, person)
    shown = ids[(page - 1) * most : page * most]
    return _with_traced(session, order_book.find(session, orm.Order.id.in_(shown))), len(ids)


def _with_traced(session: Session, mine: Sequence[Order]) -> list[Waiting]:
    documents = trails.newest_of(session, {order.case_id for order in mine})
    found = {case: places(of, default().rule) for case, of in documents.items()}
    waits = []
    for order in mine:
        place = found.get(order.case_id, {}).get((order.account or "", order.currency or ""))
        money = order.kind in {Kind.HOLD, Kind.RETURN, Kind.RELEASE}
        traced = place.traced.get(order.report_id or "", 0) if place and money else None
        hold = order_book.load(session, order.parent_id) if order.parent_id else None
        number = session.get_one(orm.Case, order.case_id).register_number
        waits.append(Waiting(order, traced, hold, number))
    return waits


def waiting_orders(session: Session, person: Person) -> list[Order]:
    """The orders alone."""
    drafted = order_book.find(
        session,
        orm.Order.state == State.DRAFTED,
        orm.Order.case_id.in_(select(orm.Case.id).where(rights.in_view(person))),
    )
    return [order for order in drafted if waits_for(order, person.login, person.role)]


def waiting_ids(session: Session, person: Person) -> list[str]:
    """Their numbers, oldest first: of each order only what decides it is read, since the head of
    every page counts them."""
    table, event, case = orm.Order, orm.OrderEvent, orm.Case
    drafted = (table.state == State.DRAFTED, rights.in_view(person))
    said: defaultdict[str, list[Approval]] = defaultdict(list)
    for id, actor, detail, kind in session.execute(
        select(event.order_id, event.actor, event.detail, event.event)
        .join(table, table.id == event.order_id)
        .join(case, case.id == table.case_id)
        .where(*drafted, event.event.in_([Event.APPROVE, Event.REJECT]))
    ):
        said[id].append(Approval(actor, detail["role"], kind == Event.APPROVE, 0))
    rows = session.execute(
        select(
            table.id, table.kind, table.ground, table.created_us, table.drafted_by,
            table.provisional,
        )
        .join(case, case.id == table.case_id)
        .where(*drafted)
    )  # fmt: skip
    return sorted(
        id
        for id, kind, code, created_us, drafted_by, provisional in rows
        if waits_for(
            Order(
                id, "", Kind(kind), "", State.DRAFTED, code, drafted_by, "", created_us,
                provisional=provisional, approvals=tuple(said[id]),
                sanction=ground(code, Kind(kind), created_us).sanction,
            ),
            person.login,
            person.role,
        )
    )  # fmt: skip


def decide(
    database: Database,
    order_id: str,
    person: Person,
    approved: bool,
    note: str = "",
    version: int | None = None,
) -> Order:
    """Record a yes or no; the order leaves the house with the last yes it needs. The same person's
    same word again changes nothing.

    Raises:
        NotFound: no such order. NotAllowed: the drafter, a role without the right, a case out of
            view, or an account that may be in one hand with another's (`register.hands`).
        Conflict: it has moved on (`version`), or waits for nobody any more.
        InputRejected: a note that is too long, a sum that is not free any more.
    """
    if len(note) > LONGEST_NOTE:
        raise InputRejected("note", note[:20], "text.too_long", most=LONGEST_NOTE)
    event = Event.APPROVE if approved else Event.REJECT
    now = clock.now_us()
    with database.write() as session:
        order = order_book.load(session, order_id)
        rights.check_case(session, person, Right.CASES, order.case_id, acting=True)
        if _has_said(order, person, approved, note):
            return order
        if approved:
            trails.draft_alone(session, trails.joined(session, [order.case_id]))
            _check_undisputed(session, order)
            said = [each.login for each in order.approvals if each.approved]
            hands.check(session, person.login, [order.drafted_by, *said], event)
        moved = order_book.step(
            session, order, event, person.login, now, role=person.role, note=note,
            version=version,
        )  # fmt: skip
        if approved:
            leeway.check(session, order, now)
        if moved is not order:  # a second yes of the same person says nothing new
            audit.note(session, person.login, f"order.{event}", "order", order_id)
        if moved.state is State.WITHDRAWN:
            trails.pursue_later(session, [order.case_id])
        standing.refresh(session, [order.case_id])
        return moved


def _has_said(order: Order, person: Person, approved: bool, note: str) -> bool:
    """Whether this was the person's last word on the order."""
    said = [(each.approved, each.note) for each in order.approvals if each.login == person.login]
    return said[-1:] == [(approved, note)]


def _check_undisputed(session: Session, order: Order) -> None:
    """Nothing is returned out of a hold, and none is prolonged, while somebody's appeal waits.

    Raises:
        Conflict: the hold is appealed.
    """
    if order.parent_id is None or order.kind not in {Kind.HOLD, Kind.RETURN}:
        return
    hold = order_book.load(session, order.parent_id)
    if hold.state is State.APPEALED:
        raise Conflict("order", hold.id, hold.state, f"{order.kind} {order.id}")
