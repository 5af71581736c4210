"""Trail documents written by hand: a list of payments becomes the document of the trail."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime

import pytest

RULES = ("taint_first", "lifo", "pro_rata", "fifo")
DAY_US = int(datetime(2026, 11, 23, tzinfo=UTC).timestamp()) * 10**6


def clock(text: str, day: int = 0) -> int:
    """"14:02" in Almaty on 23 November 2026 (and `day` days on) as UTC microseconds."""
    hours, minutes = text.split(":")
    return DAY_US + ((int(hours) - 5) * 60 + int(minutes)) * 60_000_000 + day * 86_400_000_000


def account(last: str) -> str:
    return f"acc_{'a' * 24}_{last}"


def document(victims, payments, kept=(), banks=None, covered=()):
    """`victims`: (claim, payer, payee, tenge, at); `payments`: (payer, payee or exit, tenge, at)."""
    banks = banks or {}
    received, here, first, units_at = Counter(), Counter(), {}, defaultdict(Counter)
    claims, legs = [], []
    for number, (claim, payer, payee, amount, at) in enumerate(victims):
        claims.append({
            "claim": claim, "root": f"root{number}", "amount": amount * 100, "at_us": at,
            "payer": account(payer), "payer_bank": banks.get(payer, "KOK"),
            "payee": account(payee), "payee_bank": banks.get(payee, ""),
        })  # fmt: skip
        received[payee] += amount * 100
        units_at[payee][claim] += amount * 100
        first.setdefault(payee, at)
    only = victims[0][0]
    for number, (payer, target, amount, at) in enumerate(payments):
        exit_kind = target if target in EXITS else None
        legs.append({
            "id": f"leg{number}", "at_us": at, "payer": account(payer),
            "payer_bank": banks.get(payer, ""), "payee": None if exit_kind else account(target),
            "payee_bank": None if exit_kind else banks.get(target, ""), "amount": amount * 100,
            "instrument": "transfer", "exit": exit_kind, "hop": 1,
            "units": {rule: {only: amount * 100} for rule in RULES},
            "facts": [f"bank:{number}"], "disagreement": None, "arrived_us": at,
        })  # fmt: skip
        units_at[payer][only] -= amount * 100
        if not exit_kind:
            received[target] += amount * 100
            units_at[target][only] += amount * 100
            first.setdefault(target, at)
    nodes = [
        {
            "account": account(name), "bank": banks.get(name, ""), "hop": 1, "first_us": first[name],
            "received": {rule: {only: received[name]} for rule in RULES},
            "here": {rule: dict(units_at[name]) for rule in RULES},
            "kept": {rule: {only: here[name]} for rule in RULES},
            "covered_to_us": first[name],
        }
        for name in received
    ]  # fmt: skip
    for node in nodes:
        name = node["account"][-4:]
        if name in kept:
            node["kept"] = node["here"]
    return {
        "policy": "1", "seal": 1, "as_of_us": 0, "currency": "KZT", "rules": list(RULES),
        "claims": claims, "nodes": nodes, "legs": legs, "frontier": [], "parts": {},
    }  # fmt: skip


EXITS = {"cash", "abroad", "crypto", "wallet", "fees", "spent", "unknown", "returned"}


class Trails:
    """What tests write trails with."""

    account = staticmethod(account)
    clock = staticmethod(clock)
    document = staticmethod(document)


@pytest.fixture(scope="session")
def trails() -> type[Trails]:
    return Trails
