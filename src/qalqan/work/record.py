"""The worker's thread that keeps the log up: each second what has committed gets its place, and a
signed checkpoint closes it. By wall time, for no simulation may hurry or hold it."""

from __future__ import annotations

import logging
import threading

from qalqan.errors import Unavailable
from qalqan.register import log
from qalqan.register.database import Database
from qalqan.trust.keys import Keys

told = logging.getLogger("qalqan.work.record")

EVERY_S = 1.0


def keep(database: Database, keys: Keys, stop: threading.Event, every_s: float = EVERY_S) -> None:
    """Keep the log up until told to stop, and once more then. Whatever becomes of the register,
    it goes on by itself: rows wait."""
    while not stop.wait(every_s):
        _once(database, keys)
    _once(database, keys)


def _once(database: Database, keys: Keys) -> None:
    try:
        log.keep_up(database, keys)
    except Unavailable as error:
        told.warning("the register does not answer: %s", error)
    except Exception as error:  # the thread never ends before it is told to
        told.warning("keeping the log: %s", type(error).__name__, exc_info=True)
