"""Calls and registrations of which a test tells only what matters; and those of the small lake."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

Row = dict[str, Any]

MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
NOON = 20_480 * DAY + 7 * HOUR  # 27 January 2026, noon in Almaty
FROM_ABROAD: Row = {"trunk": "t1", "trunk_class": "international", "caller_country": "RU"}
_numbers = count()


def call(caller: str | None, callee: str | None, minutes: float = 0, **columns: Any) -> Row:
    """An answered call from one subscriber's telephone to another's, minutes after noon."""
    return {
        "id": f"c{next(_numbers)}",
        "source": "operator",
        "at_us": NOON + int(minutes * MINUTE),
        "caller": caller,
        "caller_country": "KZ",
        "caller_class": "mobile",
        "callee": callee,
        "callee_country": "KZ",
        "callee_class": "mobile",
        "trunk_class": "access",
        "service": "voice",
        "answered": True,
        "duration_s": 60,
        "ring_s": 10,
        **columns,
    }


def talks(caller: str, callees: list[str], minutes: float = 0, **columns: Any) -> list[Row]:
    """Calls to all of them, one a minute, each of another length of a minute or more."""
    return [
        call(caller, callee, minutes + n, **{"duration_s": int(61 + minutes + 7 * n), **columns})
        for n, callee in enumerate(callees)
    ]


def some(name: str, n: int, first: int = 0) -> list[str]:
    """Names of `n` numbers."""
    return [f"{name} {k}" for k in range(first, first + n)]


def activation(phone: str, holder: str, minutes: float = 0, **columns: Any) -> Row:
    """A number activated on a person by a dealer, minutes after noon, without biometrics."""
    return {
        "id": f"a{next(_numbers)}",
        "source": "operator",
        "at_us": NOON + int(minutes * MINUTE),
        "event": "activated",
        "phone": phone,
        "holder": holder,
        "holder_kind": "person",
        "dealer": "D1",
        "region": "KZ-75",
        "biometric": False,
        **columns,
    }


def story(start_us: int) -> dict[str, list[Row]]:
    """What chance does not bring about, by kind of fact."""
    calls, sold, others = [*_campaigns()], [*_batch()], _victim()
    rows = {"call": calls + others.pop("call"), "subscription": sold + others.pop("subscription")}
    moved = {**rows, **others}
    return {
        kind: [{**row, "at_us": row["at_us"] - NOON + start_us} for row in told]
        for kind, told in moved.items()
    }


def _campaigns() -> Iterator[Row]:
    """Callers that go through many numbers."""
    unheard = {"answered": False, "duration_s": 0}
    for n, callee in enumerate(some("rung", 25)):
        yield call("dear", callee, n, **FROM_ABROAD, **unheard, ring_s=1)
    for n, callee in enumerate(some("line", 25)):
        yield call("stranger", callee, n, **FROM_ABROAD, **unheard, callee_class="fixed")
        yield call(f"forged {n}", callee, n, **{**FROM_ABROAD, "caller_country": "KZ"},
                   caller_place="home")  # fmt: skip
    for n, callee in enumerate(some("foreigner", 60)):
        yield call(
            "centre", callee, n, trunk_class="voip", callee_country=("RU", "DE", "PL")[n % 3]
        )
    for card in range(6):
        told = {"imei": "box", "imei_tac": "86900000", "cell": "cell", "region": "KZ-61"}
        callees = some("family", 12, 12 * card)
        yield from talks(f"card {card}", callees, 9_000 + card, **told, imsi=f"imsi {card}")
        yield call(f"card {card}", f"card {(card + 1) % 6}", 9_100, **told)
    for n, callee in enumerate(some("acquaintance", 12)):
        yield call(f"stock {n}", callee, n, region=f"KZ-{n % 3}")
    for n, callee in enumerate(some("late", 6)):
        told = {"imei": f"imei {n}", "imei_tac": f"tac {n}", "region": "KZ-61"}
        yield call("changing", callee, n, **told, duration_s=50 + n)


def _batch() -> Iterator[Row]:
    """A box's cards, bought in one go, far from where it stands; and what dealers register on one
    holder: at once, and day after day."""
    for card in range(12):
        yield activation(f"card {card}", f"straw {card // 4}", 2 * card)
    for n in range(20):
        yield activation(f"stock {n}", "a dealer", -60, dealer="D3", holder_kind="company")
    for n in range(24):
        firm = {"dealer": "D4", "holder_kind": "company"}
        yield activation(f"shelf {n}", "own firm", n % 6 * 24 * 60 + n, **firm)


def _victim() -> dict[str, list[Row]]:
    """Somebody rung by a stranger, who then pays, lets him in and takes a loan."""
    at = {"at_us": NOON + 600 * MINUTE, "source": "bank"}
    paid = {
        "side": "both", "payer_account": "his", "payer_holder": "victim", "payer_bank": "211",
        "payee_account": "safe", "amount": 90_000_000, "currency": "KZT", "instrument": "transfer",
    }  # fmt: skip
    entered = {"holder": "victim", "remote_access": True, "outcome": "signed_in"}
    asked = {"applicant": "victim", "amount": 90_000_000, "currency": "KZT", "decision": "granted"}
    return {
        "call": [call("foreign", "his phone", 590, **FROM_ABROAD, duration_s=900)],
        "subscription": [activation("his phone", "victim", 1, dealer="D2", biometric=True)],
        "payment": [{"id": "after a call", **at, **paid}],
        "session": [{"id": "after a call", **at, **entered}],
        "loan": [{"id": "after a call", **at, **asked}],
    }
