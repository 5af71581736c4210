"""Fixtures that every room uses: keys, a fresh register, a clock in hand."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
from hypothesis import settings

from qalqan.clock import SharedClock
from qalqan.register.database import Database
from qalqan.trust.keys import Keys

settings.register_profile("qalqan", deadline=None)  # tests never time anything
settings.load_profile("qalqan")

START_US = 1_767_250_800_000_000
"""2026-01-01 12:00 in Almaty."""


@pytest.fixture(scope="session")
def keys() -> Keys:
    return Keys.new()


@pytest.fixture(scope="session")
def new_database(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Database]:
    """Makes fresh registers with all tables, each a copy of one migrated file; close them."""
    folder: Path = tmp_path_factory.mktemp("registers")
    template = folder / "template.db"
    with closing(Database(f"sqlite:///{template}")) as database:
        database.migrate()
    numbers = count()

    def make() -> Database:
        path = folder / f"{next(numbers)}.db"
        shutil.copy(template, path)
        return Database(f"sqlite:///{path}")

    return make


@pytest.fixture
def database(new_database: Callable[[], Database]) -> Iterator[Database]:
    with closing(new_database()) as database:
        yield database


@pytest.fixture
def stopped_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SharedClock:
    """The shared clock of this test, standing at noon of 1 January 2026 until it is set."""
    path = tmp_path / "clock"
    monkeypatch.setenv("QALQAN_CLOCK", str(path))
    return SharedClock.create(path, START_US)
