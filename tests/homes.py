"""Homes made quickly: copies of one that may still be open, registers from a template."""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from contextlib import closing
from functools import cache
from pathlib import Path

from qalqan.register.database import Database, open_database
from qalqan.settings import Settings


def copied(home: Path, to: Path) -> Path:
    """A whole copy at `to`: SQLite itself copies its files, with what lies in their journals."""
    shutil.copytree(home, to, ignore=shutil.ignore_patterns("*.db", "*.db-shm", "*.db-wal"))
    for file in home.rglob("*.db"):
        with (
            closing(sqlite3.connect(file)) as source,
            closing(sqlite3.connect(to / file.relative_to(home))) as copy,
        ):
            source.backup(copy)
    return to


def migrated(settings: Settings) -> Database:
    """A new register in a home: its tables are made once a process, and copied; elsewhere than in
    the home they are made."""
    if settings.register_address is not None:
        database = open_database(settings)
        database.migrate()
        return database
    settings.home.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_template(), settings.home / _template().name)
    return open_database(settings)


@cache
def _template() -> Path:
    home = Path(tempfile.mkdtemp(prefix="qalqan-tables-"))
    database = open_database(Settings(home=home))
    database.migrate()
    database.close()
    (file,) = home.glob("*.db")
    return file
