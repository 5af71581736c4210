"""Where SQLite and PostgreSQL differ; nothing else in the register knows which one it is.

SQLite has one writer at a time, so a write starts with BEGIN IMMEDIATE and waits its turn;
PostgreSQL has many, which step around each other's locked rows.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, suppress
from itertools import chain, islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Select, Table, create_engine, event, func, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import ExceptionContext, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from qalqan.errors import ContractBroken

WAIT_S = 30
"""Seconds to wait for a lock before the answer is `Unavailable`."""

_MIGRATION_LOCK = 0x51414C51
_ROWS_A_STATEMENT = 1_000
"""SQLite takes at most 32 766 parameters."""
_POSTGRESQL = {
    # A client whose machine is gone must not keep its rows locked for two hours.
    "options": f"-c lock_timeout={WAIT_S}s -c tcp_keepalives_idle=30"
    " -c tcp_keepalives_interval=10 -c tcp_keepalives_count=3",
    "application_name": "qalqan",
    "connect_timeout": 5,
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}
_PRAGMAS = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    f"PRAGMA busy_timeout = {WAIT_S * 1000}",
    "PRAGMA foreign_keys = ON",
    "PRAGMA trusted_schema = OFF",
)
_BUSY = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
}

Insert = sqlite.Insert | postgresql.Insert


def make_engine(url: str) -> Engine:
    """An engine for the address; `ContractBroken` if it is neither SQLite nor PostgreSQL."""
    reason = "the register lives in a SQLite file or in PostgreSQL"
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ContractBroken(reason, "register.address") from None
    if parsed.get_backend_name() == "postgresql":
        engine = create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            hide_parameters=True,
            pool_pre_ping=True,
            connect_args=_POSTGRESQL,
        )
        event.listen(engine, "handle_error", _shorten)
        return engine
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise ContractBroken(reason, "register.address")
    _make_private(Path(parsed.database))
    engine = create_engine(
        parsed,
        hide_parameters=True,
        pool_size=8,
        max_overflow=56,
        connect_args={"isolation_level": None},  # transactions begin below, not in the driver
    )
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin)
    return engine


def reading(engine: Engine) -> Engine:
    """The engine for reads: one snapshot, nothing can be written."""
    if is_sqlite(engine):
        return engine
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def writing(engine: Engine) -> Engine:
    """The engine for writes."""
    return engine.execution_options(writes=True)


def is_sqlite(engine: Engine | Connection) -> bool:
    """Whether writers take turns."""
    return engine.dialect.name == "sqlite"


def restarts(engine: Engine) -> bool:
    """Whether the register may be away for some seconds and come back by itself: a server may;
    a file does not."""
    return not is_sqlite(engine)


def lost(error: DBAPIError) -> bool:
    """Whether a database error is about load, locks or reach, so that trying again may help."""
    if error.connection_invalidated:
        return True  # whatever its class: the connection died while it was in use
    code = getattr(error.orig, "sqlite_errorcode", None)
    return isinstance(error, OperationalError) and (code is None or code & 0xFF in _BUSY)


def full(error: DBAPIError) -> bool:
    """Whether it is the database's disk that has no room left."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    sqlstate = getattr(error.orig, "sqlstate", None)
    return (code is not None and code & 0xFF == sqlite3.SQLITE_FULL) or sqlstate == "53100"


def unfit(error: DBAPIError) -> str | None:
    """Why a register can't be worked with as it is: `damaged`, or tables of another `shape`."""
    code = getattr(error.orig, "sqlite_errorcode", None)
    if code is not None and code & 0xFF in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return "damaged"
    shape = "no such table" in str(error.orig) or "no such column" in str(error.orig)
    undefined = getattr(error.orig, "sqlstate", None) in ("42P01", "42703")
    return "shape" if shape or undefined else None


def is_locked(engine: Engine, seconds: float) -> bool:
    """Whether another connection to a SQLite file has held it for so long, and committed nothing
    meanwhile. A server's readers wait for nobody; what else is wrong the next question tells."""
    if not is_sqlite(engine):
        return False
    path, before = Path(str(engine.url.database)).absolute().as_uri(), None
    try:
        with closing(sqlite3.connect(f"{path}?mode=rw", seconds, uri=True)) as probe:
            before = probe.execute("PRAGMA data_version").fetchone()
            with suppress(sqlite3.OperationalError):
                probe.execute("BEGIN IMMEDIATE")
                return False
            return bool(probe.execute("PRAGMA data_version").fetchone() == before)
    except sqlite3.OperationalError as error:
        return error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def lock_migrations(connection: Connection) -> None:
    """Let one process at a time change the tables; it ends with the transaction."""
    if not is_sqlite(connection):
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})


def insert(session: Session, table: Table) -> Insert:
    """An insert that knows ON CONFLICT, in the database's own words."""
    return sqlite.insert(table) if _on_sqlite(session) else postgresql.insert(table)


