"""The row of changes: written first, done, counted; whoever is killed in between loses nothing, and
any number of processes may write (REQ-45)."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from qalqan.errors import Unavailable
from qalqan.screening.calls import changes
from qalqan.screening.calls.changes import ABROAD, VALUE, Change, Changing
from qalqan.screening.calls.screen import Tables
from qalqan.work import call_feed, call_tellings
from work.told_calls import OURS, away, made


@pytest.fixture
def server() -> None:
    """What stands in files does not depend on the register's server."""
    return


@pytest.fixture
def tables(database: Any, keys: Any, tmp_path: Path) -> Path:
    return made(database, keys, tmp_path)


def row(tables: Path) -> list[Change]:
    found = Tables(tables)
    body = call_feed.told(tables, found.about["version"], 0, found.place[0])
    return list(changes.unpacked(body, 0))


def make(tables: Path, *told: Change) -> None:
    with call_feed.alone(tables), call_feed.changing(tables) as feed:
        feed.make(told)


def test_a_change_stands_in_the_tables_and_in_the_row(tables: Path) -> None:
    before = Tables(tables)
    make(tables, Change(ABROAD, OURS, 1))
    make(tables, Change(VALUE, OURS, 4 << 8))
    assert row(tables) == [Change(ABROAD, OURS, 1), Change(VALUE, OURS, 4 << 8)]
    assert before.place[0] == 2  # in the file that was mapped before
    assert away(tables) == [OURS]
    mine = call_feed.row_of(tables, before.about["version"])
    assert mine.stat().st_mode & 0o777 == 0o600
    version = before.about["version"]
    assert call_feed.told(tables, version, 1, 2) == changes.packed([Change(VALUE, OURS, 4 << 8)], 1)


class _Killed(BaseException):
    """Stands for SIGKILL: nothing of ours catches it."""


def _dying(call: Callable[..., Any], after: int) -> Callable[..., Any]:
    left = [after]

    def dies(*given: Any) -> Any:
        left[0] -= 1
        if left[0] < 0:
            raise _Killed
        return call(*given)

    return dies


@pytest.mark.parametrize("name", ["pwrite", "fdatasync"])
@pytest.mark.parametrize("after", range(5))
def test_whoever_is_killed_leaves_what_the_next_one_does(
    tables: Path, monkeypatch: pytest.MonkeyPatch, name: str, after: int
) -> None:
    make(tables, Change(ABROAD, OURS + 9, 1))
    told = [Change(ABROAD, OURS + n, 1) for n in range(3)]
    with monkeypatch.context() as patch:
        patch.setattr(os, name, _dying(getattr(os, name), after))
        with suppress(_Killed):
            make(tables, *told)
    seen = row(tables)
    assert seen in ([Change(ABROAD, OURS + 9, 1)], [Change(ABROAD, OURS + 9, 1), *told])
    make(tables, Change(ABROAD, OURS + 8, 1))
    whole = row(tables)
    assert whole[: len(seen)] == seen  # nobody who followed was told anything that is not so
    assert whole[-1] == Change(ABROAD, OURS + 8, 1)
    assert away(tables) == sorted(change.number for change in whole)


def test_a_torn_end_is_dropped_and_a_lost_row_is_a_hole(tables: Path) -> None:
    make(tables, Change(ABROAD, OURS, 1))
    path = call_feed.row_of(tables, Tables(tables).about["version"])
    with path.open("ab") as file:
        file.write(changes.packed([Change(ABROAD, OURS + 1, 1)], 1)[:20])
    make(tables, Change(ABROAD, OURS + 2, 1))
    assert away(tables) == [OURS, OURS + 2]
    assert len(row(tables)) == 2
    path.unlink()
    make(tables, Change(ABROAD, OURS + 3, 1))
    assert row(tables) == []  # damaged from its first record on: followers fetch the file
    body = call_feed.told(tables, Tables(tables).about["version"], 2, 3)
    assert list(changes.unpacked(body, 2)) == [Change(ABROAD, OURS + 3, 1)]


def test_what_is_missing_damaged_or_kept_by_others_is_told(tables: Path, tmp_path: Path) -> None:
    with Changing(tables), pytest.raises(Unavailable) as kept:
        make(tables, Change(ABROAD, OURS, 1))
    junk = tmp_path / "junk"
    junk.write_bytes(b"x" * 70_000)
    for path in (tmp_path / "none", junk):
        with pytest.raises(Unavailable) as none:
            make(path, Change(ABROAD, OURS, 1))
        assert (kept.value.code, none.value.code) == ("calls.kept", "calls.none")


def _tell(tables: Path, first: int) -> None:
    for number in range(first, first + 20):
        item = {"number": f"+{number}", "abroad": True, "at_us": 1}
        call_tellings.places(tables, "dala", [item], None)


def test_two_processes_tell_at_once(tables: Path) -> None:
    fork = multiprocessing.get_context("fork")
    firsts = (OURS, OURS + 1_000, OURS + 2_000)
    running = [fork.Process(target=_tell, args=(tables, first)) for first in firsts]
    for one in running:
        one.start()
    for one in running:
        one.join(60)
        assert one.exitcode == 0
    every = [first + n for first in firsts for n in range(20)]
    assert away(tables) == every
    assert sorted(change.number for change in row(tables)) == every
