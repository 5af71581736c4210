"""A filled workbook back as answers; what can't be read is refused by place, the rest goes on.

A bad row spoils its own order and no other: a statement without one of its lines is no
statement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from qalqan.errors import InputRejected
from qalqan.exchange.order_message import Answer, OrderMessage, PaymentLine
from qalqan.exchange.order_sheet import cells
from qalqan.exchange.order_sheet.columns import ASKED, BY_NAME, LINES, PROLONG
from qalqan.exchange.order_sheet.rows import Row, tables_of
from qalqan.exchange.order_sheet.told import TENGE, Refused, Told, by_order
from qalqan.model.order import Kind, Outcome

_ONE_LINE = frozenset({Outcome.CONFIRMED, Outcome.RETURNED})
_FORWARDED = frozenset({Outcome.GONE, Outcome.PARTIAL})

Fields = Mapping[str, str]
"""Column → field of a message."""

_ANSWER = {
    "outcome": "outcome", "answer_amount": "amount", "reference": "reference", "note": "reason",
    "peer": "peer",
}  # fmt: skip
_STATEMENT = {
    "account": "account", "from": "from_us", "to": "to_us", "opening": "opening",
    "closing": "closing",
}  # fmt: skip
_LINE = {one.name: one.name for one in LINES if one.name not in {"order", "currency"}} | {
    "at": "at_us"
}
_ASKED = {one.name: one.name for one in ASKED if one.name not in {"reason", "currency"}} | {
    "from": "from_us", "to": "to_us", "due": "due_us", "expires": "expires_us", "data": "asked",
}  # fmt: skip


@dataclass(frozen=True)
class Read:
    """What a filled sheet says."""

    answers: tuple[Answer, ...] = ()
    refused: tuple[Refused, ...] = ()


def read(data: bytes, content_type: str | None = None) -> Read:
    """Answers of a filled workbook or csv file; rows that nobody filled in are passed over.

    Raises:
        InputRejected: the file is neither, or lacks the column for the answers.
    """
    orders, strays = by_order(tables_of(data, content_type))
    answers = [answer for told in orders if (answer := _answer(told)) is not None]
    refused = [each for told in orders for each in told.refused]
    return Read(tuple(answers), (*strays, *refused))


def asked(data: bytes, partner: str, issued_us: int) -> list[OrderMessage]:
    """The orders that a workbook of ours lists, as its partner reads them at `issued_us`.

    Raises:
        InputRejected: no workbook of ours, or an order that was changed beyond reading.
    """
    rows = (row for rows in tables_of(data, None) for row in rows if "kind" in row.cells)
    return [_message(row, partner, issued_us) for row in rows]


def _message(row: Row, partner: str, issued_us: int) -> OrderMessage:
    told = Told(str(row.cells.get("order")))
    said = _values(told, row, _ASKED, _currency(row, TENGE))
    said |= {"partner": partner, "issued_us": issued_us, "currency": row.cells.get("currency")}
    if said.get("kind") == PROLONG:
        said["kind"] = Kind.HOLD
    message = _checked(told, row, OrderMessage, said, _ASKED)
    if message is None:
        first = told.refused[0]
        raise InputRejected(first.field, first.value, first.expected, **first.params)
    return message


def _answer(told: Told) -> Answer | None:
    """The answer to one order; None if nobody filled it in, or refusals say why not."""
    _check_rows(told)
    if told.refused or not told.answers:
        return None
    row = told.answers[0]
    currency = _currency(row, TENGE)
    said = {"order": told.order, **_values(told, row, _ANSWER, currency)}
    lines = [line for each in told.lines if (line := _line(told, each, currency)) is not None]
    if told.refused:
        return None
    if "amount" in said:
        said["currency"] = row.cells.get("currency")
    said |= _parts(told, row, Outcome(said["outcome"]), lines)
    return None if told.refused else _checked(told, row, Answer, said, {**_ANSWER, **_STATEMENT})


def _check_rows(told: Told) -> None:
    """One row with an outcome, for an order that is on the sheet."""
    if len(told.answers) > 1:
        for row in told.answers:
            told.refuse(row, "order", told.order, "sheet.twice")
    elif told.answers and "outcome" not in told.answers[0].cells:
        told.refuse(told.answers[0], "outcome", None, "fact.missing")
    elif told.lines and not told.answers and told.blank:
        told.refuse(told.blank[0], "outcome", None, "fact.missing")
    elif told.lines and not told.answers:
        told.refuse(told.lines[0], "order", told.order, "order.own")


def _parts(told: Told, row: Row, outcome: Outcome, lines: Sequence[PaymentLine]) -> dict[str, Any]:
    """What the lines are to an answer."""
    if outcome is Outcome.STATEMENT:
        currency = _currency(row, TENGE)
        head = _values(told, row, _STATEMENT, currency)
        return {"statement": {"id": told.order, "currency": currency, "lines": lines, **head}}
    if outcome in _FORWARDED:
        return {"forwarded": lines}
    if lines and outcome not in _ONE_LINE:
        told.refuse(told.lines[0], "order", told.order, "order.nothing")
    if len(lines) > 1 and outcome in _ONE_LINE:
        told.refuse(told.lines[1], "order", told.order, "sheet.one_line")
    return {"payment": lines[0]} if lines else {}


def _line(told: Told, row: Row, usual: str) -> PaymentLine | None:
    """One line; sums are in the order's currency unless the line says another."""
    currency, before = _currency(row, usual), len(told.refused)
    said = {"currency": currency, **_values(told, row, _LINE, currency)}
    return _checked(told, row, PaymentLine, said, _LINE) if len(told.refused) == before else None


def _currency(row: Row, usual: str) -> str:
    return str(row.cells.get("currency", usual))


def _values(told: Told, row: Row, fields: Fields, currency: str) -> dict[str, Any]:
    """The row's filled cells of these columns by field; what can't be read is refused."""
    said: dict[str, Any] = {}
    for name, theirs in fields.items():
        try:
            if name in row.cells:
                said[theirs] = cells.value(row.cells, name, currency)
        except InputRejected as error:
            told.refuse(row, name, error.value, error.expected)
    return said


Model = TypeVar("Model", bound=BaseModel)


def _checked(
    told: Told, row: Row, model: type[Model], said: dict[str, Any], fields: Fields
) -> Model | None:
    """The model; None and refusals if the values don't make one."""
    try:
        return model.model_validate(said)
    except ValidationError as error:
        names = {theirs: ours for ours, theirs in fields.items()}
        for each in error.errors(include_url=False, include_input=False):
            name = names.get(str(each["loc"][-1]), str(each["loc"][-1]))
            expected, params = _expected(name, each)
            told.refuse(row, name, row.cells.get(name), expected, **params)
    return None


def _expected(name: str, error: ErrorDetails) -> tuple[str, dict[str, object]]:
    """What a message wants of a column, in the sheet's words."""
    shape = BY_NAME[name].shape if name in BY_NAME else None
    if shape in cells.EXPECTED:
        return cells.EXPECTED[shape], {}
    if error["type"] == "missing":
        return "fact.missing", {}
    if error["type"] == "string_too_long":
        return "text.too_long", {"most": error["ctx"]["max_length"]}
    return "sheet.value", {}
