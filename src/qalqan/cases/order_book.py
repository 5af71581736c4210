"""Orders kept: every move of the machine with its history, version and jobs in one transaction.

The row in `orders` is where an order stands, `order_events` how it came there; a writer who saw
an older version gets `Conflict`. What must follow (delivery, clocks) is put into `jobs` by the
same transaction, so nothing is sent that was not decided, and nothing decided stays unsent.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from qalqan.cases.consent import POLICY, need
from qalqan.cases.grounds import ground
from qalqan.cases.orders import Event, check_draft, move
from qalqan.errors import Conflict, NotFound
from qalqan.model.order import (
    WAITING,
    Answered,
    Approval,
    Kind,
    Order,
    Outcome,
    State,
    clock_us,
)
from qalqan.register import jobs, numbers, orm, partner_events
from qalqan.register.log_rows import row_digest

MACHINE = "machine"
"""Who moves an order where no person, partner or policy does."""
DRAFT = "draft"
"""The first step in an order's history."""
DELIVER = "deliver"
"""Kind of the job that signs a partner's orders and pushes them; its key is the partner."""
CLOCKS = "clocks"
"""Kind of the job that looks at what is due; its only key is `EVERY_ORDER`."""
EVERY_ORDER = "orders"
STAND = "stand"
"""Kind of the job that keeps where a case stands (`cases.standing`); its key is the case."""
_UNSEEN = frozenset({Event.SIGN, Event.SEND, Event.RECEIVE})
"""Steps that change nothing which lists tell."""

TOLD: Mapping[str, str] = {
    Event.SIGN: "order.waits",
    Event.WITHDRAW: "order.withdrawn",
    Event.REMIND: "order.reminded",
    Event.NUDGE: "order.reminded",
    Event.ESCALATE: "order.escalated",
    Event.EXPIRE: "order.expired",
    Event.APPEAL: "order.appealed",
    Event.DISMISS: "order.appeal_dismissed",
    Event.SETTLE: "order.appeal_settled",
    Event.REDUCE: "order.reduced",
    Event.CLOSE: "order.closed",
}
"""What happens to an order → the event that its partner is told."""
_PLAIN = (
    "id", "case_id", "partner", "ground", "drafted_by", "idempotency_key", "created_us",
    "provisional", "report_id", "parent_id", "account", "beneficiary", "amount", "currency",
    "from_us", "to_us", "sent_us", "answered_us", "due_us", "expires_us", "effect", "escalated",
    "version", "subject", "subject_kind",
)  # fmt: skip
"""Fields that the row and the value share as they are."""
_DIGESTED = (*_PLAIN, "kind", "state", "reason", "asked", "clock_us")
"""What the log commits to at each step; a signed text stands in the step that signed it. A field
that is added here later must be one that may be empty."""


def draft(
    session: Session, order: Order, limit: int | None = None, told: Mapping[str, Any] | None = None
) -> Order:
    """Keep a new order, drafted by a person or a policy; its id is given here. `told` stands beside
    it in its history.

    A policy approves what it may at once. The same idempotency key twice is one order: the
    first is returned. `limit` is the confirmed or traced sum that a hold may not exceed.

    Raises:
        InputRejected: a draft that must not exist. NotAllowed: no legal ground on its date.
    """
    key = orm.Order.idempotency_key == order.idempotency_key
    if (found := one(session, key)) is not None:
        return found
    legal = ground(order.ground, order.kind, order.created_us)
    order = check_draft(replace(order, sanction=legal.sanction, state=State.DRAFTED), limit)
    try:
        order = _insert(session, order)
    except IntegrityError:
        if (found := one(session, key)) is None:
            raise
        return found  # on PostgreSQL another writer was faster
    _note(session, order, order, DRAFT, order.drafted_by, order.created_us, dict(told or {}))
    if order.by_policy and need(order).policy_may:
        return step(session, order, Event.APPROVE, order.drafted_by, order.created_us, role=POLICY)
    return order


def _insert(session: Session, order: Order) -> Order:
    """The order under its number; whatever fails gives the number back."""
    with session.begin_nested():
        order = replace(order, id=numbers.next_id(session, "O"))
        session.add(orm.Order(**_columns(order)))
    return order


