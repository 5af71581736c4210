"""A consistent copy of the register, and a register made from one.

SQLite copies itself page by page while others write; of PostgreSQL `pg_dump` writes a dump in
the same snapshot in which the newest seal is read. Both tell what lake belongs to the copy.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

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
        Unavailable: the register or `pg_dump` does not answer.
        ContractBroken: the copy is damaged, `pg_dump` is missing or of another version.
    """
    if make_url(database.url).get_backend_name() == "postgresql":
        return _dump(database, folder / DUMP)
    target = folder / SQLITE
    source = sqlite3.connect(f"file:{make_url(database.url).database}?mode=ro", uri=True)
    os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o600))
    made = sqlite3.connect(target)
    try:
        source.backup(made)
        if made.execute("PRAGMA quick_check").fetchone() != ("ok",):
            raise ContractBroken("the copy of the register is damaged", "register.damaged")
    finally:
        made.close()
        source.close()
    copied = Database(f"sqlite:///{target}")
    try:
        with copied.session() as session:
            return _about("sqlite", target, session)
    finally:
        copied.close()
        run_on_sqlite(target, ())


def _about(kind: str, path: Path, session: Session) -> Copied:
    seal = sealing.newest_seal(session)
    runs = session.scalars(select(IdentityRun.name).order_by(IdentityRun.name)).all()
    return Copied(kind, path, seal, landing.staged(session), runs)


def _dump(database: Database, path: Path) -> Copied:
    with database.session() as session:
        snapshot = session.scalar(text("SELECT pg_export_snapshot()"))
        how = ("--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}")
        _tool("pg_dump", make_url(database.url), *how, f"--file={path}")
        path.chmod(0o600)
        return _about("postgresql", path, session)


def _tool(
    name: str, url: URL, *words: str, script: bytes | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run one of PostgreSQL's programs; the password goes by the environment, which no other
    user of the machine sees."""
    if shutil.which(name) is None:
        raise ContractBroken(f"{name} is missing", "backup.tool", name=name)
    # `set(password=None)` would keep it, and then `***` stands for it and counts.
    shown = url._replace(drivername="postgresql", password=None).render_as_string()
    password = {"PGPASSWORD": str(url.password)} if url.password else {}
    ran = subprocess.run(
        [name, f"--dbname={shown}", *words],
        input=script, capture_output=True, env=os.environ | password, check=False,
    )  # fmt: skip
    if ran.returncode:
        said = ran.stderr.decode("utf-8", "replace").strip().splitlines()
        reason = said[0][:200] if said else name
        raise Unavailable(f"{name}: {reason}", "backup.tool_failed", name=name, said=reason)
    return ran


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


def restore_dump(dump: Path, url: str, then: Sequence[str]) -> None:
    """Make an empty PostgreSQL database the dump's, and run `then`, in one transaction.

    Raises:
        Unavailable: it does not answer, or refuses.
    """
    parsed = make_url(url)
    if shutil.which("pg_restore") is None:
        raise ContractBroken("pg_restore is missing", "backup.tool", name="pg_restore")
    script = subprocess.run(
        ["pg_restore", "--no-owner", "--no-privileges", "--file=-", str(dump)],
        check=True, capture_output=True,
    ).stdout  # fmt: skip
    more = "\nSET search_path = public;\n" + "\n".join(f"{one};" for one in then)
    how = ("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--file=-")
    _tool("psql", parsed, *how, script=script + more.encode())


def run_on_sqlite(path: Path, statements: Sequence[str]) -> None:
    """Run statements on a register's file, in one transaction; then it is whole by itself."""
    made = sqlite3.connect(path, isolation_level=None)
    try:
        made.execute("PRAGMA journal_mode = DELETE")
        made.execute("BEGIN IMMEDIATE")
        for statement in statements:
            made.execute(statement)
        made.execute("COMMIT")
    finally:
        made.close()
