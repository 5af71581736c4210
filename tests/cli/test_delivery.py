"""`qalqan delivery`: a supervisor lets orders wait, and go again."""

from __future__ import annotations

from typing import Any

import pytest

from qalqan.cli.home import open_home
from qalqan.register.orm import User
from qalqan.trust.passwords import hash_password

PASSWORD = "correct horse battery"


@pytest.fixture
def centre(qalqan: Any) -> Any:
    """A new home with a supervisor and an operative."""
    assert qalqan("init").code == 0
    home = open_home()
    kept = hash_password(PASSWORD)
    with home.database.write() as session:
        for login, role in (("aigul", "supervisor"), ("marat", "operative")):
            session.add(User(login=login, name="n", password_hash=kept, role=role, region="KZ"))
    home.database.close()
    return qalqan


def test_a_supervisor_pauses_and_resumes(centre: Any) -> None:
    def told(state: str, by: str = "aigul", why: str = "looking") -> Any:
        words = ("--by", by, "--reason", why, "--json")
        return centre("delivery", state, *words, given=f"{PASSWORD}\n")

    paused = told("pause").json
    assert (paused["delivery"], paused["by"], paused["reason"]) == ("paused", "aigul", "looking")
    assert centre("delivery", "--json").json == paused
    assert told("resume", by="marat").code == 2
    assert told("resume", why=" ").code == 2
    assert told("resume", why="x" * 201).code == 2
    assert centre("delivery", "--json").json == paused
    assert told("resume").json == {"delivery": "on"}
    assert told("stop").code == 2
