"""REQ-30: a loan whose money goes to somebody else's account."""

from __future__ import annotations

from typing import Any

from detectors.conftest import NOON, TENGE

CODE = "chains.loan_paid_to_another"


def test_fires_on_a_drop_s_account_and_is_quiet_on_one_s_own_and_on_shops(
    see: Any, loan: Any, session: Any, payment: Any
) -> None:
    loans = [
        loan("victim", payout_account="drop"),
        loan("victim 2", payout_account="drop 2", decision="refused"),
        loan("honest", payout_account="own"),
        loan("shared", payout_account="family's"),
        loan("nobody knows", payout_account="unknown"),
        loan("untold", payout_account=None),
        *(loan(f"buyer {n}", payout_account="shop") for n in range(11)),
    ]
    payments = [
        payment("x", "drop", 5_000, payee_holder="a drop"),
        payment("own", "y", 5_000, payer_holder="honest"),
        payment("x", "shop", 5_000, payee_holder="a shop"),
    ]
    sessions = [
        session("a second drop", "drop 2", "d"),
        session("shared", "family's", "d"),
        session("the spouse", "family's", "d"),
        session("a guess", "unknown", "d", outcome="failed"),
    ]
    found = see(CODE, {"loan": loans, "session": sessions, "payment": payments})
    assert [(one.subject, one.score) for one in found] == [("victim", 1.0), ("victim 2", 0.5)]
    assert found[0].evidence == {
        "currency": "KZT", "asked_minor": 100_000 * TENGE, "applications": 1, "granted": 1,
        "borrowers": 1, "accounts": ["drop"], "first_us": NOON, "facts": ["lender:l0"],
    }  # fmt: skip


def test_a_parameter_moves_the_border(see: Any, loan: Any, payment: Any) -> None:
    facts = {
        "loan": [loan(f"buyer {n}", payout_account="shop") for n in range(3)],
        "payment": [payment("x", "shop", 5_000, payee_holder="a shop")],
    }
    assert len(see(CODE, facts)) == 3
    assert see(CODE, facts, max_borrowers=2) == []