def insert_new(session: Session, table: Table, columns: Mapping[str, Sequence[Any]]) -> int:
    """Insert many rows, given as columns of equal length, whose key is not there yet; how many
    there were. Give them in key order, so that two writers don't wait for each other in a ring."""
    insert = f"INSERT INTO {table.name} ({', '.join(columns)})"
    if _on_sqlite(session):
        statements = _sqlite_values(columns)
    else:
        dialect = session.get_bind().dialect
        types = (table.c[name].type.compile(dialect) for name in columns)
        source = f"SELECT * FROM unnest({', '.join(f'%s::{type}[]' for type in types)})"
        # As lists: the driver takes a tuple for a record, not an array.
        statements = iter([(source, tuple(list(column) for column in columns.values()))])
    new = 0
    # Straight to the driver: SQLAlchemy's work on each parameter costs more than the insert.
    for source, given in statements:
        ran = f"{insert} {source} ON CONFLICT DO NOTHING"
        new += session.connection().exec_driver_sql(ran, given).rowcount
    return new


def _sqlite_values(
    columns: Mapping[str, Sequence[Any]],
) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Many rows a statement: the driver lets go of the interpreter for each one, and beside a
    busy thread it waits long to have it back."""
    row = f"({', '.join('?' for _ in columns)})"
    rows = zip(*columns.values(), strict=True)
    while some := list(islice(rows, _ROWS_A_STATEMENT)):
        yield f"VALUES {', '.join([row] * len(some))}", tuple(chain.from_iterable(some))


def present(
    session: Session, table: Table, column: str, values: Sequence[str], held: bool = False
) -> set[str]:
    """Which of the texts stand in the column already; `held`: nobody deletes their rows until this
    transaction ends."""
    if _on_sqlite(session):
        given, query = json.dumps(values), "SELECT value FROM json_each(:given)"
    else:
        given, query = list(values), "SELECT unnest(CAST(:given AS text[]))"  # type: ignore[assignment]
    lock = " FOR KEY SHARE" if held and not _on_sqlite(session) else ""
    statement = text(f"SELECT {column} FROM {table.name} WHERE {column} IN ({query}){lock}")
    return set(session.execute(statement, {"given": given}).scalars())


def bytewise(session: Session, column: Any) -> Any:
    """A text column in the order of its bytes, whatever the database's language."""
    return column if _on_sqlite(session) else column.collate("C")


def skip_locked(statement: Select[Any]) -> Select[Any]:
    """Lock the rows read and step over those that another worker holds; SQLite's writer is
    alone anyway and leaves the clause out."""
    return statement.with_for_update(skip_locked=True)


def write_alone(session: Session, table: Table) -> None:
    """Let nobody else write to the table until this transaction ends, while all may read;
    SQLite's writer is alone anyway."""
    if not _on_sqlite(session):
        session.execute(text(f"LOCK TABLE {table.name} IN SHARE ROW EXCLUSIVE MODE"))


def go_on_counting(session: Session, table: Table) -> None:
    """Let the numbers that a table draws go on after the largest it holds; SQLite's do so."""
    column = table.autoincrement_column
    if column is None or _on_sqlite(session):
        return
    last = session.scalar(select(func.max(column)))
    drawn = func.pg_get_serial_sequence(table.name, column.name)
    if last is not None and session.scalar(select(drawn)) is not None:
        session.execute(select(func.setval(drawn, last)))


def size_bytes(session: Session) -> int:
    """How much room the whole register takes."""
    if _on_sqlite(session):
        asked = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size"
    else:
        asked = "SELECT pg_database_size(current_database())"
    return int(session.scalar(text(asked)) or 0)


def clock_us(session: Session) -> int | None:
    """The database's own time, UTC microseconds; None where it is this machine's."""
    if _on_sqlite(session):
        return None
    asked = "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint"
    return int(session.scalar(text(asked)) or 0)


def loose_settings(session: Session) -> list[str]:
    """Settings of the server under which what it acknowledged may be lost, as `name = value`."""
    if _on_sqlite(session):  # set by us for each connection
        return []
    asked = (
        "SELECT name, setting FROM pg_settings WHERE setting = 'off'"
        " AND name IN ('fsync', 'synchronous_commit', 'full_page_writes') ORDER BY name"
    )
    return [f"{name} = {value}" for name, value in session.execute(text(asked))]


def _on_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _shorten(context: ExceptionContext) -> None:
    """PostgreSQL quotes the failing row in its DETAIL; rows don't belong in logs."""
    said = getattr(getattr(context.original_exception, "diag", None), "message_primary", None)
    if said:
        context.original_exception.args = (said,)
        if context.sqlalchemy_exception is not None:
            context.sqlalchemy_exception.args = (said,)


def _make_private(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)


def _set_pragmas(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
