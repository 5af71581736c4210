"""Copies of a home that somebody may still have open."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path


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
