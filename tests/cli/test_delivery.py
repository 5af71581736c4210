"""`qalqan delivery`: a supervisor lets orders wait, and go again."""

from __future__ import annotations

from typing import Any


def test_a_supervisor_pauses_and_resumes(people: Any) -> None:
    def told(state: str, by: str = "aigul", why: str = "looking") -> Any:
        words = ("--by", by, "--reason", why, "--json")
        return people("delivery", state, *words, given=f"{people.password}\n")

    paused = told("pause").json
    assert (paused["delivery"], paused["by"], paused["reason"]) == ("paused", "aigul", "looking")
    assert people("delivery", "--json").json == paused
    assert told("resume", by="marat").code == 2
    assert told("resume", why=" ").code == 2
    assert told("resume", why="x" * 201).code == 2
    assert people("delivery", "--json").json == paused
    assert told("resume").json == {"delivery": "on"}
    assert told("stop").code == 2
