"""A PostgreSQL server of the tests' own, and fresh registers on it or in files of SQLite."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from sqlalchemy import make_url

from qalqan.register.database import Database


def programs() -> str | None:
    """The folder of the server's programs; Debian keeps them out of the path, by version."""
    kept = [str(path) for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    found = shutil.which("initdb") or max(kept, key=lambda path: (len(path), path), default=None)
    return None if found is None else str(Path(found).parent)


class Server:
    """A PostgreSQL server on a socket in a folder of its own; stop it, or `served` does."""

    def __init__(self, folder: str, durable: bool = False) -> None:
        self.folder = folder
        user = "postgres" if os.getuid() == 0 else None  # it refuses to run as root
        self.home = tempfile.mkdtemp(prefix="qalqan-pg-")  # a socket's path must be short
        if user:
            shutil.chown(self.home, user)
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._run = partial(subprocess.run, user=user, check=True, cwd=self.home, **quiet)
        made = ("-D", "data", "-U", "postgres", "-E", "UTF8", "-A", "trust", "--locale=C.UTF-8")
        self._run([f"{folder}/initdb", *made, "--no-sync"])
        # Tests kill clients, never the machine: nothing of theirs need survive a power cut, and
        # tables that live for a moment need no tidying beside them.
        hasty = "" if durable else "-c fsync=off -c full_page_writes=off -c autovacuum=off"
        self._settings = f"-k {self.home} -c listen_addresses= {hasty}"
        self.address = f"postgresql://postgres@/postgres?host={self.home}"
        self.start()

    def start(self) -> None:
        """Start it, and wait until it takes connections."""
        self._tell("-l", "log", "-o", self._settings, "-w", "start")

    def stop(self, mode: str = "immediate") -> None:
        """`fast` ends all sessions and writes everything down, `immediate` is a crash."""
        self._tell("-m", mode, "-w", "stop")

    def close(self) -> None:
        """Stop it and forget all it kept."""
        self.stop()
        shutil.rmtree(self.home)

    def _tell(self, *words: str) -> None:
        self._run([f"{self.folder}/pg_ctl", "-D", "data", *words])


@contextmanager
def served(folder: str) -> Iterator[str]:
    """Run a server for the block; its address."""
    with closing(Server(folder)) as server:
        yield server.address


class Registers:
    """Makes addresses of new databases; no server: files of SQLite. On PostgreSQL a copy that is
    dropped is made as new again where it can be: that costs a tenth of another copy."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers = count()
        self._templates: dict[str | None, str] = {}
        self._of: dict[str, Blank] = {}
        """Name of a copy in use → what it was copied from."""
        self._blanks: dict[str, Blank] = {}
        self._spare: defaultdict[str, list[str]] = defaultdict(list)
        """Name of a template → names of copies of it that nobody uses."""

    def empty(self, server: str | None, template: str | None = None) -> str:
        """A new database without tables, or a copy of a named one."""
        number = next(self._numbers)
        if server is None:
            path = self.folder / f"{number}.db"
            if template is not None:
                shutil.copy(str(make_url(template).database), path)
            return f"sqlite:///{path}"
        name = f"qalqan_test_{os.getpid()}_{number}"
        of = "template0" if template is None else str(make_url(template).database)
        if template is not None:
            if of not in self._blanks:
                self._blanks[of] = Blank.of(server, of)
            self._of[name] = self._blanks[of]
        if self._spare[of]:
            # Under a new name, so that whoever forgot to leave the old one finds nothing.
            _tell(server, f"ALTER DATABASE {self._spare[of].pop()} RENAME TO {name}")
        else:
            # Without fsync, copying files is four times as fast as logging every page.
            _tell(server, f"CREATE DATABASE {name} TEMPLATE {of} STRATEGY FILE_COPY")
        return make_url(server).set(database=name).render_as_string(hide_password=False)

    def migrated(self, server: str | None) -> str:
        """A new database with all tables."""
        if server not in self._templates:
            self._templates[server] = self.empty(server)
            with closing(Database(self._templates[server])) as database:
                database.migrate()
        return self.empty(server, self._templates[server])

    def drop(self, server: str | None, address: str) -> None:
        """Delete a database that `empty` or `migrated` made."""
        name = str(make_url(address).database)
        if server is None:
            for path in Path(name).parent.glob(f"{Path(name).name}*"):
                path.unlink()
        elif (blank := self._of.pop(name, None)) is not None and blank.again(server, name):
            self._spare[blank.name].append(name)
        else:
            _tell(server, f"DROP DATABASE {name} WITH (FORCE)")


SHAPE = """
SELECT md5(string_agg(told, ',' ORDER BY told)) FROM (
  SELECT format('%s %s %s %s', attrelid::regclass, attname, atttypid, attnotnull)
    FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
    WHERE relnamespace = 'public'::regnamespace AND NOT attisdropped
  UNION ALL SELECT pg_get_constraintdef(oid) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
  UNION ALL SELECT format('%s %s %s', tgrelid::regclass, tgname, tgenabled) FROM pg_trigger
  UNION ALL SELECT prosrc FROM pg_proc WHERE pronamespace = 'public'::regnamespace
) AS all_of_it (told)
"""
"""One word for all tables, indexes, constraints, triggers and functions of a database."""
TURNS = "SELECT sequencename, last_value FROM pg_sequences ORDER BY 1"
OTHERS = """
SELECT coalesce(bool_and(pg_terminate_backend(pid, 500)), true) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
"""Ends the sessions that somebody left open; whether all have gone."""


@dataclass(frozen=True)
class Blank:
    """What a fresh copy of a template looks like."""

    name: str
    shape: str
    turns: list[tuple[str, int | None]]
    """Where its sequences stand."""
    filled: dict[str, bytes]
    """Its tables that are not empty, with their rows."""
    tables: list[str]

    @classmethod
    def of(cls, server: str, name: str) -> Blank:
        """Look at the template."""
        with _connected(server, name) as connection:
            told = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            tables = sorted(table for (table,) in told)
            return cls(
                name,
                _one(connection, SHAPE),
                connection.execute(TURNS).fetchall(),
                {table: _rows(connection, table) for table in _with_rows(connection, tables)},
                tables,
            )

    def again(self, server: str, name: str) -> bool:
        """Make a used copy as it was at first; false if it has another shape by now, or the
        server doesn't let us."""
        try:
            with _connected(server, name) as connection:
                if not _one(connection, OTHERS) or _one(connection, SHAPE) != self.shape:
                    return False
                connection.execute("SET session_replication_role = replica")  # no trigger, no key
                used = {*_with_rows(connection, self.tables), *self.filled}
                connection.execute(f"TRUNCATE {', '.join(sorted(used))} RESTART IDENTITY CASCADE")
                for table, rows in self.filled.items():
                    with connection.cursor().copy(f"COPY {table} FROM STDIN (FORMAT binary)") as to:
                        to.write(rows)
                for sequence, value in self.turns:
                    connection.execute(
                        "SELECT setval(%s::regclass, coalesce(%s, 1), %s)",
                        (sequence, value, value is not None),
                    )
        except psycopg.Error:
            return False
        return True


def _connected(server: str, name: str) -> psycopg.Connection[Any]:
    url = make_url(server).set(drivername="postgresql", database=name)
    return psycopg.connect(url.render_as_string(hide_password=False), autocommit=True)


def _one(connection: psycopg.Connection[Any], query: LiteralString) -> Any:
    found = connection.execute(query).fetchone()
    assert found is not None
    return found[0]


def _with_rows(connection: psycopg.Connection[Any], tables: list[str]) -> list[str]:
    asked = (f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in tables)
    return [table for (table,) in connection.execute(" UNION ALL ".join(asked))]


def _rows(connection: psycopg.Connection[Any], table: str) -> bytes:
    with connection.cursor().copy(f"COPY {table} TO STDOUT (FORMAT binary)") as rows:
        return b"".join(rows)


def _tell(server: str, statement: str) -> None:
    with _connected(server, str(make_url(server).database)) as connection:
        connection.execute(statement)
