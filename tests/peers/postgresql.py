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


@contextmanager
def served(folder: str) -> Iterator[str]:
    """Run a server on a socket in a folder of its own; its address."""
    user = "postgres" if os.getuid() == 0 else None  # it refuses to run as root
    home = tempfile.mkdtemp(prefix="qalqan-pg-")  # a socket's path must be short
    if user:
        shutil.chown(home, user)
    run = partial(subprocess.run, user=user, check=True, cwd=home, stdout=subprocess.DEVNULL)
    made = ("-D", "data", "-U", "postgres", "-E", "UTF8", "-A", "trust", "--locale=C.UTF-8")
    run([f"{folder}/initdb", *made, "--no-sync"])
    # Tests kill clients, never the machine: nothing here need survive a power cut.
    settings = f"-k {home} -c listen_addresses= -c fsync=off -c full_page_writes=off"
    run([f"{folder}/pg_ctl", "-D", "data", "-l", "log", "-o", settings, "-w", "start"])
    try:
        yield f"postgresql://postgres@/postgres?host={home}"
    finally:
        run([f"{folder}/pg_ctl", "-D", "data", "-m", "immediate", "stop"])
        shutil.rmtree(home)


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
