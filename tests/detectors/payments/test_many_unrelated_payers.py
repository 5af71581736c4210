"""REQ-39, 90: many new payers who know neither the account nor one another."""

from __future__ import annotations

from typing import Any

from detectors.conftest import DAY, HOUR, NOON, TENGE

CODE = "payments.many_unrelated_payers"


def test_fires_on_a_rush_of_victims_and_is_quiet_on_sellers_and_collections(
    see: Any, payment: Any
) -> None:
    rows = [
        payment("somebody", "shop", 100, -24 * 60),  # the lake is not new
        *(payment(f"victim {n}", "drop", 100_000, n) for n in range(4)),
        payment("victim 1", "drop", 50_000, 5),  # paying once more makes no fifth payer
        payment("drop", "next", 300_000, 6),
        # a seller who takes transfers has new customers all the time
        *(payment(f"early {n}", "seller", 100_000, -24 * (4 + n)) for n in range(5)),
        *(payment(f"late {n}", "seller", 100_000, n) for n in range(4)),
        payment("seller", "supplier", 300_000, 6),
        # a class collects for its teacher: parents pay one another, too
        payment("parent 0", "parent 1", 2_000, -24 * 9),
        payment("parent 2", "parent 3", 2_000, -24 * 9),
        *(payment(f"parent {n}", "collector", 10_000, n) for n in range(4)),
        payment("collector", "flowers", 39_000, 6),
        # gifts stay
        *(payment(f"guest {n}", "bride", 100_000, n) for n in range(4)),
        # takings by card
        *(payment(f"customer {n}", "shop", 9_000, n, instrument="card") for n in range(9)),
        payment("shop", "wholesaler", 80_000, 10),
    ]
    found = see(CODE, {"payment": rows})
    assert {one.subject for one in found} == {"drop"}
    assert found[0].window_from_us == 20_000 * DAY
    assert found[0].evidence == {
        "currency": "KZT", "payers": 4, "earlier_payers": 0, "related_payers": 0,
        "received_minor": 450_000 * TENGE, "passed_minor": 300_000 * TENGE, "first_us": NOON,
        "last_us": NOON + 3 * HOUR,
    }  # fmt: skip


def test_parameters_move_the_borders(see: Any, payment: Any) -> None:
    rows = [
        payment("somebody", "shop", 100, -24 * 60),
        *(payment(f"victim {n}", "drop", 100_000, n) for n in range(3)),
        payment("drop", "next", 290_000, 4),
    ]
    facts = {"payment": rows}
    assert [one.evidence["payers"] for one in see(CODE, facts)] == [3]
    assert see(CODE, facts, min_payers=4) == []
    assert see(CODE, {"payment": rows[1:]}) == [], "in a new lake everybody is new"
