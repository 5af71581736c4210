"""REQ-38, 39, 65: several people's accounts worked from one device."""

from __future__ import annotations

from typing import Any

from detectors.conftest import HOUR, NOON, TENGE

CODE = "chains.accounts_on_one_device"


def test_fires_on_a_ring_s_device_and_is_quiet_on_families_and_bookkeepers(
    see: Any, payment: Any, session: Any
) -> None:
    payments = [
        payment("victim 1", "drop 1", 500_000),
        payment("drop 1", "next", 450_000, 1),
        payment("victim 2", "drop 2", 300_000),
        payment("drop 2", "next", 280_000, 1),
        # a family's money comes from people it has known
        payment("aunt", "mother", 1_000, -24 * 20),
        payment("aunt", "mother", 100_000),
        payment("mother", "landlord", 90_000, 1),
        payment("uncle", "father", 1_000, -24 * 20),
        payment("uncle", "father", 100_000),
        payment("father", "landlord", 90_000, 1),
        # firms with one bookkeeper
        *(payment("customer", f"firm {n}", 90_000, instrument="card") for n in range(2)),
        *(payment(f"firm {n}", "supplier", 80_000, 1) for n in range(2)),
        # another bank's mark that reads the same
        payment("victim 3", "drop 3", 300_000),
        payment("drop 3", "next", 280_000, 1),
    ]
    sessions = [
        session("p1", "drop 1", "ring's", 0),
        session("p1", "drop 1", "ring's", 2),
        session("p2", "drop 2", "ring's", 0),
        session("p4", "own", "ring's", 0),
        session("wife", "mother", "tablet"),
        session("husband", "father", "tablet"),
        session("f0", "firm 0", "bookkeeper's"),
        session("f1", "firm 1", "bookkeeper's"),
        session("p3", "drop 3", "ring's", 0, source="bank 2"),
    ]
    found = see(CODE, {"payment": payments, "session": sessions})
    assert [one.subject for one in found] == ["drop 1", "drop 2"]
    assert found[0].score == 0.5
    assert found[0].evidence == {
        "currency": "KZT", "holders": 3, "accounts": ["drop 1", "drop 2", "own"], "passing": 2,
        "received_minor": 500_000 * TENGE, "passed_minor": 450_000 * TENGE, "device": "ring's",
        "first_us": NOON, "last_us": NOON + 2 * HOUR,
    }  # fmt: skip


def test_parameters_move_the_borders(see: Any, payment: Any, session: Any) -> None:
    facts = {
        "payment": [
            row
            for n in range(3)
            for row in (
                payment(f"victim {n}", f"drop {n}", 100_000),
                payment(f"drop {n}", "next", 69_999, 1),
            )
        ],
        "session": [session(f"p{n}", f"drop {n}", "d") for n in range(3)],
    }
    assert see(CODE, facts) == []
    assert len(see(CODE, facts, min_passed_permille=699)) == 3
    assert see(CODE, facts, min_passed_permille=699, max_holders=2) == []
