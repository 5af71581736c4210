"""A backup grows by what is new, and is there whole or not at all."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from qalqan import clock
from qalqan.backup import points, register_copy, taking
from qalqan.backup.taking import Taken, prune, take
from qalqan.clock import HOUR, SharedClock
from qalqan.errors import Conflict, NotFound
from qalqan.lake.upkeep import keeping
from qalqan.lake.upkeep.compaction import NOW, compact
from qalqan.lake.upkeep.vacuum import vacuum
from qalqan.trust.keys import Keys

Restored = Callable[..., Any]
BackedUp = Callable[..., Taken]


@pytest.fixture
def server() -> None:
    """What a PostgreSQL register adds is told beside restoring: SQLite will do."""


def test_only_new_files_are_copied_and_every_point_restores(
    centre: Any, folder: Path, restored: Restored, stopped_clock: SharedClock, backed_up: BackedUp
) -> None:
    centre.give("a")
    centre.seal()
    first = backed_up()
    stopped_clock.set(stopped_clock.now_us() + HOUR)
    between = stopped_clock.now_us()
    centre.give("b")
    centre.seal()
    with keeping(centre.database) as held:
        compact(centre.database, centre.lake_root, held, NOW)
        vacuum(centre.database, centre.lake_root, held, "session", 0)
    stopped_clock.set(between + HOUR)
    second = backed_up()
    assert (first.copied, second.copied) == (1, 1)
    third = backed_up()
    assert third.copied == 0
    assert restored(folder).facts() == ["a", "b"]
    assert restored(folder, at_us=between).facts() == ["a"]
    assert restored(folder, seal=1).facts() == ["a"]
    with pytest.raises(NotFound):
        restored(folder, at_us=1)


def test_keys_come_along_only_if_asked_and_nobody_else_reads_the_backup(
    centre: Any, folder: Path, restored: Restored, tmp_path: Path, backed_up: BackedUp
) -> None:
    backed_up()
    assert not list(folder.rglob("keys.json"))
    with pytest.raises(NotFound):
        restored(folder, keys_file=None)
    other = Keys.create(tmp_path / "other.json")
    assert other is not None
    with pytest.raises(Conflict):
        restored(folder, keys_file=tmp_path / "other.json")
    backed_up(with_keys=True)
    (kept,) = folder.rglob("keys.json")
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE((folder / "points").stat().st_mode) == 0o700
    again = restored(folder, keys_file=None)
    assert stat.S_IMODE((again.home / "keys.json").stat().st_mode) == 0o600


def test_a_folder_of_something_else_is_left_alone(
    centre: Any, tmp_path: Path, backed_up: BackedUp
) -> None:
    with pytest.raises(Conflict):
        take(centre.database, centre.keys, centre.settings, centre.home)
    other = tmp_path / "other"
    points.opened(other, Keys.new())
    with pytest.raises(Conflict):
        take(centre.database, centre.keys, centre.settings, other)
    with keeping(centre.database), pytest.raises(Conflict):
        backed_up()


TAKING = [
    (register_copy, "copy"), (taking, "_as_of"), (taking, "_log"), (points, "digest_of"),
    (points, "save"),
]  # fmt: skip


@pytest.mark.parametrize(("owner", "name"), TAKING, ids=lambda value: str(value).split(".")[-1])
def test_a_backup_cut_off_is_no_point_and_the_next_one_is_whole(
    centre: Any,
    folder: Path,
    restored: Restored,
    owner: Any,
    name: str,
    backed_up: BackedUp,
    cut: Callable[..., None],
) -> None:
    centre.give("a")
    centre.seal()
    cut(owner, name, lambda: backed_up())
    assert points.points(folder) == []
    with pytest.raises(NotFound):
        restored(folder)
    backed_up()
    assert len(points.points(folder)) == 1
    assert not list(folder.rglob(".taking-*"))
    assert restored(folder).facts() == ["a"]


def test_old_points_go_with_the_files_that_only_they_name(
    centre: Any, folder: Path, restored: Restored, stopped_clock: SharedClock, backed_up: BackedUp
) -> None:
    for name in ("a", "b", "c"):
        centre.give(name)
        centre.seal()
        backed_up()
        stopped_clock.set(clock.now_us() + HOUR)
    with keeping(centre.database) as held:
        compact(centre.database, centre.lake_root, held, NOW)
    backed_up()
    pooled = list((folder / "files").rglob("*.parquet"))
    assert len(pooled) == 4
    assert prune(folder, keep=1) == 3
    assert len(list((folder / "files").rglob("*.parquet"))) == 1
    assert restored(folder).facts() == ["a", "b", "c"]


def test_a_backup_waits_for_whoever_keeps_the_lake(centre: Any, backed_up: BackedUp) -> None:
    centre.give("a")
    centre.seal()
    told: list[str] = []
    with ExitStack() as busy:
        busy.enter_context(keeping(centre.database))

        def waits() -> None:
            told.append("waits")
            busy.close()

        taken = backed_up(patience_s=60, waits=waits)
    assert (taken.copied, told) == (1, ["waits"])


def test_points_are_forgotten_while_no_other_backup_runs(
    centre: Any, folder: Path, backed_up: BackedUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another one's files lie in the pool before a point names them."""
    backed_up()

    def alone(*given: Any) -> int:
        with pytest.raises(Conflict), keeping(centre.database):
            pass
        return prune(*given)

    monkeypatch.setattr(taking, "prune", alone)
    (folder / "points" / ".gone-before").mkdir()
    assert backed_up(keep=1).forgotten == 1
    assert len(list((folder / "points").iterdir())) == 1


def test_links_instead_of_copies_stay_when_the_lake_lets_go(
    centre: Any, folder: Path, restored: Restored, backed_up: BackedUp
) -> None:
    for name in ("a", "b"):
        centre.give(name)
        centre.seal()
    backed_up(link=True)
    assert {os.stat(path).st_nlink for path in (folder / "files").rglob("*.parquet")} == {2}
    with keeping(centre.database) as held:
        compact(centre.database, centre.lake_root, held, NOW)
        vacuum(centre.database, centre.lake_root, held, "session", 0)
    assert restored(folder).facts() == ["a", "b"]
