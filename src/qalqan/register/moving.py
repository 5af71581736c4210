"""A register moved from one database to another, row for row: SQLite outgrown, or back again.

The target's rows are written in one transaction and counted before it ends, so a move that was
cut off has moved nothing. The source is read in one snapshot and not changed: whoever calls must
have stopped the centre, for what is written meanwhile stays behind.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Table, func, insert, select
from sqlalchemy.orm import Session

from qalqan.errors import Conflict, ContractBroken
from qalqan.register import dialect
from qalqan.register.database import Database
from qalqan.register.migrations import BASE, newest, standing, upgrade
from qalqan.register.orm import Base

_ROWS = 2_000


def move(source: Database, target: Database) -> Mapping[str, int]:
    """Copy all rows to a database that has none; rows of each table.

    Raises:
        Conflict: the target has rows already.
        ContractBroken: the source is not at the newest migration, or a count differs.
        Unavailable: one of them does not answer.
    """
    tables = Base.metadata.sorted_tables
    with source.session() as reading:
        if (found := standing(reading.connection())) != newest():
            raise ContractBroken(f"the register stands at {found}", "register.pending")
        with target.write() as writing:
            _make_tables(writing)
            for table in reversed(tables):  # rows that the migrations themselves have made
                writing.execute(table.delete())
            counts = {table.name: _copy(reading, writing, table) for table in tables}
            for table in tables:
                dialect.go_on_counting(writing, table)
            _compare(writing, counts)
    return counts


def rows(session: Session) -> dict[str, int]:
    """Rows of each table; nothing where there are no tables."""
    if standing(session.connection()) == BASE:
        return {}
    tables = Base.metadata.sorted_tables
    return {
        table.name: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables
    }


def _make_tables(writing: Session) -> None:
    connection = writing.connection()
    dialect.lock_migrations(connection)
    if standing(connection) != BASE:
        raise Conflict("move_register", "", "not empty", "move")
    upgrade(connection)


def _copy(reading: Session, writing: Session, table: Table) -> int:
    """Copy one table in the order of its key, a piece at a time."""
    asked = select(table).order_by(*table.primary_key.columns)
    found = reading.execute(asked.execution_options(yield_per=_ROWS))
    copied = 0
    for piece in found.mappings().partitions(_ROWS):
        rows: list[dict[str, Any]] = [dict(row) for row in piece]
        writing.execute(insert(table), rows)
        copied += len(rows)
    return copied


def _compare(writing: Session, counts: Mapping[str, int]) -> None:
    for name, there in rows(writing).items():
        if there != counts[name]:
            raise ContractBroken(f"{name}: {there} rows of {counts[name]} arrived")
