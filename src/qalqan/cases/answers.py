"""A partner's answer: its facts land first, then the order moves and what follows is queued.

Facts before the order: if the process dies between the two, the partner answers again, its facts
are duplicates then, and nothing counts twice (REQ-19, 44).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import pyarrow as pa
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import (
    answer_rules,
    delivery,
    order_book,
    proofs,
    same_payment,
    traceback,
    trails,
)
from qalqan.cases.effects import check_outcome
from qalqan.cases.orders import Event, move
from qalqan.errors import Conflict, InputRejected, QalqanError
from qalqan.exchange.order_message import Answer, PaymentLine, digest
from qalqan.lake.checked import Terms
from qalqan.lake.hand_in import Centre, HandIn
from qalqan.lake.intake import take
from qalqan.lake.receipt import Receipt
from qalqan.lake.statements import take_statement
from qalqan.model import uetr
from qalqan.model.identifiers import account as accounts
from qalqan.model.order import WAITING, Answered, Kind, Order, Outcome, State
from qalqan.register import leases, orm
from qalqan.register.database import Database
from qalqan.settings import settings
from qalqan.text.mask import mask
from qalqan.trust import tokens
from qalqan.trust.keys import Keys

LANDING_S = 60.0
"""How long the facts of one answer may take to land before another answer may come instead."""
_OVER_WHEN_ANSWERED = frozenset(
    {Kind.CONFIRM, Kind.STATEMENT, Kind.RELEASE, Kind.RETURN, Kind.DATA, Kind.UNBLOCK}
)
"""A hold or a block lives on."""


def take_answer(
    database: Database, keys: Keys, partner: str, answer: Answer, brought_by: str = ""
) -> Order:
    """Take a partner's answer to one of its orders; the same answer again changes nothing.
    `brought_by`: the officer who handed it in for the partner.

    Raises:
        NotFound: no such order of this partner.
        InputRejected: an answer that contradicts the order or itself; the order still waits.
        Conflict: the order has another answer already, is just getting one, or waits for none.
    """
    now = clock.now_us()
    told = Answered(answer.outcome, answer.amount, digest(answer), now, f"partner:{partner}")
    claim = f"answer {answer.order}"[:40], told.digest[:60]
    with database.write() as session:
        order = delivery.own(session, partner, answer.order)
        bank = session.get_one(orm.Partner, partner).bank_code
        is_new = not _is_repeat(order, told.digest)
        if is_new:
            _check(keys, order, answer, now)
            move(order, Event.ANSWER, told.actor, now, answer=told)
            _claim(session, *claim)  # no facts of what is refused
    try:
        if is_new:
            _land(database, keys, partner, bank, answer)
        with database.write() as session:
            leases.let_go(session, *claim)
            order = delivery.own(session, partner, answer.order)
            moved = order_book.step(
                session, order, Event.ANSWER, told.actor, now, answer=told,
                detail=_said(partner, answer) | ({"brought_by": brought_by} if brought_by else {}),
            )  # fmt: skip
            return moved if moved is order else _follow(session, keys, moved, answer, now)
    except QalqanError:  # it was not taken after all: another answer may come at once
        with database.write() as session:
            leases.let_go(session, *claim)
        raise


def _claim(session: Session, name: str, mark: str) -> None:
    try:
        leases.claim(session, name, mark, LANDING_S)
    except Conflict:
        order = name.partition(" ")[2]
        raise Conflict("order", order, "another answer", Event.ANSWER) from None


def expect(keys: Keys, order: Order, answer: Answer, now: int) -> None:
    """Raise what taking this answer would, before anything is kept beside it."""
    if not _is_repeat(order, digest(answer)):
        _check(keys, order, answer, now)
        told = Answered(answer.outcome, answer.amount, digest(answer), now, "")
        move(order, Event.ANSWER, "", now, answer=told)


def _is_repeat(order: Order, mark: str) -> bool:
    if order.answers and order.answers[-1].digest != mark:  # nor do its facts count
        raise Conflict("order", order.id, f"answered {order.answers[-1].outcome}", Event.ANSWER)
    if order.answers:
        return True
    if order.state not in WAITING:
        raise Conflict("order", order.id, order.state, Event.ANSWER)
    return False


def _check(keys: Keys, order: Order, answer: Answer, now: int) -> None:
    check_outcome(order, answer.outcome)
    answer_rules.check(order, answer, lambda text: tokens.token(keys, "account", text), now)


def _said(partner: str, answer: Answer) -> dict[str, object]:
    """What else the partner said, for the history; free text is masked."""
    said: dict[str, object] = {
        name: mask(value) if isinstance(value, str) else value
        for name in ("reference", "reason", "until_us", "peer")
        if (value := getattr(answer, name)) is not None
    }
    if answer.payment is not None:
        said[proofs.PAYMENT] = proofs.payment_digest(partner, answer.payment.id)
    return said


def _land(database: Database, keys: Keys, partner: str, bank: str | None, answer: Answer) -> None:
    """The facts in an answer, through the same intake as any others.

    Raises:
        InputRejected: the payment or the statement that the answer rests on was not taken.
    """
    centre = Centre(database, keys, settings().lake_root)
    terms = Terms({bank} if bank else set())
    facts = HandIn("payment", partner, f"answer to {answer.order}", terms)
    if answer.payment is not None:
        _expect_taken(take(centre, facts, _table([answer.payment])), "payment")
    if answer.forwarded:
        take(centre, facts, _table(answer.forwarded))
    if (body := answer.statement) is not None:
        head = body.model_dump(exclude={"lines"}, exclude_none=True)
        head |= {"at_us": body.to_us, "lines": len(body.lines)}
        lines = _table(body.lines, statement=body.id)
        told_again = replace(facts, terms=replace(terms, retold=True))
        told, _ = take_statement(centre, told_again, pa.Table.from_pylist([head]), lines)
        _expect_taken(told, "statement")


def _table(lines: Sequence[PaymentLine], **more: str) -> pa.Table:
    rows = [line.model_dump(exclude_none=True) | more for line in lines]
    if not rows:
        return pa.table({"id": pa.array([], pa.string())})
    names = dict.fromkeys(name for row in rows for name in row)
    return pa.table({name: [row.get(name) for row in rows] for name in names})


def _expect_taken(receipt: Receipt, part: str) -> None:
    if receipt.accepted + receipt.duplicate < receipt.read:
        why = receipt.refusals[0]
        raise InputRejected(f"{part}.{why.field}", why.value_masked, why.expected, **why.params)


def _follow(session: Session, keys: Keys, order: Order, answer: Answer, now: int) -> Order:
    """Everything that an answer changes besides its own order."""
    if order.state is State.REFUSED:
        trails.pursue_later(session, [order.case_id])
        return order
    _AFTER.get(order.kind, _nothing)(session, keys, order, answer, now)
    at_once = answer.outcome is Outcome.CONFIRMED  # money that leaves within minutes can't wait
    trails.pursue_later(session, [order.case_id], 0 if at_once else trails.PAUSE_US)
    if order.kind in _OVER_WHEN_ANSWERED or (order.kind is Kind.HOLD and order.effect == 0):
        return order_book.step(session, order, Event.CLOSE, order_book.MACHINE, now)
    return order


def _nothing(session: Session, keys: Keys, order: Order, answer: Answer, now: int) -> None:
    pass


def _confirmed(session: Session, keys: Keys, order: Order, answer: Answer, now: int) -> None:
    """The payer's bank stands by the report: a trail begins, once for each payment."""
    line = answer.payment
    if answer.outcome is not Outcome.CONFIRMED or line is None or order.report_id is None:
        return
    payee = accounts.canonical(line.payee_account or "", field="payment.payee_account")
    to, number = tokens.token(keys, "account", payee.text), line.uetr and uetr.canonical(line.uetr)
    first = _rests_with(session, order, line) or proofs.same_uetr(session, order, to, number)
    if first is not None:
        same_payment.tie(session, order, first)
        return  # the victim told of it twice: it was stolen once
    report = session.get_one(orm.Report, order.report_id)
    root = orm.Root(
        id=f"{order.report_id}/1",
        case_id=order.case_id,
        report_id=order.report_id,
        payer_account=order.account,
        payer_bank=report.payer_bank,
        payee_account=to,
        payee_bank=payee.bank_code or line.payee_bank or "",
        amount=line.amount,
        currency=line.currency,
        at_us=line.at_us,
        uetr=number,
    )
    session.add(root)
    node = {"account": root.payee_account, "bank": root.payee_bank, "first_us": root.at_us}
    trails.reach(session, order.case_id, [node | {"here": True}])


