"""An empty register in November 2026."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from counted import Register, at
from qalqan.clock import SharedClock
from qalqan.register import orm
from qalqan.register.database import open_database
from qalqan.settings import Settings


@pytest.fixture
def register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Register]:
    """An empty register in November 2026."""
    home = tmp_path / "home"
    clock = SharedClock.create(home / "clock", at("2026-11-24 09:00"))
    monkeypatch.setenv("QALQAN_CLOCK", str(home / "clock"))
    settings = Settings(home=home)
    database = open_database(settings)
    database.migrate()
    with database.write() as session:
        names = {"kk": "Сенім желісі", "ru": "Линия доверия", "en": "Hotline"}
        session.add(orm.Partner(code="hotline", kind="channel", names=names))
        for login, role in (
            ("zere", "analyst"),
            ("aigul", "supervisor"),
            ("daniyar", "supervisor"),
        ):
            session.add(orm.User(login=login, name="x", password_hash="x", role=role, region="KZ"))
    yield Register(database, settings, clock)
    database.close()
