"""REQ-47, 50: cards in devices whose type code is a gateway's."""

from __future__ import annotations

from typing import Any

from detectors.called import DAY, Row, some, talks

CODE = "subscriptions.gateway_device"
TYPES = ("35000000",)


def device(name: str, tac: str | None, called: int = 4, **columns: Any) -> list[Row]:
    told = {"imei": name, "imei_tac": tac, "imsi": f"imsi {name}", **columns}
    return talks(f"{name} card", some(f"{name} calls", called), **told)


def test_fires_on_a_device_of_a_listed_type(see: Any) -> None:
    rows = device("box", "35000000") + device("box", "35000000", imsi="another")
    [found] = see(CODE, {"call": rows}, types=TYPES)
    assert (found.subject_kind, found.subject) == ("device", "box")
    assert found.window_to_us - found.window_from_us == 7 * DAY
    evidence = dict(found.evidence)
    assert evidence.pop("last_us") > evidence.pop("first_us")
    assert evidence == {
        "cards": 2, "numbers": 1, "called": 4, "calls": 8, "model": "35000000",
        "callers": ["box card"],
    }  # fmt: skip
    assert found.score == 4 / 100


def test_quiet_on_other_types_and_without_a_list(see: Any) -> None:
    rows = device("phone", "35000001") + device("untold", None) + device("box", "35000000")
    assert [one.subject for one in see(CODE, {"call": rows}, types=TYPES)] == ["box"]
    assert see(CODE, {"call": rows}) == []


def test_parameters_move_the_borders(see: Any) -> None:
    rows = device("box", "35000000", 2)
    assert see(CODE, {"call": rows}, types=TYPES) == []
    assert len(see(CODE, {"call": rows}, types=TYPES, min_called=2)) == 1
    assert see(CODE, {"call": rows}, types=TYPES, min_called=2, permitted=("box",)) == []
