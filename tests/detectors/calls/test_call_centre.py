"""REQ-34: call centres that ring abroad alone."""

from __future__ import annotations

from typing import Any

from detectors.called import Row, call, some

CODE = "calls.call_centre"
LANDS = ("RU", "DE", "PL")


def abroad(caller: str, callees: list[str], minutes: float = 0, **columns: Any) -> list[Row]:
    """A call every two minutes to people of three countries."""
    told = {"trunk_class": "voip", **columns}
    return [
        call(caller, callee, minutes + 2 * n, **{"callee_country": LANDS[n % 3], **told})
        for n, callee in enumerate(callees)
    ]


def back(callee: str, caller: str, minutes: float) -> Row:
    return call(caller, callee, minutes, trunk_class="international", caller_country="RU")


def test_fires_on_many_people_of_several_countries_each_rung_once(see: Any) -> None:
    rows = abroad("centre", some("foreigner", 60), answered=False)
    rows += [call("centre", "lawyer", 3)]
    [found] = see(CODE, {"call": rows})
    assert (found.subject_kind, found.subject) == ("phone", "centre")
    evidence = dict(found.evidence)
    assert evidence.pop("last_us") > evidence.pop("first_us")
    assert evidence == {
        "called": 60, "calls": 61, "countries": 3, "foreign": 60, "answered": 0, "called_back": 0,
    }  # fmt: skip
    assert found.score == 60 / 400


def test_quiet_on_importers_hotels_and_relatives(see: Any) -> None:
    importer = abroad("importer", some("partner", 40) * 3)
    answered = abroad("trader", some("client", 50))
    answered += [back("trader", f"client {n}", 200 + n) for n in range(5)]
    hotel = abroad("hotel", some("guest", 50))
    hotel += [call("hotel", f"taxi {n}", n, trunk_class="voip") for n in range(30)]
    evenings = abroad("relative", some("cousin", 60), 9 * 60)
    one_land = abroad("student", some("friend", 60), callee_country="DE")
    rows = importer + answered + hotel + evenings + one_land
    assert see(CODE, {"call": rows}) == []


def test_parameters_move_the_borders(see: Any) -> None:
    rows = abroad("centre", some("foreigner", 39))
    assert see(CODE, {"call": rows}) == []
    assert len(see(CODE, {"call": rows}, min_called=39)) == 1
    assert see(CODE, {"call": rows}, min_called=39, min_countries=4) == []
    assert see(CODE, {"call": rows}, min_called=39, permitted=("centre",)) == []
