"""An empty register in November 2026, and one with two Octobers of reports."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from counted import REGIONS, Register, at
from qalqan.bulletin.documents.compose import compose
from qalqan.bulletin.documents.parts import Body
from qalqan.clock import HOUR, SharedClock
from qalqan.model.period import parse
from qalqan.register import orm
from qalqan.register.database import open_database
from qalqan.settings import Settings

BODIES = (
    ("month", "2026-10", ""), ("month", "2024-01", ""), ("year", "2026", ""), ("year", "2023", ""),
    ("region", "2026-10", "KZ-75"), ("press", "2026-10", ""), ("minister", "2026-10", ""),
    ("year", "2025", ""),
)  # fmt: skip


@contextmanager
def opened(home: Path) -> Iterator[Register]:
    """A new register in November 2026."""
    clock = SharedClock.create(home / "clock", at("2026-11-24 09:00"))
    settings = Settings(home=home)
    database = open_database(settings)
    database.migrate()
    with database.write() as session:
        names = {"kk": "Сенім желісі", "ru": "Линия доверия", "en": "Hotline"}
        session.add(orm.Partner(code="hotline", kind="channel", names=names))
        roles = {"zere": "analyst", "aigul": "supervisor", "daniyar": "supervisor"}
        for login, role in roles.items():
            session.add(orm.User(login=login, name="x", password_hash="x", role=role, region="KZ"))
    yield Register(database, settings, clock)
    database.close()


@pytest.fixture
def register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Register]:
    """An empty one."""
    home = tmp_path / "home"
    monkeypatch.setenv("QALQAN_CLOCK", str(home / "clock"))
    with opened(home) as register:
        yield register


@pytest.fixture(scope="session")
def bodies(tmp_path_factory: pytest.TempPathFactory) -> Mapping[tuple[str, str, str], Body]:
    """A bulletin of each kind, of two Octobers with some of everything."""
    home = tmp_path_factory.mktemp("october")
    with pytest.MonkeyPatch.context() as patch, opened(home) as register:
        patch.setenv("QALQAN_CLOCK", str(home / "clock"))
        for year, many in ((2025, 8), (2026, 12)):
            for n in range(many):
                when = f"{year}-10-{1 + 2 * n:02d} 12:00"
                register.report(
                    when, 50_000 * (n + 1), region=REGIONS[n % 2],
                    methods=[("27", "28")[n % 2]], crime_us=at(when) - (n + 1) * HOUR,
                )  # fmt: skip
        register.calls("2026-10-05 10:00", 12_345)
        with register.book() as book:
            return {each: compose(book, each[0], parse(each[1]), each[2]) for each in BODIES}
