from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text
from sqlalchemy.exc import DBAPIError

from qalqan.errors import Conflict, NotFound
from qalqan.register import audit, dialect
from qalqan.register.database import Database
from qalqan.register.migrations import BASE, history
from qalqan.register.orm import Base


def test_the_migrated_tables_are_the_mapped_ones(database: Database) -> None:
    assert compared(database) == []


def _definitions(engine: Engine) -> set[str]:
    query = text("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND type <> 'trigger'")
    with engine.connect() as connection:
        return {
            "".join(sql.replace('"', "").split()) for sql in connection.execute(query).scalars()
        }


def test_on_sqlite_they_are_the_same_to_the_letter(tmp_path: Path) -> None:
    with (
        closing(Database(f"sqlite:///{tmp_path / 'migrated.db'}")) as migrated,
        closing(Database(f"sqlite:///{tmp_path / 'mapped.db'}")) as mapped,
    ):
        migrated.migrate()
        Base.metadata.create_all(dialect.writing(mapped.engine))
        more = _definitions(migrated.engine) ^ _definitions(mapped.engine)
    assert [sql[:26] for sql in more] == ["CREATETABLEalembic_version"]


def tables(database: Database) -> set[str]:
    with database.engine.connect() as connection:
        return set(inspect(connection).get_table_names()) - {"alembic_version"}


def compared(database: Database) -> list[object]:
    options = {"compare_type": True, "compare_server_default": True}
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, Base.metadata))


def test_up_step_by_step_down_to_nothing_and_up_again(
    empty_database: Callable[[], str],
) -> None:
    with closing(Database(empty_database())) as database:
        revisions = [*history(), BASE]
        for revision in reversed(history()):
            database.move(revision)
        assert compared(database) == []
        for revision in revisions[1:]:
            assert database.move(revision).after == revision
        assert tables(database) == set()
        database.migrate()
        assert compared(database) == []
        with database.write() as session:
            audit.note(session, "a", "look", "case", "C-26-000001")
        with pytest.raises(DBAPIError, match="only added"), database.write() as session:
            session.execute(text("DELETE FROM audit"))


def test_evidence_is_not_dropped_without_a_yes(database: Database) -> None:
    with database.write() as session:
        audit.note(session, "a", "look", "case", "C-26-000001")
    stood = tables(database)
    with pytest.raises(Conflict, match=r"audit \(1\)"):
        database.move(BASE)
    assert tables(database) == stood
    with database.session() as session:
        assert session.scalar(text("SELECT count(*) FROM audit")) == 1
    assert database.move(BASE, destroy=True).lost == {"audit": 1}
    assert tables(database) == set()


def test_an_unknown_revision_is_refused(database: Database) -> None:
    with pytest.raises(NotFound):
        database.move("9999")
    assert compared(database) == []


def test_migrating_twice_changes_nothing(database: Database) -> None:
    with database.write() as session:
        audit.note(session, "a", "look", "case", "C-26-000001")
    database.migrate()
    with database.session() as session:
        assert session.scalar(text("SELECT count(*) FROM audit")) == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET actor = 'b'",
        "DELETE FROM audit",
        "DELETE FROM audit WHERE id = 1",
    ],
)
def test_audit_rows_are_only_added(database: Database, statement: str) -> None:
    with database.write() as session:
        audit.note(session, "a", "look", "case", "C-26-000001")
    with pytest.raises(DBAPIError, match="only added"), database.write() as session:
        session.execute(text(statement))
    with database.session() as session:
        assert session.scalar(text("SELECT actor FROM audit")) == "a"


def test_audit_rows_are_not_replaced_or_cut_off(database: Database) -> None:
    with database.write() as session:
        audit.note(session, "a", "look", "case", "C-26-000001")
    ways = {
        "sqlite": "REPLACE INTO audit SELECT id, 0, 'b', '', '', '', '', '{}', 1 FROM audit",
        "postgresql": "TRUNCATE audit",
    }
    with pytest.raises(DBAPIError, match="only added"), database.write() as session:
        session.execute(text(ways[database.engine.dialect.name]))
