"""How an order moves: the one state machine of every kind of order (REQ-19, 44).

`TRANSITIONS` is the machine; `move` applies one event to one order and returns the order as it
is afterwards, or raises. Nothing here reads or writes anything: `cases.order_book` keeps orders,
and `docs/reference/orders.md` is generated from the tables below.

What always holds, whatever comes in whatever order:
- a return leaves the house only after two different people other than its drafter said yes, and
  a prosecutor where its ground says so; so does every hold that is not provisional;
- a policy may approve only what harms nobody for long: questions, provisional holds, releases;
- a hold never holds more than was asked, nor anything once it expired, closed or was refused;
- an order has one answer: the same answer again changes nothing, another one is a conflict.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from qalqan.cases.consent import approved_enough, may_decide
from qalqan.cases.effects import check_outcome, effect_of
from qalqan.errors import Conflict, InputRejected
from qalqan.model.money import MAX_MINOR
from qalqan.model.order import (
    TERMINAL,
    WAITING,
    Answered,
    Approval,
    Kind,
    Order,
    Outcome,
    State,
)


class Event(StrEnum):
    """What can happen to an order."""

    APPROVE, REJECT = "approve", "reject"
    WITHDRAW = "withdraw"
    SIGN, SEND, RECEIVE = "sign", "send", "receive"
    ANSWER = "answer"
    REMIND, ESCALATE = "remind", "escalate"
    NUDGE = "nudge"
    """A person reminds the partner before its time is up; the clock runs on."""
    REDUCE = "reduce"
    CLOSE = "close"
    EXPIRE = "expire"
    APPEAL, DISMISS = "appeal", "dismiss"
    SETTLE = "settle"
    """An appeal was right in part: that part is let go, the rest stands."""


S, E = State, Event

TRANSITIONS: dict[tuple[State, Event], tuple[State, ...]] = {
    (S.DRAFTED, E.APPROVE): (S.DRAFTED, S.APPROVED),
    (S.DRAFTED, E.REJECT): (S.WITHDRAWN,),
    (S.DRAFTED, E.WITHDRAW): (S.WITHDRAWN,),
    (S.APPROVED, E.WITHDRAW): (S.WITHDRAWN,),
    (S.APPROVED, E.SIGN): (S.APPROVED,),
    (S.APPROVED, E.SEND): (S.SENT,),
    (S.ESCALATED, E.SIGN): (S.ESCALATED,),
    (S.ESCALATED, E.SEND): (S.ESCALATED,),
    # A push may arrive although our note of it was lost: the answer counts all the same.
    **{
        (state, E.RECEIVE): (S.ESCALATED if state is S.ESCALATED else S.RECEIVED,)
        for state in (S.APPROVED, S.SENT, S.ESCALATED)
    },
    **{(state, E.ANSWER): (S.ANSWERED, S.REFUSED) for state in sorted(WAITING)},
    **{(state, E.REMIND): (state,) for state in sorted(WAITING)},
    **{(state, E.ESCALATE): (S.ESCALATED,) for state in sorted(WAITING)},
    **{(state, E.NUDGE): (state,) for state in (S.SENT, S.RECEIVED, S.ESCALATED)},
    **{(state, E.EXPIRE): (S.EXPIRED,) for state in State if state not in TERMINAL},
    (S.ANSWERED, E.REDUCE): (S.ANSWERED,),
    (S.ANSWERED, E.CLOSE): (S.CLOSED,),
    (S.ANSWERED, E.APPEAL): (S.APPEALED,),
    (S.APPEALED, E.DISMISS): (S.ANSWERED,),
    (S.APPEALED, E.SETTLE): (S.ANSWERED,),
    (S.APPEALED, E.REDUCE): (S.APPEALED,),
    (S.APPEALED, E.CLOSE): (S.CLOSED,),
}
"""(state, event) → the states it may lead to; whatever is not here does not go."""

APPEALABLE = frozenset({Kind.HOLD, Kind.BLOCK, Kind.TAKEDOWN})
_MONEY = frozenset({Kind.CONFIRM, Kind.HOLD, Kind.RELEASE, Kind.RETURN})


def check_draft(order: Order, limit: int | None = None) -> Order:
    """Refuse a draft that must not exist; `limit` is the confirmed or traced sum.

    Raises:
        InputRejected: no sum, one above the limit, or a provisional hold that never lapses.
    """
    if order.kind in _MONEY and not 0 < (order.amount or 0) <= MAX_MINOR:
        raise InputRejected("amount", order.amount, "order.positive")
    if order.kind in _MONEY and limit is not None and (order.amount or 0) > limit:
        raise InputRejected("amount", order.amount, "order.within_limit", limit=limit)
    if order.provisional and (order.kind is not Kind.HOLD or limit is None):
        raise InputRejected("provisional", order.kind, "order.provisional_hold")
    if order.kind is Kind.HOLD and order.expires_us is None:
        raise InputRejected("expires_us", None, "order.expiry")
    return order


@dataclass(frozen=True)
class Happening:
    """One event with what it brings: who, when, and the part that belongs to its kind."""

    event: Event
    actor: str
    at_us: int
    role: str = ""
    note: str = ""
    answer: Answered | None = None
    effect: int | None = None
    """reduce: what is still held."""
    due_us: int | None = None
    """remind and escalate: when the answer is due next."""


def move(
    order: Order,
    event: Event,
    actor: str,
    at_us: int,
    *,
    version: int | None = None,
    role: str = "",
    note: str = "",
    answer: Answered | None = None,
    effect: int | None = None,
    due_us: int | None = None,
) -> Order:
    """Apply one event; returns the order itself when there is nothing to change.

    Raises:
        Conflict: the order has moved on (`version`), or the event does not go in its state.
        NotAllowed: the actor may not decide. InputRejected: an answer it can't have.
    """
    if version is not None and version != order.version:
        raise Conflict(
            "order", order.id, f"at version {order.version}", f"version {version}", "changed"
        )
    if event is Event.ANSWER and answer is not None and _is_repeat(order, answer):
        return order
    targets = TRANSITIONS.get((order.state, event))
    if targets is None:
        raise Conflict("order", order.id, order.state, event)
    what = Happening(event, actor, at_us, role, note, answer, effect, due_us)
    moved = _EFFECTS[event](order, what)
    if moved is order:
        return order
    assert moved.state in targets
    return replace(moved, version=order.version + 1)


def _is_repeat(order: Order, answer: Answered) -> bool:
    """The same answer again; another answer to an answered order is a conflict.

    Raises:
        Conflict: this order already has a different answer.
    """
    if not order.answers:
        return False
    if order.answers[-1].digest != answer.digest:
        raise Conflict(
            "order", order.id, f"answered {order.answers[-1].outcome}", answer.outcome, "answered"
        )
    return True


def _approve(order: Order, what: Happening) -> Order:
    may_decide(order, what.actor, what.role, what.event)
    if any(a.login == what.actor for a in order.approvals):
        return order
    approval = Approval(what.actor, what.role, True, what.at_us, what.note)
    moved = replace(order, approvals=(*order.approvals, approval))
    return _agreed(moved, what.at_us) if approved_enough(moved) else moved


def _agreed(order: Order, at_us: int) -> Order:
    """Ready to go: the partner's time to answer begins now, however long people thought."""
    due = order.due_us and order.due_us - order.created_us + at_us
    return replace(order, state=S.APPROVED, due_us=due)


