"""REQ-65: an account that rested, and then passes strangers' money on."""

from __future__ import annotations

from typing import Any

from detectors.conftest import DAY, HOUR, NOON, TENGE

CODE = "payments.dormant_then_active"


def test_fires_on_a_woken_cabinet_and_is_quiet_on_those_who_come_back(
    see: Any, payment: Any
) -> None:
    rows = [
        payment("customer", "cabinet", 5_000, -24 * 90, instrument="card"),
        payment("cabinet", "the bank", 100, -24 * 10, instrument="fee"),
        payment("victim 1", "cabinet", 300_000),
        payment("victim 2", "cabinet", 200_000, 20),
        payment("cabinet", "next", 450_000, 21),
        # back from abroad: wages come, and are spent
        payment("returner", "shop", 5_000, -24 * 90),
        payment("employer", "returner", 400_000, instrument="salary"),
        payment("returner", "landlord", 300_000, 2),
        # an inheritance stays
        payment("heir", "shop", 5_000, -24 * 90),
        payment("notary", "heir", 9_000_000),
        # used all the time
        *(payment("busy", "shop", 5_000, -24 * day) for day in range(1, 90, 20)),
        payment("victim 3", "busy", 300_000),
        payment("busy", "next", 290_000, 1),
        # nobody knows whether it rested
        payment("victim 4", "new", 300_000),
        payment("new", "next", 290_000, 1),
    ]
    [finding] = see(CODE, {"payment": rows})
    assert finding.subject == "cabinet"
    assert (finding.window_from_us, finding.window_to_us) == (20_000 * DAY, 20_003 * DAY)
    assert finding.evidence == {
        "currency": "KZT", "rest_span_us": 90 * DAY, "received_minor": 500_000 * TENGE,
        "passed_minor": 450_000 * TENGE, "payers": 2, "before_us": NOON - 90 * DAY,
        "woke_us": NOON, "last_us": NOON + 21 * HOUR,
    }  # fmt: skip


def test_parameters_move_the_borders(see: Any, payment: Any) -> None:
    rows = [
        payment("short", "shop", 5_000, -24 * 29),
        payment("victim", "short", 100_000),
        payment("short", "next", 95_000, 1),
        payment("less", "shop", 5_000, -24 * 30),
        payment("victim", "less", 100_000),
        payment("less", "next", 49_999, 1),
    ]
    facts = {"payment": rows}
    assert see(CODE, facts) == []
    found = see(CODE, facts, rest_days=29, min_passed_permille=499)
    assert [one.subject for one in found] == ["less", "short"]


def test_what_is_passed_on_after_the_days_of_waking_does_not_count(see: Any, payment: Any) -> None:
    rows = [
        payment("late", "shop", 5_000, -24 * 90),
        payment("victim", "late", 100_000),
        payment("late", "next", 95_000, 24 * 3),
    ]
    assert see(CODE, {"payment": rows}) == []
    [finding] = see(CODE, {"payment": rows}, active_days=4)
    assert finding.subject == "late"
