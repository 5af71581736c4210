"""One clock for all processes: stopped, stepped, never backwards."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from qalqan import clock
from qalqan.clock import HOUR, SharedClock

NOON = 1_767_250_800_000_000


def test_without_a_shared_clock_it_is_the_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("QALQAN_CLOCK", raising=False)
    before = clock.wall_us()
    assert before <= clock.now_us() <= clock.wall_us()


def test_a_stopped_clock_stands_and_steps_forward_only(stopped_clock: SharedClock) -> None:
    assert clock.now_us() == NOON
    stopped_clock.set(NOON + HOUR)
    assert clock.now_us() == NOON + HOUR
    stopped_clock.set(NOON)
    assert clock.now_us() == NOON + HOUR


def test_another_process_reads_the_same_clock(stopped_clock: SharedClock, tmp_path: Path) -> None:
    stopped_clock.set(NOON + HOUR)
    script = "from qalqan import clock; print(clock.now_us())"
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert int(told.stdout) == NOON + HOUR


def test_a_fast_clock_gains_on_the_wall(tmp_path: Path) -> None:
    shared = SharedClock.create(tmp_path / "clock", NOON, rate=1000.0)
    start = clock.wall_us()
    while clock.wall_us() == start:
        pass
    passed = clock.wall_us() - start
    assert shared.now_us() - NOON >= 1000 * passed


def test_a_writer_that_died_in_the_middle_is_named(tmp_path: Path) -> None:
    path = tmp_path / "clock"
    shared = SharedClock.create(path, NOON)
    with path.open("r+b") as file:
        file.write((1).to_bytes(8, "little"))
    with pytest.raises(RuntimeError):
        shared.now_us()
