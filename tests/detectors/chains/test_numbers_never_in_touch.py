"""REQ-50: numbers on a dealer's name, used by people who don't know each other."""

from __future__ import annotations

from typing import Any

from detectors.called import DAY, HOUR, NOON, Row, activation, call

CODE = "chains.numbers_never_in_touch"
JANUARY = (NOON - 7 * HOUR - 26 * DAY, NOON - 7 * HOUR + 5 * DAY)


def stock(holder: str, n: int = 20, dealer: str | None = "D1", **columns: Any) -> list[Row]:
    told = {"dealer": dealer, "holder_kind": "company", **columns}
    return [activation(f"{holder} {k:02}", holder, -9_000 + k, **told) for k in range(n)]


def used(holder: str, n: int = 12, regions: int = 3, **columns: Any) -> list[Row]:
    """Each of them rings somebody of its own."""
    return [
        call(f"{holder} {k:02}", f"{holder}'s {k}", k,
             **{"region": f"KZ-{k % regions}", **columns})
        for k in range(n)
    ]  # fmt: skip


def test_fires_on_numbers_of_one_dealer_that_never_ring_each_other(see: Any) -> None:
    calls = [*used("dealer"), call("dealer 00", "dealer 01", 50, region="KZ-1", answered=False)]
    facts = {"subscription": stock("dealer"), "call": calls[:-1]}
    [found] = see(CODE, facts)
    assert (found.subject_kind, found.subject) == ("company", "dealer")
    assert (found.window_from_us, found.window_to_us) == JANUARY
    assert found.score == 12 / 100
    assert found.evidence == {
        "numbers": 20, "used": 12, "in_touch": 0, "regions": 3, "calls": 12, "dealers": ["D1"],
        "phones": [f"dealer {k:02}" for k in range(12)], "first_us": NOON,
        "last_us": NOON + 11 * 60_000_000,
    }  # fmt: skip
    assert see(CODE, {**facts, "call": calls}) == []
    [found] = see(CODE, {**facts, "call": calls}, max_in_touch_permille=200)
    assert found.evidence["in_touch"] == 2


def test_quiet_on_staff_meters_families_and_whoever_buys_here_and_there(see: Any) -> None:
    sold = [
        *stock("staff"), *stock("meters"), *stock("family", 5, holder_kind="person"),
        *stock("anywhere", 10), *stock("anywhere", 20, "D2")[10:], *stock("one town"),
        *stock("untold", dealer=None),
    ]  # fmt: skip
    calls = [
        *used("staff"), *used("meters", service="sms"), *used("family", 5), *used("anywhere"),
        *used("one town", regions=2), *used("untold"),
        *(call(f"staff {k:02}", f"staff {k + 1:02}", 60 + k, region="KZ-1") for k in range(11)),
    ]  # fmt: skip
    assert see(CODE, {"subscription": sold, "call": calls}) == []


def test_a_number_is_its_holder_s_of_that_moment(see: Any) -> None:
    passed = [
        activation(f"dealer {k:02}", f"buyer {k}", -60, event="transferred") for k in range(20)
    ]
    facts = {"subscription": [*stock("dealer"), *passed], "call": used("dealer")}
    assert see(CODE, facts) == []
    before = [row | {"at_us": row["at_us"] - DAY} for row in used("dealer")]
    assert len(see(CODE, {**facts, "call": before})) == 1


def test_parameters_move_the_borders(see: Any) -> None:
    facts = {"subscription": stock("dealer", 19), "call": used("dealer", 9)}
    assert see(CODE, facts) == []
    assert see(CODE, facts, min_numbers=19) == []
    assert len(see(CODE, facts, min_numbers=19, min_used=9)) == 1
    assert see(CODE, facts, min_numbers=19, min_used=9, min_regions=4) == []
