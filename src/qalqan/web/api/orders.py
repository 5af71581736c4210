"""Orders for a partner that fetches them, and its answers (REQ-19, 44)."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException

from qalqan.cases import delivery
from qalqan.cases.answers import take_answer
from qalqan.errors import InputRejected
from qalqan.exchange.order_message import Answer
from qalqan.web.access import OrderId, ThePartner, database_of, keys_of
from qalqan.web.api import messages
from qalqan.web.api.bodies import XML, AnyBytes, content_type, parsed
from qalqan.web.api.standing import standing

router = APIRouter(tags=["orders"])


@router.get("/orders")
def orders(request: Request, partner: ThePartner, after: str = "") -> dict[str, Any]:
    """Signed orders that wait for this partner's answer, after the cursor `after`.

    Each `order` is a compact JWS; `iso20022` beside it is the recall (camt.056), for a bank that
    speaks ISO 20022 and an order that has one; `next` is the cursor for the next call. A cursor
    that was never given starts again.
    """
    page = delivery.offer(database_of(request), keys_of(request), partner.code, after)
    return {
        "orders": [{"id": offered.id, **offered.body()} for offered in page.orders],
        "next": page.next,
    }


@router.post("/orders/{order}/received")
def received(request: Request, order: OrderId, partner: ThePartner) -> dict[str, Any]:
    """Say that an order has come; saying it again changes nothing."""
    return standing(delivery.receive(database_of(request), partner.code, order))


@router.post("/orders/{order}/answers")
def answer(request: Request, order: OrderId, partner: ThePartner, body: AnyBytes) -> dict[str, Any]:
    """Answer one order, in JSON or by a message of ISO 20022 (camt.053, camt.029); the same
    answer again changes nothing, another one is a conflict."""
    if (kind := content_type(request)) in XML:
        return standing(messages.answered_one(request, partner.code, body, order))
    if kind != "application/json":
        raise HTTPException(415)
    given = parsed(Answer, body)
    if given.order != order:
        raise InputRejected("order", given.order, "order.same_order", order=order)
    return standing(take_answer(database_of(request), keys_of(request), partner.code, given))
