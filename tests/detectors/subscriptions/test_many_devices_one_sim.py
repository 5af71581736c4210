"""REQ-47, 50: one number in many devices."""

from __future__ import annotations

from typing import Any

from detectors.called import DAY, Row, call

CODE = "subscriptions.many_devices_one_sim"


def devices(number: str, n: int, days: float = 0.1, **columns: Any) -> list[Row]:
    """The number rings somebody from so many devices, so many days apart."""
    return [
        call(number, f"callee {k}", days * k * 1440, imei=f"{number}'s {k}", imei_tac=f"t{k // 2}",
             **columns)
        for k in range(n)
    ]  # fmt: skip


def test_fires_on_a_number_that_changes_its_device_every_few_hours(see: Any) -> None:
    [found] = see(CODE, {"call": devices("card", 8)})
    assert (found.subject_kind, found.subject) == ("phone", "card")
    assert found.window_to_us - found.window_from_us == 7 * DAY
    evidence = dict(found.evidence)
    assert evidence.pop("last_us") > evidence.pop("first_us")
    assert evidence == {"devices": 8, "models": 4, "called": 8, "calls": 8}
    assert found.score == 0.5


def test_quiet_on_buyers_on_two_telephones_and_where_no_device_is_told(see: Any) -> None:
    buyer = devices("buyer", 3)
    two = [row | {"imei": f"i{n % 2}"} for n, row in enumerate(devices("two phones", 20))]
    slow = devices("seldom", 8, days=7)
    untold = [row | {"imei": None} for row in devices("untold", 8)]
    line = devices("city line", 8, trunk_class="domestic")
    assert see(CODE, {"call": buyer + two + slow + untold + line}) == []


def test_parameters_move_the_borders(see: Any) -> None:
    rows = devices("card", 3)
    assert see(CODE, {"call": rows}) == []
    assert len(see(CODE, {"call": rows}, min_devices=3)) == 1
    assert see(CODE, {"call": rows}, min_devices=3, permitted=("card",)) == []