def step(
    session: Session,
    order: Order,
    event: Event,
    actor: str,
    at_us: int,
    *,
    detail: dict[str, Any] | None = None,
    beside: Mapping[str, Any] | None = None,
    **more: Any,
) -> Order:
    """Move an order and keep what came of it; `more` goes to `orders.move`, `beside` into columns
    that the value lacks (the signed text).

    Raises:
        Conflict, NotAllowed, InputRejected: as `orders.move`, and if somebody was faster.
    """
    moved = move(order, event, actor, at_us, **more)
    if moved is order:
        return order
    columns = {key: value for key, value in _columns(moved).items() if key != "id"}
    changed: CursorResult[Any] = session.execute(  # type: ignore[assignment]
        update(orm.Order)
        .where(orm.Order.id == order.id, orm.Order.version == order.version)
        .values(**columns, **(beside or {}))
        .execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:
        raise Conflict("order", order.id, "changed by somebody else", event, "changed")
    brought = {**_brought(event, moved, more), **(detail or {})}
    _note(session, order, moved, event, actor, at_us, brought)
    _follow_up(session, order, moved, at_us)
    return moved


def _brought(event: Event, moved: Order, more: dict[str, Any]) -> dict[str, Any]:
    """What the event brought, for the history; enough to rebuild answers and approvals."""
    if event in {Event.APPROVE, Event.REJECT}:
        return {"role": more.get("role", ""), "note": more.get("note", "")}
    if event is Event.ANSWER:
        last = moved.answers[-1]
        return {"outcome": last.outcome, "amount": last.amount, "digest": last.digest}
    if event is Event.REDUCE:
        return {"effect": moved.effect}
    return {}


def _note(
    session: Session,
    before: Order,
    after: Order,
    event: str,
    actor: str,
    at_us: int,
    detail: dict[str, Any] | None = None,
) -> None:
    session.add(
        orm.OrderEvent(
            order_id=after.id,
            at_us=at_us,
            actor=actor,
            event=event,
            from_state=before.state,
            to_state=after.state,
            detail=detail or {},
            digest=digest_of(_columns(after)),
        )
    )
    if event not in _UNSEEN:
        jobs.put(session, STAND, after.case_id)
    if (told := TOLD.get(event)) and before.state is not State.DRAFTED:
        seen = {"order": after.id, "order_kind": after.kind, "state": after.state}
        partner_events.note(session, after.partner, told, at_us, **seen)


def digest_of(row: Mapping[str, Any]) -> str:
    """What the log says of an order's row, by its columns."""
    return row_digest({name: row[name] for name in _DIGESTED})


def _follow_up(session: Session, before: Order, after: Order, at_us: int) -> None:
    """Jobs that this move makes necessary."""
    if after.state is State.APPROVED and before.state is State.DRAFTED:
        jobs.put(session, DELIVER, after.partner)
    watched = [
        time
        for time in (after.due_us if after.state in WAITING else None, after.expires_us)
        if time is not None
    ]
    if watched and after.state in WAITING | {State.ANSWERED, State.APPEALED}:
        jobs.put(session, CLOCKS, EVERY_ORDER, due_us=max(at_us, min(watched)))


def one(session: Session, *where: ColumnElement[bool]) -> Order | None:
    """The one order that fits, or None."""
    found = find(session, *where)
    return found[0] if found else None


def load(session: Session, order_id: str) -> Order:
    """The order as it stands.

    Raises:
        NotFound: no such order.
    """
    order = one(session, orm.Order.id == order_id)
    if order is None:
        raise NotFound("order", order_id)
    return order


def find(session: Session, *where: ColumnElement[bool]) -> list[Order]:
    """All orders that fit, oldest first, with their approvals and answers."""
    rows = session.scalars(select(orm.Order).where(*where).order_by(orm.Order.id)).all()
    return _whole(session, rows)


def of_cases(session: Session, case_ids: Iterable[str]) -> list[Order]:
    """All orders of these cases, oldest first."""
    return find(session, orm.Order.case_id.in_(list(case_ids)))


def _whole(session: Session, rows: Sequence[orm.Order]) -> list[Order]:
    events: dict[str, list[orm.OrderEvent]] = defaultdict(list)
    for start in range(0, len(rows), 500):
        ids = [row.id for row in rows[start : start + 500]]
        wanted = select(orm.OrderEvent).where(
            orm.OrderEvent.order_id.in_(ids),
            orm.OrderEvent.event.in_([Event.APPROVE, Event.REJECT, Event.ANSWER]),
        )
        for event in session.scalars(wanted.order_by(orm.OrderEvent.id)):
            events[event.order_id].append(event)
    return [_value(row, events[row.id]) for row in rows]


def _value(row: orm.Order, events: Sequence[orm.OrderEvent]) -> Order:
    kind = Kind(row.kind)
    return Order(
        **{name: getattr(row, name) for name in _PLAIN},
        kind=kind,
        state=State(row.state),
        sanction=ground(row.ground, kind, row.created_us).sanction,
        reason=row.reason,
        asked=tuple(row.asked or ()),
        approvals=tuple(_approval(event) for event in events if event.event != Event.ANSWER),
        answers=tuple(_answered(event) for event in events if event.event == Event.ANSWER),
    )


def _approval(event: orm.OrderEvent) -> Approval:
    yes = event.event == Event.APPROVE
    return Approval(event.actor, event.detail["role"], yes, event.at_us, event.detail["note"])


def _answered(event: orm.OrderEvent) -> Answered:
    said = event.detail
    outcome = Outcome(said["outcome"])
    return Answered(outcome, said["amount"], said["digest"], event.at_us, event.actor)


def _columns(order: Order) -> dict[str, Any]:
    columns = {name: getattr(order, name) for name in _PLAIN}
    return columns | {
        "kind": order.kind,
        "state": order.state,
        "reason": dict(order.reason),
        "asked": list(order.asked) or None,
        "clock_us": clock_us(order),
    }
