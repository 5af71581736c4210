"""REQ-39: strangers' money that leaves the country's banks within hours."""

from __future__ import annotations

from typing import Any

from detectors.conftest import DAY, HOUR, NOON, TENGE

CODE = "payments.leaves_soon_after_receipt"


def test_fires_on_crypto_and_abroad_and_is_quiet_on_who_sends_his_own(
    see: Any, payment: Any
) -> None:
    rows = [
        payment("victim", "drop", 1_000_000),
        payment("drop", "exchange", 400_000, 1.5, instrument="crypto"),
        payment("drop", "seller in TR", 300_000, 3, payee_country="TR"),
        payment("drop", None, 200_000, 4, instrument="cash_out"),
        # wages sent to a school abroad
        payment("employer", "father", 500_000, instrument="salary"),
        payment("father", "school", 450_000, 1, payee_country="DE"),
        # an exchange used for weeks
        payment("trader", "his exchange", 10_000, -24 * 20, instrument="crypto"),
        payment("buyer of a car", "trader", 900_000),
        payment("trader", "his exchange", 900_000, 2, instrument="crypto"),
        # own savings leave beside a small receipt
        payment("friend", "saver", 30_000),
        payment("saver", "bank in CH", 900_000, 1, payee_country="CH"),
        # passed on within the country
        payment("victim 2", "drop 2", 800_000),
        payment("drop 2", "next", 780_000, 1),
    ]
    [finding] = see(CODE, {"payment": rows})
    assert (finding.subject, finding.window_from_us) == ("drop", 20_000 * DAY)
    evidence = dict(finding.evidence)
    assert evidence.pop("facts") == ["bank:p0", "bank:p1", "bank:p2"]
    assert evidence == {
        "currency": "KZT", "received_minor": 1_000_000 * TENGE, "left_minor": 700_000 * TENGE,
        "crypto_minor": 400_000 * TENGE, "abroad_minor": 300_000 * TENGE, "payers": 1,
        "least_span_us": 1.5 * HOUR, "first_us": NOON, "last_us": NOON + 3 * HOUR,
    }  # fmt: skip


def test_parameters_move_the_borders(see: Any, payment: Any) -> None:
    rows = [
        payment("v", "half", 100_000),
        payment("half", "x", 50_000, 1, instrument="crypto"),
        payment("v", "less", 100_000),
        payment("less", "x", 49_999, 1, instrument="crypto"),
        payment("v", "late", 100_000),
        payment("late", "x", 90_000, 6.5, instrument="crypto"),
    ]
    facts = {"payment": rows}
    assert [one.subject for one in see(CODE, facts)] == ["half"]
    found = see(CODE, facts, min_left_permille=499, within_us=7 * HOUR)
    assert [one.subject for one in found] == ["half", "late", "less"]
