"""Answers and facts as messages of ISO 20022, for banks whose systems speak nothing else (REQ-19).

A message may answer several orders: each answer is taken or refused by itself, as those of a
workbook are.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any

from fastapi import Request
from pydantic import ValidationError
from starlette.responses import JSONResponse

from qalqan.cases import delivery, messages
from qalqan.cases.answers import take_answer
from qalqan.errors import Conflict, InputRejected, NotAllowed, NotFound, Unavailable
from qalqan.lake import intake
from qalqan.lake.checked import Terms
from qalqan.lake.hand_in import Centre, HandIn
from qalqan.lake.messages import take_statements
from qalqan.lake.receipt import Receipt
from qalqan.model.order import Order
from qalqan.web.access import database_of, keys_of, language_of
from qalqan.web.api.standing import standing
from qalqan.web.callers import Caller
from qalqan.web.errors import problem_of
from qalqan.web.validation import refusal_of


def answered(request: Request, partner: str, body: bytes, brought_by: str = "") -> JSONResponse:
    """Take every answer of a message; `brought_by`: the clerk who sent it. 200: all were taken.
    207: some were, 422: none was."""
    told = [_told(request, partner, part, brought_by) for part in messages.parts(body)]
    failed = [each for each in told if "error" in each]
    results = {"taken": len(told) - len(failed), "refused": len(failed), "answers": told}
    if not failed:
        return JSONResponse(results)
    if results["taken"]:
        return JSONResponse(results, 207)
    return JSONResponse({"error": failed[0]["error"], **results}, 422)


def answered_one(request: Request, partner: str, body: bytes, order: str) -> Order:
    """Take a message that answers this order and no other.

    Raises:
        InputRejected: it answers another one, or several; as `cases.messages` and
            `cases.answers` say.
    """
    parts = messages.parts(body)
    if len(parts) != 1:
        raise InputRejected("Document", "", "iso.one_statement", found=len(parts))
    said = messages.order_of(parts[0])
    if said not in ("", order):
        raise InputRejected("order", said, "order.same_order", order=order)
    return _taken(request, partner, parts[0], order, "")


def _told(request: Request, partner: str, part: messages.Part, brought_by: str) -> dict[str, Any]:
    order = messages.order_of(part)
    try:
        return standing(_taken(request, partner, part, order, brought_by))
    except (InputRejected, NotFound, Conflict, NotAllowed, Unavailable) as error:
        return {"order": order, "error": problem_of(error, language_of(request)).error}


def _taken(
    request: Request, partner: str, part: messages.Part, order: str, brought_by: str
) -> Order:
    database, keys = database_of(request), keys_of(request)
    try:
        answer = messages.answer_of(database, keys, partner, part, order)
    except ValidationError as error:
        raise refusal_of(error.errors(include_url=False)) from None
    if answer is None:
        return delivery.receive(database, partner, order)
    return take_answer(database, keys, partner, answer, brought_by=brought_by)


def facts(
    centre: Centre, caller: Caller, kind: str, key: str | None, body: bytes
) -> tuple[Receipt, ...]:
    """The receipt of a message's payments, or those of its statements and their lines.

    Raises:
        InputRejected: no such message. Conflict: the key came before with another body.
    """
    if kind not in _TAKE:
        raise InputRejected("kind", kind, "iso.kind")
    own = frozenset({caller.bank_code} if caller.bank_code else ())
    hand_in = HandIn(kind, caller.code, f"POST {kind}", Terms(own, retold=True), key=key)
    return _TAKE[kind](centre, hand_in, body, own)


def _payments(
    centre: Centre, hand_in: HandIn, body: bytes, own: frozenset[str]
) -> tuple[Receipt, ...]:
    from qalqan.exchange.iso20022 import payments
    from qalqan.exchange.iso20022.records import together

    return (intake.take(centre, hand_in, together(list(payments.read(io.BytesIO(body), own)))),)


def _statements(
    centre: Centre, hand_in: HandIn, body: bytes, own: frozenset[str]
) -> tuple[Receipt, ...]:
    return take_statements(centre, hand_in, io.BytesIO(body), lambda _: None)


_Take = Callable[[Centre, HandIn, bytes, frozenset[str]], tuple[Receipt, ...]]
_TAKE: Mapping[str, _Take] = {"payment": _payments, "statement": _statements}
