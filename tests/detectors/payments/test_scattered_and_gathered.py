"""REQ-39, 42: one account's money over several to one again."""

from __future__ import annotations

from typing import Any

from detectors.conftest import DAY, HOUR, NOON, TENGE

CODE = "payments.scattered_and_gathered"


def test_fires_on_who_gathers_and_is_quiet_on_wages_friends_and_tills(
    see: Any, payment: Any
) -> None:
    rows = [
        *(payment("above", f"drop {n}", 100_000, n) for n in range(4)),
        *(payment(f"drop {n}", "organiser", 92_000, 24 + n) for n in range(3)),
        payment("drop 3", "organiser", 60_000, 30),
        # wages spent in one shop
        *(payment("employer", f"worker {n}", 200_000, instrument="salary") for n in range(4)),
        *(payment(f"worker {n}", "landlord", 190_000, 5) for n in range(4)),
        # friends pay a common bill out of their own money
        *(payment(f"friend {n}", "host", 20_000, n) for n in range(4)),
        # a family that has known one another pays the same school
        *(payment("mother", f"child {n}", 10_000, -24 * 30) for n in range(4)),
        *(payment("mother", f"child {n}", 10_000) for n in range(4)),
        *(payment(f"child {n}", "school", 9_500, 2) for n in range(4)),
        # money comes back before it came
        *(payment(f"early {n}", "payee", 9_500, -2) for n in range(4)),
        *(payment("payer", f"early {n}", 10_000) for n in range(4)),
    ]
    [finding] = see(CODE, {"payment": rows})
    assert finding.subject == "organiser"
    assert finding.window_to_us - finding.window_from_us == 30 * DAY
    assert finding.evidence == {
        "currency": "KZT", "scattering": "above", "between": 4, "like": 3,
        "intermediaries": [f"drop {n}" for n in range(4)],
        "scattered_minor": 400_000 * TENGE, "gathered_minor": 336_000 * TENGE,
        "longest_span_us": 27 * HOUR, "first_us": NOON, "last_us": NOON + 30 * HOUR,
    }  # fmt: skip


def test_parameters_move_the_borders(see: Any, payment: Any) -> None:
    rows = [
        *(payment("above", f"drop {n}", 100_000, n) for n in range(2)),
        *(payment(f"drop {n}", "organiser", 90_000, 24 + n) for n in range(2)),
    ]
    facts = {"payment": rows}
    assert see(CODE, facts) == []
    assert len(see(CODE, facts, min_between=2)) == 1
    assert see(CODE, facts, min_between=2, within_us=24 * HOUR - 1) == []
