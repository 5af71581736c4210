"""What keeps the centre's tables of calls as people want them, a second after they said so.

A number that was listed, or about which something was found, changes in place, and edges are told
of it; so does one of which that ended. Another policy, other lists, or a row of changes that grew
too long make the tables anew. Any number of workers look; whoever has the tables alone acts.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping

from qalqan import clock
from qalqan.errors import InputRejected, NotFound, Unavailable
from qalqan.register import policies
from qalqan.register.database import Database
from qalqan.screening import call_policy
from qalqan.screening.calls import lookup
from qalqan.screening.calls.changes import VALUE, Change
from qalqan.screening.calls.keeper import Full
from qalqan.screening.calls.screen import Tables
from qalqan.settings import Settings
from qalqan.trust.keys import Keys
from qalqan.work import call_feed, call_sources, call_tables
from qalqan.work.call_feed import Feed

log = logging.getLogger("qalqan.work.call_upkeep")

EVERY_S = 1.0
_FULL = 60
"""Every how many looks the flags are compared whatever a glance says."""
_FLAGS = (lookup.IS_LISTED | lookup.IS_FOUND) << 8


class CallUpkeep:
    """One worker's look at the centre's tables."""

    def __init__(self, database: Database, keys: Keys, settings: Settings) -> None:
        self._database, self._keys = database, keys
        self._out, self._lists = call_tables.tables_path(settings), call_tables.lists_path(settings)
        self._tables: Tables | None = None
        self._mark: object = None
        self._refused: object = None
        self._glance: object = None
        self._looks = 0

    def look(self) -> None:
        """Compare what the tables are made of with what there is; act where it differs."""
        if not (self._lists / call_tables.LISTS).exists():
            return
        mark = call_sources.mark_of(self._lists)
        settled, self._mark = mark == self._mark, mark  # lists that are being copied wait
        with self._database.session() as session:
            now_us = clock.now_us()
            row = policies.in_force(session, call_policy.NAME, now_us)
            glance = call_sources.glance(session, now_us)
        if settled:
            self._renew((mark, row.version if row else 0))
        self._looks += 1
        if glance != self._glance or self._looks % _FULL == 0:
            self._flag()
            self._glance = glance

    def _renew(self, wanted: object) -> None:
        """Make the tables of what is wanted, if they are of something else, or their row of changes
        is too long; do what somebody was killed over."""
        if not self._is_due(wanted):
            return
        try:
            with call_feed.alone(self._out):
                self._finish()
                if self._is_due(wanted):  # nobody was faster
                    self._make()
        except (InputRejected, NotFound) as error:
            log.warning("the lists of calls can't be taken: %s", error)
            self._refused = wanted

    def _is_due(self, wanted: object) -> bool:
        tables = self._opened()
        if tables is None:
            return wanted != self._refused
        about, place = tables.about, tables.place[0]
        if call_feed.length(self._out, about["version"]) not in (place, None):
            return True
        is_other = (about.get("lists"), about["policy"]) != wanted or place > call_feed.LONGEST
        return is_other and wanted != self._refused

    def _finish(self) -> None:
        try:
            with call_feed.changing(self._out):
                return
        except Full:
            self._make()
        except Unavailable as error:
            if error.code != "calls.none":  # what is not there is made
                raise

    def _opened(self) -> Tables | None:
        if self._tables is None or self._tables.retired[0]:
            try:
                self._tables = Tables(self._out)
            except (OSError, ValueError):
                self._tables = None
        return self._tables

    def _make(self) -> None:
        call_tables.make_alone(self._database, self._keys, self._lists, self._out)

    def _flag(self) -> None:
        """Set and take away flags of numbers."""
        tables = self._opened()
        if tables is None:
            return
        with self._database.session() as session:
            now = call_sources.live(session, clock.now_us())
        if now == call_sources.kept(self._out, tables.about["version"]):
            return
        with call_feed.alone(self._out):
            try:
                with call_feed.changing(self._out) as feed:
                    self._compare(feed)
            except (Full, _Unknown):
                self._make()

    def _compare(self, feed: Feed) -> None:
        before = call_sources.kept(self._out, feed.keeper.version)
        if before is None:
            raise _Unknown
        with self._database.write() as session:
            now = call_sources.live(session, clock.now_us())
            other = {token for token in before.keys() | now if before.get(token) != now.get(token)}
            if not other:
                return
            numbers = call_sources.numbers(session, self._keys, other)
        if any(token not in numbers for token in other & before.keys()):
            raise _Unknown  # retention took a number that the tables still flag
        feed.make(_changed(feed, numbers, now))
        call_sources.keep(self._out, feed.keeper.version, now)


class _Unknown(Exception):
    """It can't be told which numbers the tables flag."""


def _changed(feed: Feed, numbers: Mapping[str, int], now: Mapping[str, int]) -> list[Change]:
    return [
        Change(VALUE, number, feed.keeper.value(number) & ~_FLAGS | now.get(token, 0) << 8)
        for token, number in numbers.items()
    ]
