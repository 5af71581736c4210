"""A worker that notices when the machine's clock is set, says so, and puts the queue right."""

from __future__ import annotations

import logging
import time

from qalqan import clock, logs
from qalqan.register import jumps
from qalqan.register.database import Database

log = logging.getLogger("qalqan.work.time")
NOTICED_US = 5 * clock.SECOND


class Time:
    """The machine's clock beside one that nobody can set."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._apart = self._now_apart()

    def look(self) -> None:
        """Tell of a jump since the last look; jobs of a clock that was ahead don't wait for it.
        Raises `Unavailable`."""
        apart = self._now_apart()
        jumped, self._apart = apart - self._apart, apart
        if abs(jumped) > NOTICED_US:
            logs.told(log, "the clock jumped", logging.WARNING, seconds=jumped // clock.SECOND)
        if behind := jumps.mend(self._database):
            logs.told(
                log, "jobs moved back to the clock", logging.WARNING, seconds=behind // clock.SECOND
            )

    @staticmethod
    def _now_apart() -> int:
        return clock.wall_us() - time.monotonic_ns() // 1000
