"""Orders for a partner that fetches them, and its answers (REQ-19, 44)."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request

from qalqan.cases import delivery
from qalqan.cases.answers import take_answer
from qalqan.errors import InputRejected
from qalqan.exchange.order_message import Answer
from qalqan.model.order import Order
from qalqan.web.access import OrderId, ThePartner, database_of, keys_of
from qalqan.web.api.bodies import JsonBytes, parsed

router = APIRouter(tags=["orders"])


@router.get("/orders")
def orders(request: Request, partner: ThePartner, after: str = "") -> dict[str, Any]:
    """Signed orders that wait for this partner's answer, after the cursor `after`.

    Each `order` is a compact JWS; `next` is the cursor for the next call. A cursor that was
    never given starts again.
    """
    page = delivery.offer(database_of(request), keys_of(request), partner.code, after)
    return {
        "orders": [{"id": offered.id, "order": offered.jws} for offered in page.orders],
        "next": page.next,
    }


@router.post("/orders/{order}/received")
def received(request: Request, order: OrderId, partner: ThePartner) -> dict[str, Any]:
    """Say that an order has come; saying it again changes nothing."""
    return standing(delivery.receive(database_of(request), partner.code, order))


@router.post("/orders/{order}/answers")
def answer(
    request: Request, order: OrderId, partner: ThePartner, body: JsonBytes
) -> dict[str, Any]:
    """Answer one order; the same answer again changes nothing, another one is a conflict."""
    given = parsed(Answer, body)
    if given.order != order:
        raise InputRejected("order", given.order, "order.same_order", order=order)
    return standing(take_answer(database_of(request), keys_of(request), partner.code, given))


def standing(order: Order) -> dict[str, Any]:
    """Where an order stands, as its partner may know it."""
    return {
        "order": order.id,
        "state": order.state,
        "effect": order.effect,
        "currency": order.currency,
        "due_us": order.due_us,
        "expires_us": order.expires_us,
    }
