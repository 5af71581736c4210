from __future__ import annotations

import pytest

from qalqan.clock import SharedClock
from qalqan.errors import ContractBroken
from qalqan.register import audit
from qalqan.register.database import Database
from qalqan.register.orm import Audit


def test_a_row_says_who_did_what_to_what_and_why(
    database: Database, stopped_clock: SharedClock
) -> None:
    with database.write() as session:
        audit.note(session, "aigul", "read", "case", "C-26-000001", "supervision", rows=3)
    with database.session() as session:
        row = session.query(Audit).one()
    assert (row.actor, row.action, row.object_kind, row.object) == (
        "aigul",
        "read",
        "case",
        "C-26-000001",
    )
    assert (row.purpose, row.detail, row.at_us) == (
        "supervision",
        {"rows": 3},
        stopped_clock.now_us(),
    )


def test_a_row_falls_with_its_act(database: Database) -> None:
    with database.write() as session:
        audit.note(session, "aigul", "read", "case", "C-26-000001")
        session.rollback()
    with database.session() as session:
        assert session.query(Audit).count() == 0


def test_a_text_too_long_to_keep_stops_the_act(database: Database) -> None:
    with pytest.raises(ContractBroken, match="purpose"), database.write() as session:
        audit.note(session, "aigul", "read", "case", "C-26-000001", "x" * 201)
