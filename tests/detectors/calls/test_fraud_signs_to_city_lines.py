"""REQ-46: signs of fraud in foreign calls to city lines."""

from __future__ import annotations

from typing import Any

from detectors.called import FROM_ABROAD, Row, call, some

CODE = "calls.fraud_signs_to_city_lines"
TO_CITY: Row = {**FROM_ABROAD, "callee_class": "fixed"}


def campaign(caller: str, lines: list[str], every: int, **columns: Any) -> list[Row]:
    """A call a minute; one of so many is answered, and hung up after ten seconds."""
    return [
        call(
            caller, line, n, **{**TO_CITY, "answered": n % every == 0, "duration_s": 10, **columns}
        )
        for n, line in enumerate(lines)
    ]


def test_fires_on_few_answers_short_talks_and_lines_never_rung_again(see: Any) -> None:
    [found] = see(CODE, {"call": campaign("x", some("line", 50), 5)})
    assert (found.subject_kind, found.subject) == ("phone", "x")
    evidence = dict(found.evidence)
    assert evidence.pop("last_us") > evidence.pop("first_us")
    assert evidence == {
        "lines": 50, "calls": 50, "answered": 10, "short": 10, "most_an_hour": 50, "signs": 4,
    }  # fmt: skip
    assert found.score == 0.75


def test_quiet_on_relatives_banks_and_mobile_numbers(see: Any) -> None:
    relative = campaign("relative", some("line", 3) * 30, 2)
    bank = campaign("bank", some("line", 60), 2, duration_s=90)
    mobiles = campaign("to mobiles", some("line", 60), 5, callee_class="mobile")
    domestic = campaign("ours", some("line", 60), 5, caller_country="KZ")
    local = campaign("over a local trunk", some("line", 60), 5, trunk_class="domestic")
    assert see(CODE, {"call": relative + bank + mobiles + domestic + local}) == []


def test_few_answers_alone_are_no_finding(see: Any) -> None:
    slow = [
        row | {"at_us": row["at_us"] + n * 240_000_000, "duration_s": 100}
        for n, row in enumerate(campaign("slow", some("line", 20) * 2, 6))
    ]
    assert see(CODE, {"call": slow}) == []
    assert len(see(CODE, {"call": slow}, many_an_hour=10)) == 1


def test_parameters_move_the_borders(see: Any) -> None:
    rows = campaign("x", some("line", 20), 4)
    assert see(CODE, {"call": rows}) == []
    assert len(see(CODE, {"call": rows}, granted=2)) == 1
    assert see(CODE, {"call": rows}, granted=2, min_lines=21) == []
    assert see(CODE, {"call": rows}, granted=2, permitted=("x",)) == []
