"""The machine's clock jumps while facts are sealed: each counts once, and the log stays whole."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from sqlalchemy import select

from qalqan import clock
from qalqan.clock import HOUR
from qalqan.errors import Conflict
from qalqan.lake import sealing
from qalqan.lake.receipt import Receipt
from qalqan.lake.sealing import seal
from qalqan.lake.upkeep.history import newest_at
from qalqan.register import jobs
from qalqan.register.database import Database
from qalqan.register.orm import Seal
from qalqan.settings import Settings
from qalqan.trust.keys import Keys
from qalqan.work import loop

Give = Callable[..., Receipt]
Lake = Callable[[str], list[dict[str, Any]]]
Set = Callable[[int], None]
AT = 1_767_225_600_000_000


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> Set:
    """`set_clock(us)` moves this machine's clock by so much."""
    monkeypatch.delenv("QALQAN_CLOCK", raising=False)
    real, moved = clock.wall_us, [0]
    monkeypatch.setattr(clock, "wall_us", lambda: real() + moved[0])

    def move(by_us: int) -> None:
        moved[0] += by_us

    return move


def facts(*names: str) -> list[dict[str, Any]]:
    return [
        {"id": name, "at_us": AT, "remote_access": False, "outcome": "failed"} for name in names
    ]


@pytest.mark.parametrize("jump", [3 * HOUR, -3 * HOUR])
@pytest.mark.parametrize("step", ["written", "staged"])
def test_a_jump_amid_a_seal_lets_another_take_over_and_every_fact_counts_once(
    give: Give, database: Database, lake_root: str, lake: Lake, set_clock: Set,
    monkeypatch: pytest.MonkeyPatch, jump: int, step: str,
) -> None:  # fmt: skip
    """Who held the lease finds it gone at his next write; the other finishes what was staged."""
    give(*facts("1", "2"), kind="session")
    name = {"written": "write_files", "staged": "finish"}[step]
    ours = getattr(sealing, name)
    done: list[int] = []

    def jumping(*args: Any) -> Any:
        if name == "write_files":
            made = ours(*args)
        if not done:
            done.append(0)
            set_clock(jump)
            thread = threading.Thread(target=lambda: done.append(seal(database, lake_root)))
            thread.start()
            thread.join()
        return made if name == "write_files" else ours(*args)

    monkeypatch.setattr(sealing, name, jumping)
    with suppress(Conflict):
        seal(database, lake_root)
    monkeypatch.undo()
    seal(database, lake_root)
    assert [row["id"] for row in lake("session")] == ["1", "2"]
    with database.session() as session:
        seals = session.execute(select(Seal.seal, Seal.rows)).all()
    assert sum(rows for _, rows in seals) == 2
    assert [number for number, _ in seals] == list(range(1, len(seals) + 1))


def test_facts_that_came_while_the_clock_was_ahead_are_sealed_once_it_is_right(
    give: Give, database: Database, lake_root: str, lake: Lake, set_clock: Set, keys: Keys,
    tmp_path: Any,
) -> None:  # fmt: skip
    """By the worker itself: nobody restarts it, no new fact wakes it."""
    set_clock(5 * HOUR)
    give(*facts("1"), kind="session")
    with database.write() as session:
        jobs.wake(session, "seal", "lake")
    set_clock(-5 * HOUR)
    stop = threading.Event()
    settings = Settings(home=tmp_path, lake=lake_root)
    worker = threading.Thread(target=loop.run, args=(database, keys, settings, stop))
    worker.start()
    until = time.monotonic() + 120  # detectors may be asked meanwhile
    while not lake("session") and time.monotonic() < until:
        time.sleep(0.05)
    stop.set()
    worker.join()
    assert [row["id"] for row in lake("session")] == ["1"]


def test_what_was_known_at_a_moment_includes_all_earlier_seals(
    give: Give, database: Database, lake_root: str, set_clock: Set
) -> None:
    """A seal that a wrong clock dated later is known with the next one of the right clock."""
    give(*facts("1"), kind="session")
    seal(database, lake_root)
    set_clock(5 * HOUR)
    give(*facts("2"), kind="session")
    seal(database, lake_root)
    set_clock(-5 * HOUR)
    give(*facts("3"), kind="session")
    assert seal(database, lake_root) == 3
    with database.session() as session:
        assert newest_at(session, clock.now_us()) == 3
