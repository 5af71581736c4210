"""All time comes from here: UTC microseconds as integers.

A simulated run shares one clock between processes: a small memory-mapped file named by
`QALQAN_CLOCK`, whose owner may stop it, step it or let it run fast, so that minutes can hold
a hold's 72 hours. Without the variable the clock is the machine's.

Leases and time-outs of real machines use `wall_us`, which no simulation moves.
"""

from __future__ import annotations

import mmap
import os
import struct
import time
from pathlib import Path

SECOND = 1_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_LAYOUT = struct.Struct("<qqqd")  # turn (odd while written), clock at anchor, wall at anchor, rate


def wall_us() -> int:
    """The machine's own time, UTC microseconds."""
    return time.time_ns() // 1000


class SharedClock:
    """A clock in a file: `now = anchor + (wall - wall at anchor) * rate`; rate 0 stands still."""

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), _LAYOUT.size)

    @classmethod
    def create(cls, path: Path, start_us: int, rate: float = 0.0) -> SharedClock:
        """Make the file and start the clock at `start_us` (UTC microseconds)."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_LAYOUT.pack(0, start_us, wall_us(), rate))
        return cls(path)

    def _read(self) -> tuple[int, int, int, float]:
        for _ in range(1_000_000):
            first = _LAYOUT.unpack_from(self._map)
            second = _LAYOUT.unpack_from(self._map)
            if first == second and first[0] % 2 == 0:
                return first
        raise RuntimeError("the clock's writer died in the middle of a step")

    def now_us(self) -> int:
        _, anchor, wall, rate = self._read()
        return anchor + int((wall_us() - wall) * rate)

    def set(self, now_us: int, rate: float = 0.0) -> None:
        """Step to `now_us`, never backwards, and go on at `rate` (clock seconds a second)."""
        turn = self._read()[0]
        now_us = max(now_us, self.now_us())
        struct.pack_into("<q", self._map, 0, turn + 1)
        _LAYOUT.pack_into(self._map, 0, turn + 1, now_us, wall_us(), rate)
        struct.pack_into("<q", self._map, 0, turn + 2)


_opened: dict[str, SharedClock] = {}


def now_us() -> int:
    """Now, UTC microseconds, by the shared clock if one is named, else the machine's."""
    path = os.environ.get("QALQAN_CLOCK")
    if not path:
        return wall_us()
    if path not in _opened:
        _opened[path] = SharedClock(Path(path))
    return _opened[path].now_us()
