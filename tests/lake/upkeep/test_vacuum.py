from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from qalqan.lake import landing, table
from qalqan.lake.engine import DuckEngine, frozen_files
from qalqan.lake.landing import Staged
from qalqan.lake.receipt import Receipt
from qalqan.lake.sealing import seal
from qalqan.lake.upkeep.compaction import NOW, compact
from qalqan.lake.upkeep.vacuum import vacuum
from qalqan.register.database import Database
from qalqan.register.leases import Held

Sealed = Callable[..., int]
Fact = Callable[..., dict[str, Any]]


@pytest.fixture
def server() -> None:
    """The register lends leases here and nothing else: SQLite will do."""


def data_files(lake_root: str) -> set[str]:
    return {path.name for path in Path(lake_root, "session").rglob("*.parquet")}


def test_what_compaction_left_goes_after_the_grace_period_and_not_before(
    sealed: Sealed, session_fact: Fact, database: Database, lake_root: str, held: Held
) -> None:
    for number in range(3):
        sealed(session_fact(str(number)))
    engine = DuckEngine(lake_root)
    frozen = engine.table("session")
    compact(database, lake_root, held, NOW, ("session",))
    assert vacuum(database, lake_root, held, "session", 1).files == 0
    assert engine.run(frozen).num_rows == 3
    assert vacuum(database, lake_root, held, "session", 0).files == 3
    assert engine.run(engine.table("session")).num_rows == 3
    (left,) = frozen_files(lake_root, "session")
    assert data_files(lake_root) == {Path(left).name}
    engine.close()


def test_a_file_whose_writer_died_goes_once_it_is_old(
    sealed: Sealed, session_fact: Fact, database: Database, lake_root: str, held: Held
) -> None:
    sealed(session_fact("1"))
    (named,) = frozen_files(lake_root, "session")
    orphan = Path(named).with_name("000000000009-dead.parquet")
    orphan.write_bytes(b"half a file")
    assert vacuum(database, lake_root, held, "session", 1).files == 0
    day_ago = time.time() - 86_400
    os.utime(orphan, (day_ago, day_ago))
    os.utime(named, (day_ago, day_ago))
    assert vacuum(database, lake_root, held, "session", 1).files == 1
    assert data_files(lake_root) == {Path(named).name}


def test_files_of_a_seal_that_is_not_committed_yet_stay(
    give: Callable[..., Receipt],
    sealed: Sealed,
    session_fact: Fact,
    database: Database,
    lake_root: str,
    held: Held,
) -> None:
    sealed(session_fact("1"))
    give(session_fact("2"), kind="session")
    with database.session() as session:
        (row, facts), *_ = landing.landed(session, "session", 10)
    files = table.write_files(lake_root, "session", facts, 2)
    with database.write() as session:
        landing.stage(session, Staged("session", 2, 1, files, {}, [row]))
    assert vacuum(database, lake_root, held, "session", 0).files == 0
    assert seal(database, lake_root) == 2
    engine = DuckEngine(lake_root)
    assert sorted(engine.run(engine.table("session"))["id"].to_pylist()) == ["1", "2"]
    engine.close()


def test_there_is_nothing_to_vacuum_where_nothing_was_sealed(
    database: Database, lake_root: str, held: Held
) -> None:
    assert vacuum(database, lake_root, held, "session", 0).files == 0
