"""The workbook with a partner's orders, and with its answers where some are given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from qalqan.exchange.order_message import Answer, OrderMessage, PaymentLine
from qalqan.exchange.order_sheet.columns import (
    ANSWERED,
    ASKED,
    LINES,
    PROLONG,
    Column,
    Shape,
    words,
)
from qalqan.exchange.order_sheet.page import Book, Row, Values
from qalqan.model.order import OUTCOMES, Kind, Outcome
from qalqan.text.catalogue import say

_ORDERS = (*ASKED, *ANSWERED)
_TO_FILL = tuple(column.name for column in ANSWERED)
_READY = 2_000
"""Rows below the last line whose cells have their drop-down lists."""


def write(messages: Sequence[OrderMessage], language: str, answers: Iterable[Answer] = ()) -> bytes:
    """The orders as a workbook (xlsx) in kk, ru or en, the answers to them filled in.

    Raises:
        OverflowError: a time outside the years 1 to 9999.
    """
    said = {answer.order: answer for answer in answers}
    book = Book(language, max((message.issued_us for message in messages), default=0))
    orders = [_order(each, said.get(each.order), language) for each in messages]
    page = book.sheet(say("orders.sheet.orders", language), _ORDERS, orders, _TO_FILL)
    outcome = _place(_ORDERS, "outcome")
    for row, each in enumerate(messages, start=1):
        allowed = [code for code in Outcome if code in OUTCOMES[each.kind]]
        book.choose(page, outcome, (row, row), Shape.OUTCOME, allowed)
    lines: list[Row] = [
        (_line(each.order, line), ()) for each in said.values() for line in _lines_of(each)
    ]
    page = book.sheet(say("orders.sheet.lines", language), LINES, lines, ())
    until = len(lines) + _READY
    for name, shape in (("side", Shape.SIDE), ("instrument", Shape.INSTRUMENT)):
        book.choose(page, _place(LINES, name), (1, until), shape, words(shape))
    return book.done()


def _place(columns: Sequence[Column], name: str) -> int:
    return next(place for place, column in enumerate(columns) if column.name == name)


def _order(message: OrderMessage, answer: Answer | None, language: str) -> Row:
    is_longer = message.kind is Kind.HOLD and message.reply_to is not None
    row: dict[str, Any] = {
        "order": message.order,
        "case": message.case,
        "kind": PROLONG if is_longer else message.kind,
        "account": message.account,
        "amount": message.amount,
        "currency": message.currency,
        "from": message.from_us,
        "to": message.to_us,
        "beneficiary": message.beneficiary,
        "reply_to": message.reply_to,
        "ground": message.ground,
        "reason": message.reason.get(language),
        "due": message.due_us,
        "expires": message.expires_us,
        "subject": message.subject,
        "subject_kind": message.subject_kind,
        "data": message.asked or None,
    }
    # A statement goes up to the moment of answering, which only its writer knows.
    asks_end = message.kind is Kind.STATEMENT and message.to_us is None
    to_fill = (*_TO_FILL, "to") if asks_end else _TO_FILL
    return (row if answer is None else {**row, **_answered(row, answer)}), to_fill


def _answered(row: Values, answer: Answer) -> Values:
    """What the partner fills in; a statement says its own period and currency."""
    said = {
        "outcome": answer.outcome,
        "answer_amount": answer.amount,
        "currency": answer.currency or row["currency"],
        "reference": answer.reference,
        "note": answer.reason,
        "peer": answer.peer,
    }
    body = answer.statement
    if body is None:
        return said
    return said | {
        "account": body.account,
        "currency": body.currency,
        "from": body.from_us,
        "to": body.to_us,
        "opening": body.opening,
        "closing": body.closing,
    }


def _lines_of(answer: Answer) -> list[PaymentLine]:
    if answer.statement is not None:
        return answer.statement.lines
    return answer.forwarded if answer.payment is None else [answer.payment]


def _line(order: str, line: PaymentLine) -> Values:
    return {**line.model_dump(), "order": order, "at": line.at_us}
