"""A register moved from SQLite to PostgreSQL and back again: the same rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from qalqan.errors import Conflict, ContractBroken
from qalqan.register import jobs, moving
from qalqan.register.database import Database
from qalqan.register.orm import Base, Job, Seal


@pytest.fixture
def server() -> None:
    """Here both are at work at once."""


@pytest.fixture
def filled(database: Database) -> Database:
    with database.write() as session:
        for number in range(5_000):
            session.add(
                Seal(seal=number + 1, kind="payment", rows=2**40, version=number, at_us=2**53 + 1)
            )
        jobs.put(session, "seal", "lake")
        jobs.put(session, "detect", "қала", payload={"a": [1, None, "ё"]})
    return database


@pytest.fixture
def larger(registers: Any, postgresql: str) -> Iterator[Database]:
    """An empty database of PostgreSQL."""
    address = registers.empty(postgresql)
    with closing(Database(address)) as database:
        yield database
    registers.drop(postgresql, address)


def rows(database: Database) -> dict[str, list[Any]]:
    with database.session() as session:
        return {
            table.name: [
                tuple(row) for row in session.execute(select(table).order_by(*table.c[:2]))
            ]
            for table in Base.metadata.sorted_tables
        }


def test_all_rows_go_there_and_back(filled: Database, larger: Database, tmp_path: Path) -> None:
    counts = moving.move(filled, larger)
    assert (counts["seals"], counts["jobs"]) == (5_000, 2)
    assert rows(larger) == rows(filled)
    with closing(Database(f"sqlite:///{tmp_path / 'back.db'}")) as back:
        moving.move(larger, back)
        assert rows(back) == rows(filled)


def test_the_numbers_drawn_go_on(filled: Database, larger: Database) -> None:
    moving.move(filled, larger)
    with larger.write() as session:
        jobs.put(session, "clocks", "new")
    with larger.session() as session:
        ids = session.scalars(select(Job.id).order_by(Job.id)).all()
    assert ids == sorted(set(ids))
    assert len(ids) == 3


def test_a_database_with_tables_is_left_alone(filled: Database, larger: Database) -> None:
    larger.migrate()
    with pytest.raises(Conflict):
        moving.move(filled, larger)
    assert rows(larger)["seals"] == []


def test_one_that_broke_off_moves_nothing_and_may_be_done_again(
    filled: Database, larger: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(moving, "_compare", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            moving.move(filled, larger)
    moving.move(filled, larger)
    assert rows(larger) == rows(filled)


def test_old_tables_are_migrated_first(larger: Database, tmp_path: Path) -> None:
    with closing(Database(f"sqlite:///{tmp_path / 'old.db'}")) as old:
        old.move("0001")
        with pytest.raises(ContractBroken, match="0001"):
            moving.move(old, larger)
