from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from qalqan.register import audit, dialect
from qalqan.register.database import Database
from qalqan.register.orm import Base


def test_the_migrated_tables_are_the_mapped_ones(database: Database) -> None:
    options = {"compare_type": True, "compare_server_default": True}
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, Base.metadata) == []


def _definitions(engine: Engine) -> set[str]:
    query = text("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND type <> 'trigger'")
    with engine.connect() as connection:
        return {"".join(sql.split()) for sql in connection.execute(query).scalars()}


def test_on_sqlite_they_are_the_same_to_the_letter(tmp_path: Path) -> None:
    with (
        closing(Database(f"sqlite:///{tmp_path / 'migrated.db'}")) as migrated,
        closing(Database(f"sqlite:///{tmp_path / 'mapped.db'}")) as mapped,
    ):
        migrated.migrate()
        Base.metadata.create_all(dialect.writing(mapped.engine))
        more = _definitions(migrated.engine) ^ _definitions(mapped.engine)
    assert [sql[:26] for sql in more] == ["CREATETABLEalembic_version"]


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
        "sqlite": "INSERT OR REPLACE INTO audit SELECT id, 0, 'b', '', '', '', '', '{}' FROM audit",
        "postgresql": "TRUNCATE audit",
    }
    with pytest.raises(DBAPIError, match="only added"), database.write() as session:
        session.execute(text(ways[database.engine.dialect.name]))
