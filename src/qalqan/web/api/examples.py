"""Bodies as examples in the API's description; a test holds each against its schema."""

from __future__ import annotations

from typing import Any

_PAYMENT = {
    "id": "2026-11-24/000184", "at_us": 1_795_514_400_000_000, "side": "payer",
    "payer_account": "KZ622110000000000016", "payee_account": "KZ462230000000000027",
    "amount": 45_000_000, "currency": "KZT", "instrument": "transfer",
}  # fmt: skip
EXAMPLES: dict[str, dict[str, dict[str, Any]]] = {
    "/v1/facts/{kind}": {"payment": {"facts": [_PAYMENT]}},
    "/v1/orders/{order}/answers": {
        "held": {"order": "O-26-000001", "outcome": "held", "amount": 45_000_000},
        "gone": {
            "order": "O-26-000001", "outcome": "gone", "amount": 0, "forwarded": [_PAYMENT],
        },
        "confirmed": {"order": "O-26-000002", "outcome": "confirmed", "payment": _PAYMENT},
        "refused": {"order": "O-26-000003", "outcome": "refused", "reason": "no such account"},
    },
    "/v1/orders/{order}/appeals": {"customer": {"words": "This is my salary, not stolen money."}},
    "/v1/calls/places": {
        "roams": {
            "places": [
                {"number": "+77010000001", "abroad": True, "at_us": 1_795_514_400_000_000},
            ],
            "complete_us": 1_795_514_460_000_000,
        }
    },
    "/v1/calls/appeals": {
        "customer": {
            "number": "+7 727 250 00 01", "about_us": 1_795_514_400_000_000, "place": "abroad",
            "words": "Our help desk runs on a server abroad.", "contact": "desk@cell.example",
            "language": "en",
        }
    },
    "/v1/reports": {
        "call": {
            "methods": ["28"], "region": "KZ-75", "language": "kk", "victim_iin": "900101300017",
            "payer_account": "KZ622110000000000016", "payee_account": "KZ462230000000000027",
            "amount": 45_000_000, "crime_us": 1_795_514_400_000_000,
            "discovered_us": 1_795_515_000_000_000, "reported_us": 1_795_515_600_000_000,
        }
    },
}  # fmt: skip
"""Path → name → body."""


def examples(whole: dict[str, Any]) -> None:
    """Write them into a description."""
    for path, told in EXAMPLES.items():
        content = whole["paths"][path]["post"]["requestBody"]["content"]["application/json"]
        content["examples"] = {name: {"value": body} for name, body in told.items()}
