"""A consistent copy of the register, and a register made from one.

SQLite copies itself page by page while others write; of PostgreSQL `pg_dump` writes a dump in
the same snapshot in which the newest seal is read. Both tell what lake belongs to the copy.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

from sqlalchemy import select, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import Session

from qalqan.errors import Conflict, ContractBroken, Unavailable
from qalqan.lake import landing, sealing
from qalqan.lake.landing import Staged
from qalqan.register.database import Database
from qalqan.register.orm import IdentityRun

SQLITE = "register.db"
DUMP = "register.dump"
_PLAIN = ("--no-owner", "--no-privileges")


@dataclass(frozen=True)
class Copied:
    """A copy and what of the lake belongs to it."""

    kind: str
    """sqlite or postgresql."""
    path: Path
    seal: int
    staged: Staged | None
    """A seal that was on its way: whoever opens the copy finishes it."""
    runs: Sequence[str]


def copy(database: Database, folder: Path) -> Copied:
    """Copy the register into the folder.

    Raises:
        Unavailable: the register does not answer, `pg_dump` fails, or the disk is full.
        ContractBroken: the register or its copy is damaged, or `pg_dump` is missing.
    """
    if make_url(database.url).get_backend_name() == "postgresql":
        return _dump(database, folder / DUMP)
    target = folder / SQLITE
    _copy_pages(Path(str(make_url(database.url).database)), target)
    with closing(Database(f"sqlite:///{target}")) as copied, copied.session() as session:
        about = _about("sqlite", target, session)
    run_on_sqlite(target, ())
    return about


def _copy_pages(path: Path, target: Path) -> None:
    os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o600))
    with (
        _told(),
        closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(target)) as made,
    ):
        source.backup(made)
        if made.execute("PRAGMA quick_check").fetchone() != ("ok",):
            raise ContractBroken("the copy of the register is damaged", "register.damaged")


@contextmanager
def _told() -> Iterator[None]:
    """What SQLite itself refuses, as an error of ours."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise ContractBroken("the register is damaged", "register.damaged") from error
        told = "os.full" if code == sqlite3.SQLITE_FULL else "register.lost"
        raise Unavailable(f"the register: {type(error).__name__}", told) from error


def _about(kind: str, path: Path, session: Session) -> Copied:
    seal = sealing.newest_seal(session)
    runs = session.scalars(select(IdentityRun.name).order_by(IdentityRun.name)).all()
    return Copied(kind, path, seal, landing.staged(session), runs)


def _dump(database: Database, path: Path) -> Copied:
    with database.session() as session:
        snapshot = session.scalar(text("SELECT pg_export_snapshot()"))
        how = ("--format=custom", *_PLAIN, f"--snapshot={snapshot}", f"--file={path}")
        _on_server("pg_dump", make_url(database.url), *how)
        path.chmod(0o600)
        return _about("postgresql", path, session)


def _on_server(name: str, url: URL, *words: str) -> None:
    """Run one of PostgreSQL's programs on a database. The password goes by the environment,
    which no other user of the machine sees, and is never asked for."""
    # `set(password=None)` would keep it, and then `***` stands for it and counts.
    shown = url._replace(drivername="postgresql", password=None).render_as_string()
    password = {"PGPASSWORD": str(url.password)} if url.password else {}
    _tool(name, f"--dbname={shown}", "--no-password", *words, environment=password)


def _tool(name: str, *words: str, environment: Mapping[str, str] = MappingProxyType({})) -> None:
    if shutil.which(name) is None:
        raise ContractBroken(f"{name} is missing", "backup.tool", name=name)
    ran = subprocess.run(
        [name, *words],
        stdin=subprocess.DEVNULL, capture_output=True, env=os.environ | environment, check=False,
    )  # fmt: skip
    if ran.returncode:
        said = ran.stderr.decode("utf-8", "replace").strip().splitlines()
        reason = said[0][:200] if said else f"{name}: {ran.returncode}"
        raise Unavailable(f"{name}: {reason}", "backup.tool_failed", name=name, said=reason)


def empty(url: str) -> None:
    """Make sure that a PostgreSQL database has no tables of ours yet.

    Raises:
        Conflict: it has.
        Unavailable: it does not answer.
    """
    database = Database(url)
    try:
        with database.session() as session:
            asked = text("SELECT count(*) FROM pg_tables WHERE schemaname = current_schema()")
            if session.scalar(asked):
                raise Conflict("restore_register", "", "not empty", "restore")
    finally:
        database.close()


def restore_dump(dump: Path, url: str, then: Sequence[str], aside: Path) -> None:
    """Make an empty PostgreSQL database the dump's, and run `then`, in one transaction: whatever
    fails, the database is as empty as before.

    Raises:
        Unavailable: it does not answer or refuses, or the dump can't be read.
        ContractBroken: PostgreSQL's programs are missing.
    """
    with TemporaryDirectory(dir=aside) as folder:  # of mode 0700; beside memory a register fits
        script, after = Path(folder) / "register.sql", Path(folder) / "then.sql"
        # Whole before its first word counts: a script that is cut would be half a register.
        _tool("pg_restore", *_PLAIN, f"--file={script}", str(dump))
        lines = ["SET search_path = public", *then]
        after.write_text("".join(f"{one};\n" for one in lines), encoding="utf-8")
        how = ("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1")
        _on_server("psql", make_url(url), *how, f"--file={script}", f"--file={after}")


def run_on_sqlite(path: Path, statements: Sequence[str]) -> None:
    """Run statements on a register's file, in one transaction; then it is whole by itself."""
    with _told(), closing(sqlite3.connect(path, isolation_level=None)) as made:
        made.execute("PRAGMA journal_mode = DELETE")
        made.execute("BEGIN IMMEDIATE")
        for statement in statements:
            made.execute(statement)
        made.execute("COMMIT")
