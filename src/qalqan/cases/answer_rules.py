"""What a partner's answer must agree with before it is believed (REQ-19, 44).

Pure. Accounts are compared as tokens. What is wrong is named by field, so that the partner can
answer again; the order waits meanwhile and its clock runs on.
"""

from __future__ import annotations

from collections.abc import Callable

from qalqan.errors import InputRejected
from qalqan.exchange.order_message import Answer, PaymentLine, StatementBody
from qalqan.model.identifiers import account as accounts
from qalqan.model.order import Asked, Order, Outcome

TokenOf = Callable[[str], str]
"""Canonical account → token."""

_PAYMENT = frozenset({Outcome.CONFIRMED, Outcome.RETURNED})
_FORWARDED = frozenset({Outcome.GONE, Outcome.PARTIAL})


def check(order: Order, answer: Answer, token_of: TokenOf, now_us: int) -> None:
    """Check an answer against the order it answers; what an order of this kind may be answered
    at all is `orders.move`'s business.

    Raises:
        InputRejected: a part that is missing, does not belong here, or contradicts the order.
    """
    if answer.order != order.id:
        raise InputRejected("order", answer.order, "order.same_order", order=order.id)
    if answer.at_us is not None and answer.at_us > now_us:
        raise InputRejected("at_us", answer.at_us, "order.not_future")
    _check_currency("currency", answer.currency, order)
    _check_parts(answer)
    asked = Asked.ORIGIN in order.asked and answer.outcome is Outcome.DONE
    _expect("peer", answer.peer, asked, "order.peer")
    if answer.outcome is Outcome.CONFIRMED and answer.payment is not None:
        _check_confirmed(order, answer.payment, token_of)
    if answer.outcome is Outcome.RETURNED and answer.payment is not None:
        _check_returned(order, answer, answer.payment, token_of, now_us)
    if answer.statement is not None:
        _check_statement(order, answer.statement, token_of, now_us)


def _check_parts(answer: Answer) -> None:
    _expect("payment", answer.payment, answer.outcome in _PAYMENT, "order.payment")
    told = answer.outcome is Outcome.STATEMENT
    _expect("statement", answer.statement, told, "order.statement")
    if answer.forwarded and answer.outcome not in _FORWARDED:
        raise InputRejected("forwarded", len(answer.forwarded), "order.nothing")


def _expect(field: str, part: object, wanted: bool, missing: str) -> None:
    if wanted and part is None:
        raise InputRejected(field, None, missing)
    if not wanted and part is not None:
        raise InputRejected(field, "…", "order.nothing")


def _check_currency(field: str, said: str | None, order: Order) -> None:
    if said is not None and order.currency is not None and said != order.currency:
        raise InputRejected(field, said, "order.same_currency", currency=order.currency)


def _check_account(field: str, said: str | None, wanted: str | None, code: str, of: TokenOf) -> str:
    """The token of the account said; it must be the one the order names, if it names one."""
    if said is None:
        raise InputRejected(field, None, code)
    token = of(accounts.canonical(said, field=field).text)
    if wanted is not None and token != wanted:
        raise InputRejected(field, said, code)
    return token


def _check_confirmed(order: Order, line: PaymentLine, of: TokenOf) -> None:
    payer = _check_account("payment.payer_account", line.payer_account, order.account, _OWN, of)
    code = "order.same_payee" if order.beneficiary else "order.payee"
    payee = _check_account("payment.payee_account", line.payee_account, order.beneficiary, code, of)
    if payee == payer:
        raise InputRejected("payment.payee_account", line.payee_account, "order.other_account")
    if line.amount != order.amount:
        raise InputRejected("payment.amount", line.amount, "order.same_amount", asked=order.amount)
    _check_currency("payment.currency", line.currency, order)
    if line.at_us < (order.from_us or 0) or (order.to_us and line.at_us > order.to_us):
        raise InputRejected("payment.at_us", line.at_us, "order.period")


def _check_returned(
    order: Order, answer: Answer, line: PaymentLine, of: TokenOf, now_us: int
) -> None:
    """The bank's own line shows the money on its way to the victim, after it was told to: a line
    of another time leaves the trail where it was, and the same money would be returned again
    (REQ-15)."""
    _check_account("payment.payer_account", line.payer_account, order.account, _OWN, of)
    _check_account(
        "payment.payee_account", line.payee_account, order.beneficiary, "order.same_payee", of
    )
    said = order.amount if answer.amount is None else answer.amount
    if line.amount != said:
        raise InputRejected("payment.amount", line.amount, "order.same_amount", asked=said)
    _check_currency("payment.currency", line.currency, order)
    if line.at_us < order.created_us:
        raise InputRejected("payment.at_us", line.at_us, "order.since_ordered")
    if line.at_us > now_us:
        raise InputRejected("payment.at_us", line.at_us, "order.not_future")


def _check_statement(order: Order, body: StatementBody, of: TokenOf, now_us: int) -> None:
    _check_account("statement.account", body.account, order.account, _OWN, of)
    _check_currency("statement.currency", body.currency, order)
    if body.to_us > now_us:
        raise InputRejected("statement.to_us", body.to_us, "order.not_future")
    if body.from_us > body.to_us or body.from_us > (order.from_us or 0):
        raise InputRejected("statement.from_us", body.from_us, "order.period")


_OWN = "order.own_account"
