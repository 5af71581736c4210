"""What an upheld appeal leads to: the release of what is held, the undoing of a block (REQ-44)."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy.orm import Session

from qalqan.cases import order_book, trails
from qalqan.cases.grounds import usual_ground
from qalqan.cases.orders import Event
from qalqan.cases.policy import current
from qalqan.cases.reasons import money, reason
from qalqan.cases.situation import OPEN
from qalqan.errors import InputRejected, NotAllowed
from qalqan.model.order import Kind, Order, State
from qalqan.register import orm


def undo(
    session: Session, order: Order, appeal: str, by: str, amount: int | None, now: int
) -> str | None:
    """Draft what lets `amount` (None: all) of an appealed order go; the policy approves it at once
    where the law of the day lets it. Answers its number; None if it is under way already.

    Raises:
        InputRejected: a part that is nothing, all, or more than is left; a block has no parts.
    """
    trails.draft_alone(session, [order.case_id])
    if order.kind is not Kind.HOLD:
        if amount is not None:
            raise InputRejected("verdict", "part", "appeal.verdict")
        return _draft(session, _unblock(session, order, appeal, by, now))
    free = _withdraw_drafts(session, order, now)
    if amount is not None and not 0 < amount < free:
        raise InputRejected("amount", amount, "order.part_of_sum", asked=max(0, free - 1))
    wanted = free if amount is None else amount
    return _draft(session, _release(session, order, appeal, by, wanted, now)) if wanted else None


def _draft(session: Session, order: Order) -> str:
    return order_book.draft(session, order, order.amount).id


def _withdraw_drafts(session: Session, hold: Order, now: int) -> int:
    """Take back what nobody has agreed to yet; what the hold then has free, minor units."""
    free = hold.effect
    about = orm.Order.parent_id.in_([hold.id, hold.parent_id or hold.id])
    for order in order_book.find(session, about, orm.Order.state.in_([*OPEN])):
        if order.state is State.DRAFTED:
            order_book.step(session, order, Event.WITHDRAW, order_book.MACHINE, now)
        elif order.kind in {Kind.RELEASE, Kind.RETURN}:
            free -= order.amount or 0
    return max(0, free)


def _release(session: Session, hold: Order, appeal: str, by: str, amount: int, now: int) -> Order:
    return replace(
        _order(session, hold, Kind.RELEASE, appeal, by, now),
        account=hold.account,
        amount=amount,
        currency=hold.currency,
        reason=reason("appeal", appeal=appeal, amount=money(amount, hold.currency or "")),
    )


def _unblock(session: Session, order: Order, appeal: str, by: str, now: int) -> Order:
    return replace(
        _order(session, order, Kind.UNBLOCK, appeal, by, now),
        subject=order.subject,
        subject_kind=order.subject_kind,
        reason=reason("appeal_unblock", appeal=appeal),
    )


def _order(session: Session, undone: Order, kind: Kind, appeal: str, by: str, now: int) -> Order:
    """By the policy, else by whoever decided: then somebody else has to agree."""
    try:
        policy = current(session, now)
        actor, due_us = policy.actor, now + policy.due_in(kind)
    except NotAllowed:
        actor, due_us = by, None
    return Order(
        id="",
        case_id=undone.case_id,
        report_id=undone.report_id,
        parent_id=undone.id,
        kind=kind,
        partner=undone.partner,
        state=State.DRAFTED,
        ground=usual_ground(kind, now).code,
        drafted_by=actor,
        idempotency_key=f"appeal:{appeal}",
        created_us=now,
        due_us=due_us,
    )
