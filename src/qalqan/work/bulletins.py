"""The worker's part in statistics: bulletins that were asked for, and what the dashboard shows.

A bulletin is counted when it is asked for, and again before it is published. The dashboard's
figures are counted every few minutes of wall time and kept (`bulletin.figures.kept`): a page that
the whole country may open reads a few rows and asks no lake.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import suppress

from qalqan.bulletin import dashboard, desk
from qalqan.bulletin.figures import kept
from qalqan.bulletin.figures.book import open_book
from qalqan.errors import Conflict
from qalqan.register.database import Database
from qalqan.register.jobs import Leased
from qalqan.register.leases import hold
from qalqan.settings import Settings

EVERY_S = 120.0
_FIRST_S = 60.0
"""A worker that has just begun has more urgent things to do."""
_TERM_S = 300.0
_LEASE = "figures"


class Bulletins:
    """Handlers of the thread that counts."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self._database = database
        self._settings = settings
        self._next_s = time.monotonic() + _FIRST_S
        self.handlers: Mapping[str, Callable[[Leased], None]] = {desk.JOB: self.count}

    def count(self, job: Leased) -> None:
        """Count one bulletin."""
        with open_book(self._database, self._settings) as book:
            desk.count(self._database, job, book)

    def look(self) -> None:
        """When idle, every two minutes: count what the dashboard shows, unless another worker is
        at it."""
        if time.monotonic() < self._next_s:
            return
        self._next_s = time.monotonic() + EVERY_S
        with suppress(Conflict), hold(self._database, _LEASE, _TERM_S):
            keep_figures(self._database, self._settings)


def keep_figures(database: Database, settings: Settings) -> int:
    """Count what the dashboard shows and keep what is new; returns how many values were."""
    with open_book(database, settings) as book:
        figures = dashboard.wanted(book)
        as_of_us, seal = book.as_of_us, book.seal
    with database.write() as session:
        return kept.keep(session, figures, as_of_us, seal)
