"""A centre with facts, some sealed and some only landed, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from qalqan.backup import taking
from qalqan.backup.taking import Manner, Taken, take
from qalqan.lake import hand_in, intake
from qalqan.lake.engine import DuckEngine
from qalqan.lake.sealing import seal
from qalqan.register.database import Database
from qalqan.settings import Settings
from qalqan.trust.keys import Keys

AT = 1_767_225_600_000_000  # 2026-01-01


@pytest.fixture
def server(either_server: str | None) -> str | None:
    return either_server


class Centre:
    """A home with its register wherever the test wants it."""

    def __init__(self, home: Path, database: Database) -> None:
        self.home = home
        home.mkdir(exist_ok=True)
        path = home / "keys.json"
        self.keys = Keys.load(path) if path.exists() else Keys.create(path)
        self.database = database
        self.settings = Settings(home=home)

    @property
    def lake_root(self) -> str:
        return self.settings.lake_root

    def give(self, *names: str) -> int:
        """Sessions of these names land; how many are new."""
        rows: list[dict[str, Any]] = [
            {"id": name, "at_us": AT, "remote_access": False, "outcome": "failed"} for name in names
        ]
        table = pa.Table.from_pylist(rows)
        where = hand_in.Centre(self.database, self.keys, self.lake_root)
        return intake.take(where, hand_in.HandIn("session", "bank-a", "test"), table).accepted

    def seal(self) -> int:
        return seal(self.database, self.lake_root)

    def facts(self) -> list[str]:
        """What the lake holds."""
        with closing(DuckEngine(self.lake_root)) as engine:
            return sorted(engine.run(engine.table("session").select("id"))["id"].to_pylist())


@pytest.fixture
def centre(tmp_path: Path, database: Database) -> Centre:
    return Centre(tmp_path / "home", database)


@pytest.fixture
def restored(
    tmp_path: Path, server: str | None, empty_database: Callable[[], str]
) -> Iterator[Callable[..., Centre]]:
    """Restores a backup into a new home, and opens it."""
    from qalqan.backup.restoring import restore

    opened: list[Database] = []

    def run(folder: Path, **asked: Any) -> Centre:
        home = tmp_path / f"restored-{len(opened)}"
        keys_file = asked.pop("keys_file", tmp_path / "home" / "keys.json")
        url = empty_database() if server else None
        restore(folder, home, keys_file=keys_file, register_url=url, **asked)
        opened.append(Database(url or f"sqlite:///{home / 'register.db'}"))
        return Centre(home, opened[-1])

    yield run
    for database in opened:
        database.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Of the backup."""
    return tmp_path / "backup"


@pytest.fixture
def backed_up(centre: Centre, folder: Path) -> Callable[..., Taken]:
    """Takes a backup of the centre."""

    def run(**more: Any) -> Taken:
        return take(centre.database, centre.keys, centre.settings, folder, Manner(**more))

    return run


class Death(BaseException):
    """As if killed here."""


@pytest.fixture
def cut() -> Callable[..., None]:
    """Does some work and dies right after one of its steps; nothing is tidied up."""

    def run(owner: Any, name: str, work: Callable[[], Any]) -> None:
        step = getattr(owner, name)

        def dies(*given: Any, **more: Any) -> Any:
            step(*given, **more)
            raise Death

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(owner, name, dies)
            patch.setattr(taking.shutil, "rmtree", lambda *_, **__: None)
            with pytest.raises(Death):
                work()

    return run
