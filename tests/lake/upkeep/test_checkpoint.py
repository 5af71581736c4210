from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable

from qalqan.lake import sealing
from qalqan.lake.engine import frozen_files
from qalqan.lake.table import at_newest
from qalqan.lake.upkeep import checkpoint
from qalqan.lake.upkeep.checkpoint import shorten

Sealed = Callable[..., int]
Fact = Callable[..., dict[str, Any]]


@pytest.fixture
def server() -> None:
    """The register lends leases here and nothing else: SQLite will do."""


def log_of(lake_root: str) -> list[str]:
    return sorted(path.name for path in (Path(lake_root, "session") / "_delta_log").iterdir())


def test_a_checkpoint_stands_for_the_entries_before_it(
    sealed: Sealed, session_fact: Fact, lake_root: str
) -> None:
    address = str(Path(lake_root, "session"))
    sealed(session_fact("0"))
    follower, late = DeltaTable(address), DeltaTable(address)
    opened = at_newest(Path(address).as_uri())
    assert opened is not None
    for number in range(1, 5):
        sealed(session_fact(str(number)))
    late.update_incremental()
    files = frozen_files(lake_root, "session")
    done = shorten(lake_root, "session", keep_hours=0, every=3)
    assert (done.version, done.entries) == (5, 5)
    assert log_of(lake_root) == [
        f"{5:020d}.checkpoint.parquet", f"{5:020d}.json", "_last_checkpoint",
    ]  # fmt: skip
    assert not list(Path(lake_root).glob("_checkpoint-*"))
    assert frozen_files(lake_root, "session") == files
    sealed(session_fact("5"))
    for known in (follower, late, opened, DeltaTable(address)):
        known.update_incremental()
        assert known.version() == 6
        assert len(known.file_uris()) == 6
        assert known.transaction_version(sealing.MARK) == 6


def test_young_entries_stay_for_whoever_follows_the_log(
    sealed: Sealed, session_fact: Fact, lake_root: str
) -> None:
    for number in range(4):
        sealed(session_fact(str(number)))
    assert shorten(lake_root, "session", keep_hours=1, every=3).entries == 0
    assert shorten(lake_root, "session", keep_hours=1, every=3).version is None
    log = Path(lake_root, "session") / "_delta_log"
    old = time.time() - 7200
    for path in log.glob("*.json"):
        os.utime(path, (old, old))
    assert shorten(lake_root, "session", keep_hours=1, every=3).entries == 4
    assert len(frozen_files(lake_root, "session")) == 4


@pytest.mark.parametrize("dies_before", ["file", "pointer"])
def test_whoever_dies_in_between_leaves_a_log_that_opens(
    sealed: Sealed,
    session_fact: Fact,
    lake_root: str,
    monkeypatch: pytest.MonkeyPatch,
    dies_before: str,
) -> None:
    for number in range(4):
        sealed(session_fact(str(number)))
    rename = os.replace

    def dies(source: Path, target: Path) -> None:
        if (target.name == "_last_checkpoint") == (dies_before == "pointer"):
            raise KeyboardInterrupt
        rename(source, target)

    monkeypatch.setattr(checkpoint.os, "replace", dies)
    monkeypatch.setattr(shutil, "rmtree", lambda *_, **__: None)
    with pytest.raises(KeyboardInterrupt):
        shorten(lake_root, "session", keep_hours=0, every=3)
    monkeypatch.undo()
    assert len(DeltaTable(str(Path(lake_root, "session"))).file_uris()) == 4
    sealed(session_fact("4"))
    shorten(lake_root, "session", keep_hours=0, every=1)
    assert not list(Path(lake_root).glob("_checkpoint-*"))
    assert len(DeltaTable(str(Path(lake_root, "session"))).file_uris()) == 5


def test_no_checkpoint_comes_by_itself(sealed: Sealed, session_fact: Fact, lake_root: str) -> None:
    """Delta's own, every hundred commits, would not be synced."""
    address = str(Path(lake_root, "session"))
    sealed(session_fact("0"))
    DeltaTable(address).alter.set_table_properties({"delta.checkpointInterval": "2"})
    for number in range(1, 5):
        sealed(session_fact(str(number)))
    assert not [name for name in log_of(lake_root) if "checkpoint" in name]