def _reject(order: Order, what: Happening) -> Order:
    may_decide(order, what.actor, what.role, what.event)
    no = Approval(what.actor, what.role, False, what.at_us, what.note)
    others = tuple(a for a in order.approvals if a.login != what.actor)
    return replace(order, state=S.WITHDRAWN, approvals=(*others, no))


def _answer(order: Order, what: Happening) -> Order:
    answer = what.answer
    if answer is None:
        raise InputRejected("outcome", None, "order.outcome")
    if order.expires_us is not None and what.at_us >= order.expires_us:
        raise Conflict("order", order.id, S.EXPIRED, E.ANSWER)
    check_outcome(order, answer.outcome)
    effect = effect_of(order, answer)
    refused = answer.outcome is Outcome.REFUSED
    return replace(
        order,
        state=S.REFUSED if refused else S.ANSWERED,
        effect=effect,
        answered_us=what.at_us,
        answers=(*order.answers, answer),
    )


def _overdue(order: Order, what: Happening) -> Order:
    if order.due_us is None or what.at_us < order.due_us:
        raise Conflict("order", order.id, "not due yet", what.event)
    state = S.ESCALATED if what.event is E.ESCALATE else order.state
    return replace(order, state=state, escalated=order.escalated + 1, due_us=what.due_us)


def _expire(order: Order, what: Happening) -> Order:
    if order.expires_us is None or what.at_us < order.expires_us:
        raise Conflict("order", order.id, "not expired yet", E.EXPIRE)
    return replace(order, state=S.EXPIRED, effect=0, due_us=None)


def _reduce(order: Order, what: Happening) -> Order:
    left = what.effect
    if order.kind is not Kind.HOLD or left is None or not 0 <= left < order.effect:
        raise InputRejected("effect", left, "order.at_most_asked", asked=order.effect)
    return replace(order, effect=left)


def _close(order: Order, what: Happening) -> Order:
    # A closed hold holds nothing; a return or release keeps its effect for the figures.
    effect = 0 if order.kind is Kind.HOLD else order.effect
    return replace(order, state=S.CLOSED, effect=effect, due_us=None)


def _appeal(order: Order, what: Happening) -> Order:
    if order.kind not in APPEALABLE:
        raise Conflict("order", order.id, order.kind, E.APPEAL, "no_appeal")
    return replace(order, state=S.APPEALED)


def _send(order: Order, what: Happening) -> Order:
    state = S.SENT if order.state is S.APPROVED else order.state
    return replace(order, state=state, sent_us=order.sent_us or what.at_us)


def _receive(order: Order, what: Happening) -> Order:
    state = order.state if order.state is S.ESCALATED else S.RECEIVED
    return replace(order, state=state, sent_us=order.sent_us or what.at_us)


_EFFECTS: dict[Event, Callable[[Order, Happening], Order]] = {
    E.APPROVE: _approve,
    E.REJECT: _reject,
    E.WITHDRAW: lambda order, _: replace(order, state=S.WITHDRAWN, due_us=None),
    E.SIGN: lambda order, _: replace(order),
    E.SEND: _send,
    E.RECEIVE: _receive,
    E.ANSWER: _answer,
    E.REMIND: _overdue,
    E.NUDGE: lambda order, _: replace(order),
    E.ESCALATE: _overdue,
    E.REDUCE: _reduce,
    E.CLOSE: _close,
    E.EXPIRE: _expire,
    E.APPEAL: _appeal,
    E.DISMISS: lambda order, _: replace(order, state=S.ANSWERED),
    E.SETTLE: lambda order, _: replace(order, state=S.ANSWERED),
}
