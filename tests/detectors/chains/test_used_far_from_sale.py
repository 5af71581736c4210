"""REQ-50: a batch of numbers is first used far from where it was sold."""

from __future__ import annotations

from typing import Any

from detectors.called import DAY, HOUR, NOON, Row, activation, call

CODE = "chains.used_far_from_sale"


def batch(dealer: str, n: int, pause: float = 2) -> list[Row]:
    return [
        activation(f"{dealer} tel {k}", f"holder {k}", pause * k, dealer=dealer) for k in range(n)
    ]


def used(dealer: str, numbers: range, region: str, hours: float = 24) -> list[Row]:
    return [call(f"{dealer} tel {k}", "someone", 60 * hours + k, region=region) for k in numbers]


def test_fires_on_a_batch_that_is_used_in_another_region(see: Any) -> None:
    calls = [*used("D1", range(6), "KZ-61"), *used("D1", range(6, 7), "KZ-75")]
    calls += used("D1", range(6), "KZ-75", 48)
    [found] = see(CODE, {"subscription": batch("D1", 8), "call": calls})
    assert (found.subject_kind, found.subject) == ("dealer", "operator:D1")
    assert (found.window_from_us, found.window_to_us) == (
        NOON // DAY * DAY,
        NOON // DAY * DAY + DAY,
    )
    assert found.evidence == {
        "numbers": 8, "used": 7, "far": 6, "sold_in": "KZ-75", "used_in": "KZ-61",
        "least_span_us": 24 * HOUR - 5 * 60_000_000, "phones": [f"D1 tel {k}" for k in range(6)],
        "first_us": NOON + 24 * HOUR, "last_us": NOON + 24 * HOUR + 5 * 60_000_000,
    }  # fmt: skip
    assert found.score == (6 / 20 + 6 / 7) / 2


def test_quiet_on_travellers_stations_and_batches_used_at_home(see: Any) -> None:
    sold = [
        *batch("traveller's", 1), *batch("station", 12, pause=20), *batch("at home", 12),
        *batch("spread", 12), *batch("unused", 12),
    ]  # fmt: skip
    calls = [
        *used("traveller's", range(1), "KZ-61"), *used("station", range(12), "KZ-61"),
        *used("at home", range(12), "KZ-75"), *used("unused", range(12), "KZ-61", 24 * 40),
    ]  # fmt: skip
    for k in range(12):
        calls += used("spread", range(k, k + 1), f"KZ-{k}")
    assert see(CODE, {"subscription": sold, "call": calls}) == []


def test_parameters_move_the_borders(see: Any) -> None:
    facts = {"subscription": batch("D1", 6), "call": used("D1", range(3), "KZ-61")}
    assert see(CODE, facts) == []
    assert len(see(CODE, facts, min_far=3)) == 1
    assert see(CODE, facts, min_far=3, min_numbers=7) == []
    assert see(CODE, facts, min_far=3, first_use_within_us=DAY // 2) == []
