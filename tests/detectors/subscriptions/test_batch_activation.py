"""REQ-50: numbers activated in one go, without biometrics."""

from __future__ import annotations

from typing import Any

from detectors.called import DAY, NOON, Row, activation

CODE = "subscriptions.batch_activation"


def batch(n: int, pause: float = 2, a_holder: int = 4, **columns: Any) -> list[Row]:
    name = columns.get("dealer", "D1")
    return [
        activation(f"{name} tel {k:02}", f"{name} straw {k // a_holder}", pause * k, **columns)
        for k in range(n)
    ]


def test_fires_on_many_numbers_within_minutes(see: Any) -> None:
    [found] = see(CODE, {"subscription": batch(12)})
    assert (found.subject_kind, found.subject) == ("dealer", "operator:D1")
    assert (found.window_from_us, found.window_to_us) == (
        NOON // DAY * DAY,
        NOON // DAY * DAY + DAY,
    )
    assert found.score == (12 / 50 + 1) / 2
    assert found.evidence == {
        "numbers": 12, "batches": 1, "holders": 3, "without_biometrics": 12,
        "least_pause_span_us": 110_000_000, "phones": [f"D1 tel {k:02}" for k in range(12)],
        "first_us": NOON, "last_us": NOON + 22 * 60_000_000,
    }  # fmt: skip


def test_quiet_on_busy_days_companies_and_families(see: Any) -> None:
    busy = batch(60, pause=6, dealer="busy shop")
    chain = batch(60, pause=0.5, dealer="chain", biometric=True)
    company = batch(40, dealer="to a company", holder_kind="company")
    family = batch(6, dealer="family's")
    one = batch(20, a_holder=20, dealer="one holder's")
    assert see(CODE, {"subscription": busy + chain + company + family + one}) == []


def test_batches_of_a_day_are_one_finding(see: Any) -> None:
    rows = batch(8) + [
        row | {"at_us": row["at_us"] + 120 * 60_000_000, "phone": f"later {row['phone']}"}
        for row in batch(9)
    ]
    [found] = see(CODE, {"subscription": rows})
    assert (found.evidence["batches"], found.evidence["numbers"]) == (2, 17)


def test_parameters_move_the_borders(see: Any) -> None:
    rows = batch(8, pause=6)
    assert see(CODE, {"subscription": rows}) == []
    assert len(see(CODE, {"subscription": rows}, max_pause_us=360_000_000)) == 1
    assert see(CODE, {"subscription": rows}, max_pause_us=360_000_000, min_numbers=9) == []
    assert see(CODE, {"subscription": batch(8)}, min_holders=3) == []
