"""One good fact of each kind, without its id; and a payment with one."""

from __future__ import annotations

from typing import Any

AT = 1_767_225_600_000_000  # 2026-01-01
DAY = 86_400_000_000
PHONE = "+7 701 123 45 67"
PERSON = "850101300005"
IBAN = "KZ75125KZT2069100100"

GOOD: dict[str, dict[str, Any]] = {
    "payment": {
        "at_us": AT, "side": "payer", "payer_account": "AAA:1", "payee_account": "BBB:2",
        "amount": 100_00, "currency": "KZT", "instrument": "transfer",
    },
    "statement": {
        "bank": "AAA", "account": "AAA:1", "from_us": AT - DAY, "to_us": AT, "opening": 0,
        "closing": 0, "currency": "KZT", "complete": True, "lines": 0,
    },
    "subscription": {
        "at_us": AT, "event": "activated", "phone": PHONE, "holder": PERSON,
        "holder_kind": "person", "biometric": True,
    },
    "call": {
        "at_us": AT, "caller": PHONE, "callee": "+44 20 7946 0018", "trunk_class": "voip",
        "duration_s": 5, "answered": "true",
    },
    "session": {"at_us": AT, "ip": "10.0.0.1", "remote_access": False, "outcome": "signed_in"},
    "loan": {
        "at_us": AT, "applicant": PERSON, "amount": 100, "currency": "KZT",
        "payout_account": "AAA:9", "decision": "granted",
    },
    "listing": {
        "at_us": AT, "seller": PHONE, "category": "cars", "title": "Toyota", "text": "Toyota, 5",
        "price": 100, "currency": "KZT",
    },
    "sighting": {"at_us": AT, "subject_kind": "phone", "subject": PHONE},
}  # fmt: skip


def payment(fact: str, **other: Any) -> dict[str, Any]:
    """A payment between two local accounts of two banks."""
    return {"id": fact, **GOOD["payment"], **other}
