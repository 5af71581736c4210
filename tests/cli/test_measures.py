"""`qalqan measures` on a home of its own (REQ-25, 93)."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from homes import copied
from persons import Officer
from qalqan.bulletin import measured
from qalqan.bulletin.effects.design import Design
from qalqan.register import people
from qalqan.register.database import Database
from qalqan.trust.keys import Keys

CSV = "name_en,owner,due_day\nDelay loans,National Bank,2030-01-01\nBad,,\n"


@pytest.fixture
def centre(qalqan: Any, filled_home: Path) -> Any:
    """A home of this test's own."""
    copied(filled_home, qalqan.home)
    qalqan.set(LANGUAGE="en")
    return qalqan


def officer(centre: Any) -> str:
    with (
        closing(Database(f"sqlite:///{centre.home / 'register.db'}")) as database,
        database.write() as session,
    ):
        keys = Keys.load(centre.home / "keys.json")
        people.add_user(session, keys, "ana", "Ана", "a long enough password", "analyst", "KZ")
    return "ana"


def test_measures_are_taken_in_listed_and_judged(centre: Any, tmp_path: Path) -> None:
    file = tmp_path / "m.csv"
    file.write_text(CSV, encoding="utf-8")
    by = officer(centre)
    taken = centre("measures", "import", str(file), "--by", by, "--briefing", "--json")
    assert taken.code == 0, taken.out
    (number,) = taken.json["measures"]
    assert [each["line"] for each in taken.json["refused"]] == [3]
    assert len(taken.json["programmes"]) == 5
    (row,) = centre("measures", "list", "--json").json["measures"]
    assert (row["measure"], row["state"]) == (number, "planned")
    assert "Delay loans" in centre("measures", "list").out
    none = centre("measures", "evaluate", number, "--json")
    assert none.code == 2
    assert "was not written down" in none.json["error"]
    with (
        closing(Database(f"sqlite:///{centre.home / 'register.db'}")) as database,
        database.write() as session,
    ):
        measured.register(session, Officer(by, "analyst"), number, Design(date(2029, 1, 1)))
    told = centre("measures", "evaluate", number, "--json").json
    assert (told["verdict"], told["because"]) == ("unknown", "not_yet")
    assert "can't be told" in centre("measures", "evaluate", number).out


def test_who_is_nobody_takes_nothing_in(centre: Any) -> None:
    assert centre("measures", "import", "--by", "nobody", "--briefing").code == 2
    assert centre("measures", "list", "--shown", "blue").code == 2
