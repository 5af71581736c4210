"""The index follows the lake, and is built anew where it tells another story."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from conftest import Lake, facts
from qalqan.lake.engine import DuckEngine
from qalqan.lake.table import MARK, Log, write_files
from qalqan.register.database import Database
from qalqan.register.orm import RetentionDrop, Seal
from qalqan.settings import Settings
from qalqan.trail import document, follow
from qalqan.trail.index.store import Index
from qalqan.trail.index.writing import writing
from qalqan.trail.kept import KeptTrails
from qalqan.trail.policy import default
from qalqan.trail.semantics import Root
from qalqan.work import index as work_index
from qalqan.work import tracing as work_tracing
from qalqan.work.index import Indexing, lag
from qalqan.work.tracing import Building, Loops, Tracing

HOUR = 3_600_000_000
DAY_US = 20_000 * 24 * HOUR
ROOT = Root("b:1", "R", "victim", "drop", "B", 100, "KZT", DAY_US)


def paid(id: int, hours: int, payer: str, payee: str | None, **more: Any) -> dict[str, Any]:
    told = {"id": str(id), "source": "b", "at_us": DAY_US + hours * HOUR, "side": "both",
            "payer_account": payer, "payer_bank": "B", "payee_account": payee, "payee_bank": "B",
            "amount": 100, "currency": "KZT", "instrument": "transfer"}  # fmt: skip
    return told | more


@pytest.fixture
def server() -> None:
    """Registers of this room's tests lie in files: what is asked of them here is asked of both
    kinds elsewhere."""


class Centre:
    """A register and a lake that are sealed together."""

    def __init__(self, database: Database, lake: Lake, home: Path) -> None:
        self.database, self.lake, self.home = database, lake, home
        self.engine = DuckEngine(lake.root)
        self.indexing = Indexing(database, self.engine, home)
        self.seals = 0

    def seal(self, kind: str, *rows: dict[str, Any]) -> None:
        self.seals += 1
        files = write_files(
            self.lake.root, kind, facts(kind, rows).drop_columns("seal"), self.seals
        )
        Log(self.lake.root, kind).commit(files, {MARK: self.seals})
        with self.database.write() as session:
            session.add(
                Seal(seal=self.seals, kind=kind, rows=len(rows), version=1, at_us=self.seals)
            )

    def document(self, trails: Any) -> dict[str, Any]:
        trail = trails.follow([ROOT], default(), DAY_US + 50 * HOUR, self.seals, frozenset({"B"}))
        return document(trail)

    def lag(self) -> int | None:
        return lag(self.database, self.indexing.folder)

    def payments(self) -> int:
        index = Index(self.indexing.folder)
        index.check()
        return sum(run.told["rows"] for run in index.pool("KZT").runs)


@pytest.fixture
def centre(database: Database, duck_lake: Lake, tmp_path: Path) -> Iterator[Centre]:
    made = Centre(database, duck_lake, tmp_path)
    made.seal("payment", paid(1, 0, "victim", "drop"), paid(2, 1, "drop", "second"))
    yield made
    made.engine.close()


@pytest.fixture(scope="module")
def loops() -> Loops:
    """Loaded; on a machine that has not compiled them, compiled."""
    made = Loops()
    made.load()
    return made


def building(centre: Centre, loops: Loops) -> Building:
    return Building(centre.database, Settings(home=centre.home), loops)


def test_trails_over_the_index_are_those_over_the_lake(centre: Centre, loops: Loops) -> None:
    tracing = Tracing(centre.database, centre.engine, centre.home, loops)
    lake = KeptTrails(centre.engine)
    assert centre.document(tracing) == centre.document(lake)
    assert centre.lag() is None  # nobody has built one
    building(centre, loops).look()
    assert centre.lag() == 0
    centre.seal("payment", paid(3, 30, "second", None, instrument="cash_out"))  # a day later …
    centre.seal("payment", paid(4, 0, "victim", "second"))  # … and one that comes late
    statement = {"id": "s", "source": "b", "account": "drop", "bank": "B", "opening": 0,
                 "from_us": DAY_US - HOUR, "to_us": DAY_US + 40 * HOUR, "closing": 0,
                 "currency": "KZT", "complete": True, "at_us": DAY_US}  # fmt: skip
    centre.seal("statement", statement, statement | {"id": "t", "complete": False})
    assert centre.lag() == 2
    found = centre.document(tracing)
    assert centre.lag() == 0
    assert found == centre.document(lake)
    assert found["parts"]["taint_first"]["R"]["cash"] == 100
    assert found["nodes"][0]["covered_to_us"] == DAY_US + 40 * HOUR


def test_while_another_process_writes_the_index_the_lake_is_walked(
    centre: Centre, loops: Loops, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work_tracing, "_BUSY_S", 0.05)
    building(centre, loops).look()
    centre.seal("payment", paid(3, 2, "second", "third"))
    tracing = Tracing(centre.database, centre.engine, centre.home, loops)
    with writing(centre.indexing.folder):
        tracing.look()
        assert centre.document(tracing) == centre.document(KeptTrails(centre.engine))
        assert centre.lag() == 1
    centre.document(tracing)
    assert centre.lag() == 0


def test_an_idle_worker_takes_in_what_was_sealed(centre: Centre, loops: Loops) -> None:
    building(centre, loops).look()
    centre.seal("payment", paid(3, 2, "second", "third"))
    Tracing(centre.database, centre.engine, centre.home, loops).look()
    assert centre.lag() == 0


@pytest.mark.parametrize("near", [0, 10])
def test_what_takes_minutes_is_built_by_who_keeps_the_lake(
    centre: Centre, loops: Loops, monkeypatch: pytest.MonkeyPatch, near: int
) -> None:
    monkeypatch.setattr(work_tracing, "NEAR", near)
    building(centre, loops).look()
    centre.seal("payment", paid(3, 2, "second", "third"))
    tracing = Tracing(centre.database, centre.engine, centre.home, loops)
    tracing.look()
    assert centre.document(tracing) == centre.document(KeptTrails(centre.engine))
    assert centre.lag() == (0 if near else 1)
    building(centre, loops).look()
    assert centre.lag() == 0


def test_a_lake_of_another_register_is_not_indexed(
    centre: Centre, loops: Loops, caplog: pytest.LogCaptureFixture
) -> None:
    (Path(centre.lake.root) / "payment").rename(centre.home / "elsewhere")
    made = building(centre, loops)
    made.look()
    made.look()
    assert centre.lag() is None
    assert caplog.text.count("the index was not built") == 1


def test_until_the_loops_are_compiled_the_lake_is_walked(
    centre: Centre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path))
    cold = Loops(load_after_s=0, compile_after_s=0)
    made = building(centre, cold)
    made.look()
    child = cold.compiling
    assert child is not None
    assert child.poll() is None
    tracing = Tracing(centre.database, centre.engine, centre.home, cold)
    assert centre.document(tracing) == centre.document(KeptTrails(centre.engine))
    made.close()
    assert child.poll() is not None  # nothing is left behind
    made.look()
    assert not cold.ready
    assert cold.compiling is None


def test_only_what_is_new_is_taken_in(centre: Centre) -> None:
    assert centre.indexing.refresh() == 1
    before = set((centre.indexing.folder / "KZT").glob("*.run"))
    centre.seal("payment", paid(3, 2, "second", "third"))
    assert Indexing(centre.database, centre.engine, centre.home).refresh() == 2
    assert set((centre.indexing.folder / "KZT").glob("*.run")) > before
    assert centre.payments() == 3
    assert centre.indexing.refresh(1) == 2


def test_what_retention_took_is_in_no_index(centre: Centre) -> None:
    centre.indexing.refresh()
    with centre.database.write() as session:
        session.add(
            RetentionDrop(
                kind="payment", day=date(2024, 10, 4), files=[], rows=0, first_seal=1,
                last_seal=1, state="done", policy="p", at_seal=1, at_us=0,
            )
        )  # fmt: skip
    before = set((centre.indexing.folder / "KZT").glob("*.run"))
    assert centre.indexing.refresh() == 1
    assert not before & set((centre.indexing.folder / "KZT").glob("*.run"))


def test_an_index_of_another_history_is_built_anew(centre: Centre) -> None:
    centre.indexing.refresh()
    with centre.database.write() as session:  # restored, and sealed otherwise since
        session.execute(update(Seal).values(at_us=99))
    before = set((centre.indexing.folder / "KZT").glob("*.run"))
    assert centre.indexing.refresh() == 1
    assert not before & set((centre.indexing.folder / "KZT").glob("*.run"))
    assert centre.payments() == 2


@pytest.mark.parametrize("name", ["manifest.json", "KZT/0000000001.run"])
def test_a_damaged_index_is_built_anew(centre: Centre, loops: Loops, name: str) -> None:
    tracing = Tracing(centre.database, centre.engine, centre.home, loops)
    centre.indexing.refresh()
    path = centre.indexing.folder / name
    path.write_bytes(path.read_bytes()[:-20])
    trail = follow(centre.engine, [ROOT], default(), DAY_US + 50 * HOUR, 1, frozenset({"B"}))
    assert centre.document(tracing) == document(trail)
    assert centre.lag() is None
    building(centre, loops).look()
    assert centre.document(tracing) == document(trail)
    assert centre.payments() == 2


def test_a_large_lake_is_read_in_parts(centre: Centre, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work_index, "ROWS_AT_ONCE", 3)
    centre.seal("payment", *(paid(10 + i, 5 * i, f"a{i}", "hub") for i in range(12)))
    told: list[tuple[int, int]] = []
    centre.indexing.rebuild(lambda done, of: told.append((done, of)))
    assert told[-1] == (14, 14)
    assert len(told) > 3
    assert centre.payments() == 14
