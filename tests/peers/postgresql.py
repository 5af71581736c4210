"""A PostgreSQL server of the tests' own, and fresh registers on it or in files of SQLite."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from itertools import count
from pathlib import Path

from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

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
        # Tests kill clients, never the machine: nothing of theirs need survive a power cut.
        hasty = "" if durable else "-c fsync=off -c full_page_writes=off"
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
    """Makes addresses of new databases; no server: files of SQLite."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers = count()
        self._templates: dict[str | None, str] = {}

    def empty(self, server: str | None, template: str | None = None) -> str:
        """A new database without tables, or a copy of a named one."""
        number = next(self._numbers)
        if server is None:
            path = self.folder / f"{number}.db"
            if template is not None:
                shutil.copy(str(make_url(template).database), path)
            return f"sqlite:///{path}"
        name = f"qalqan_test_{os.getpid()}_{number}"
        # Without fsync, copying files is four times as fast as logging every page.
        of = "template0" if template is None else make_url(template).database
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
        else:
            _tell(server, f"DROP DATABASE {name} WITH (FORCE)")


def _tell(server: str, statement: str) -> None:
    url = make_url(server).set(drivername="postgresql+psycopg")
    engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        connection.execute(text(statement))
