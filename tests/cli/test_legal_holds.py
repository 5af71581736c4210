"""`qalqan lake hold`, `lift` and `holds`."""

from __future__ import annotations

from typing import Any

import pytest


def test_a_supervisor_places_and_lifts_a_hold(people: Any) -> None:
    placed = people(
        "lake", "hold", "--kind", "payments", "--first-day", "2016-12-01", "--by", "aigul",
        "--reason", "court", "--until", "2099-01-31", "--json", given=f"{people.password}\n",
    )  # fmt: skip
    assert placed.json == {"legal_hold": 1, "by": "aigul", "gone": []}
    told = people("lake", "holds", "--json").json
    assert told["open_cases_from"] is None
    assert told["holds"][0]["first_day"] == "2016-12-01"
    shown = people("lake", "holds").out
    assert "court" in shown
    assert "lapses 31 January 2099, 23:59" in shown
    lifted = people(
        "lake", "lift", "1", "--by", "daniyar", "--reason", "done", "--json",
        given=f"{people.password}\n",
    )  # fmt: skip
    assert lifted.json == {"legal_hold": 1, "lifted_by": "daniyar"}
    assert people("lake", "holds", "--json").json["holds"] == []


@pytest.mark.parametrize(("login", "typed"), [("marat", None), ("aigul", "wrong")])
def test_nobody_else_does(people: Any, login: str, typed: str | None) -> None:
    said = people(
        "lake", "hold", "--by", login, "--reason", "court", given=f"{typed or people.password}\n"
    )
    assert said.code == 2
    assert people("lake", "holds", "--json").json["holds"] == []


def test_a_hold_that_comes_too_late_says_so(people: Any) -> None:
    """The facts are of 2017 and older than any term."""
    approved = ("--approved-by", "aigul", "--approved-by", "daniyar")
    assert people("lake", "retention", *approved, given=f"{people.password}\n" * 2).code == 0
    days = sorted(one["day"] for one in people("lake", "keep", "--json").json["dropped"])
    words = ("lake", "hold", "--kind", "payment", "--by", "aigul", "--reason", "court")
    told = people(*words, "--json", given=f"{people.password}\n")
    assert told.code == 0
    gone = {"kind": "payment", "days": len(days), "first": days[0], "last": days[-1]}
    assert told.json["gone"] == [gone]
    assert f"Too late, retention has taken it: payment, days: {len(days)}" in told.err