def _rests_with(session: Session, order: Order, line: PaymentLine) -> str | None:
    return proofs.resting_on(session, order, proofs.payment_digest(order.partner, line.id))


def _held(session: Session, keys: Keys, order: Order, answer: Answer, now: int) -> None:
    """A prolonging hold takes over from the one it prolongs."""
    if order.parent_id is not None and order.effect > 0:
        old = order_book.load(session, order.parent_id)
        if old.state in {State.ANSWERED, State.APPEALED}:
            order_book.step(session, old, Event.CLOSE, order_book.MACHINE, now)


def _unblocked(session: Session, keys: Keys, order: Order, answer: Answer, now: int) -> None:
    """What was blocked or taken down works again, or is no longer there."""
    old = order_book.load(session, order.parent_id) if order.parent_id else None
    if old is not None and old.state in {State.ANSWERED, State.APPEALED}:
        order_book.step(session, old, Event.CLOSE, order_book.MACHINE, now)


def _origin(session: Session, keys: Keys, order: Order, answer: Answer, now: int) -> None:
    """Whoever handed calls over is asked in turn where they came from."""
    traceback.answered(session, order, answer, now)


def _returned(session: Session, keys: Keys, order: Order, answer: Answer, now: int) -> None:
    """One payment is one return.

    Raises:
        InputRejected: its line has answered another return.
    """
    if (line := answer.payment) is not None and _rests_with(session, order, line):
        raise InputRejected("payment.id", line.id, "order.payment_used")
    _let_go(session, keys, order, answer, now)


