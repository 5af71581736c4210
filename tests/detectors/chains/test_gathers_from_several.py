"""REQ-92, 42: organisers stand above drops, whatever the number of their payments."""

from __future__ import annotations

from typing import Any

from detectors.conftest import HOUR, NOON, TENGE

CODE = "chains.gathers_from_several"


def test_an_organiser_ranks_above_drops_and_shops_are_left_out(see: Any, payment: Any) -> None:
    rows = [
        payment("victim 1", "drop 1", 500_000),
        payment("drop 1", "drop 3", 460_000, 1),
        payment("victim 2", "drop 2", 500_000),
        payment("drop 2", "drop 3", 300_000, 1),
        payment("drop 2", "landlord", 160_000, 1.5),
        payment("drop 3", "drop 4", 350_000, 2),
        payment("drop 3", "drop 5", 350_000, 2.1),
        payment("drop 4", "organiser", 320_000, 3),
        payment("drop 5", "organiser", 320_000, 3.1),
        payment("organiser", None, 400_000, 4, instrument="cash_out"),
        payment("organiser", "exchange", 200_000, 4, instrument="crypto"),
        # a till that two of them pay, and many others do
        payment("drop 4", "till", 9_000, 3),
        payment("drop 5", "till", 9_000, 3),
        *(payment(f"customer {n}", "till", 9_000, -24 * 9) for n in range(21)),
    ]
    found = see(CODE, {"payment": rows})
    ranked = sorted(found, key=lambda one: -one.score)
    assert [one.subject for one in ranked] == ["organiser", "drop 4", "drop 5", "drop 3"]
    assert ranked[0].evidence == {
        "currency": "KZT", "payers": 2, "gathered_minor": 640_000 * TENGE, "share_percent": 97,
        "depth": 4, "left_minor": 600_000 * TENGE, "onward_minor": 0,
        "first_us": NOON + 3 * HOUR, "last_us": NOON + int(3.1 * HOUR),
    }  # fmt: skip


def test_parameters_move_the_borders(see: Any, payment: Any) -> None:
    rows = [
        *(payment(f"victim {n}", f"drop {n}", 500_000) for n in range(2)),
        *(payment(f"drop {n}", "above", 460_000, 1) for n in range(2)),
    ]
    facts = {"payment": rows}
    assert [one.subject for one in see(CODE, facts)] == ["above"]
    assert see(CODE, facts, min_payers=3) == []
    assert len(see(CODE, facts, min_payers=3, or_depth_permille=2_000)) == 1
