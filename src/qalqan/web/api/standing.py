"""Where an order stands, as its partner may know it."""

from __future__ import annotations

from typing import Any

from qalqan.model.order import Order


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