def _let_go(session: Session, keys: Keys, order: Order, answer: Answer, now: int) -> None:
    """A release or return takes its sum out of the hold; what is gone holds nothing either."""
    gone = answer.outcome is Outcome.GONE
    hold = living_hold(session, order.parent_id)
    if hold is None:
        return
    left = max(0, hold.effect - ((order.amount or 0) if gone else order.effect))
    if left == 0:
        order_book.step(session, hold, Event.CLOSE, order_book.MACHINE, now)
    elif left < hold.effect:
        order_book.step(session, hold, Event.REDUCE, order_book.MACHINE, now, effect=left)
    _withdraw_longer(session, hold, left, now)


def _withdraw_longer(session: Session, hold: Order, left: int, now: int) -> None:
    """A draft that would prolong more than is left waits for nobody any more (REQ-44)."""
    longer = order_book.find(
        session,
        orm.Order.kind == Kind.HOLD,
        orm.Order.parent_id == hold.id,
        orm.Order.state == State.DRAFTED,
        orm.Order.amount > left,
    )
    for order in longer:
        order_book.step(session, order, Event.WITHDRAW, order_book.MACHINE, now)


def living_hold(session: Session, hold_id: str | None) -> Order | None:
    """The hold itself, or the one that prolonged it; None if neither holds anything."""
    found = order_book.find(
        session,
        orm.Order.kind == Kind.HOLD,
        (orm.Order.id == hold_id) | (orm.Order.parent_id == hold_id),
        orm.Order.state.in_([State.ANSWERED, State.APPEALED]),
    )
    return found[-1] if found else None


_AFTER: dict[Kind, Callable[[Session, Keys, Order, Answer, int], None]] = {
    Kind.CONFIRM: _confirmed,
    Kind.HOLD: _held,
    Kind.RELEASE: _let_go,
    Kind.RETURN: _returned,
    Kind.UNBLOCK: _unblocked,
    Kind.DATA: _origin,
}
