"""Teaches an owner's state: at its start from snapshot, log and journal, then whatever is new.

Restored is: the memory of weeks from the snapshot and the facts sealed since (`seal > snapshot's
seal`); the windows of hours from the lake's last hours; what was asked lately, and answered, from
the owner's own journal. So nothing that counted before a crash counts less after it.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import TYPE_CHECKING

from qalqan import clock, logs
from qalqan.clock import DAY, HOUR
from qalqan.errors import QalqanError
from qalqan.register.database import Database
from qalqan.screening.policy import ScreenPolicy
from qalqan.screening.remembered import MEMORY_US
from qalqan.screening.state import State
from qalqan.settings import Settings
from qalqan.work import vitals
from qalqan.work.screens import feed, garbage, journal, lists, snapshot
from qalqan.work.screens.owner import KEPT_ANSWERS, Owner
from qalqan.work.screens.stretch import COLUMNS, Stretch, read_fresh

if TYPE_CHECKING:
    from qalqan.lake.engine import Engine

log = logging.getLogger("qalqan.work.screens")

LOOK_S = 1.0
"""How often lists and log are looked at; seals are made about once a second."""
FEW = 200_000
"""Up to so many new facts are read into memory; more are grouped by the engine."""
SNAPSHOT_S = 300.0
KEPT_DAYS = 30
"""How long the journal answers why a payment was stopped; then the case's own papers do."""
ANSWERS_US = DAY
"""How far back answers are known again after a start …"""
ANSWERS_BYTES = KEPT_ANSWERS * 500
"""… or for how much of the journal, where that is less: no more of them are kept anyway."""


class Teacher:
    """One owner's only writer of what stays for weeks."""

    def __init__(self, owner: Owner, database: Database, settings: Settings) -> None:
        self.owner = owner
        self.database = database
        self.settings = settings
        self._engine: Engine | None = None
        self._mark: lists.Mark | None = None
        self._whole = True
        self._saved_seal = -1
        self._saved_s = time.monotonic()

    def run(self, stop: threading.Event) -> None:
        """Teach until told to stop; whatever goes wrong meanwhile is tried again."""
        while not stop.is_set():
            try:
                if not self.owner.ready or not self._whole:
                    self.begin()
                    self._whole = True
                self.look()
            except QalqanError as error:
                log.warning("teaching the screens: %s", error)
                stop.wait(2)
            except Exception as error:  # the owner goes on with what it knows
                log.warning("teaching the screens: %s", type(error).__name__, exc_info=True)
                stop.wait(2)
            garbage.keep()
            stop.wait(LOOK_S)
        self._save()
        if self._engine is not None:
            self._engine.close()

    def begin(self) -> None:
        """Restore everything into a state of its own, then let the owner answer from it."""
        owner, started = self.owner, time.monotonic()
        state = State(owner.policy.screens, owner.state.share)
        self._mark = None
        self._read_lists(state)
        with self.database.session() as session:
            state.remembered, seal = snapshot.read(owner.folder, session, self._share)
            newest = vitals.newest(session)
        up_to = newest.seal if newest else 0
        if up_to > seal:
            feed.learn(state, self._log(seal, up_to))
        if seal:
            feed.recall(state, self._log(0, seal))
        asked = self._recall_asked(state)
        owner.state, owner.seal, owner.ready = state, up_to, True
        took = round(time.monotonic() - started, 2)
        logs.told(log, "screens ready", seal=up_to, snapshot=seal, asked=asked, seconds=took)

    def look(self) -> None:
        """Learn what is new, and save now and then."""
        self._read_lists(self.owner.state)
        with self.database.session() as session:
            newest = vitals.newest(session)
        if newest is not None and newest.seal > self.owner.seal:
            new = self._log(self.owner.seal, newest.seal)
            self._whole = False  # what breaks in the middle is not learnt twice
            feed.learn(self.owner.state, new)
            self.owner.seal, self._whole = newest.seal, True
        if time.monotonic() - self._saved_s > SNAPSHOT_S:
            self._save()
            self.owner.drop_journal_before(time.time() - KEPT_DAYS * 86_400)

    def _read_lists(self, state: State) -> None:
        now_us = clock.now_us()
        with self.database.session() as session:
            found = lists.mark(session)
            self._adopt(state, lists.policy(session, now_us))
            known = self._mark or {}
            changed = [name for name in found if found[name] != known.get(name)]
            if changed:
                state.listed = lists.read(session, now_us, state.listed, changed)
        self._mark = found

    def _adopt(self, state: State, policy: ScreenPolicy) -> None:
        """Windows of other lengths are filled anew."""
        if policy == self.owner.policy and policy.screens == state.screens:
            return
        emptied = state.adopt(policy.screens)
        self.owner.policy = policy
        if emptied and self.owner.ready:
            feed.recall(state, self._log(0, self.owner.seal))
            self._recall_asked(state)
        logs.told(log, "screens' policy", version=policy.version)

    def _recall_asked(self, state: State) -> int:
        """What was asked before: its traces in the windows, its answers by number. Payers of
        this share's payees were asked about at the other owners."""
        now_us, count = clock.now_us(), 0
        windows_us = now_us - max(state.recent.lengths_us())
        for folder in sorted(self.owner.folder.parent.iterdir()):
            wanted = folder == self.owner.folder and not self.owner.ready
            answers_us = now_us - ANSWERS_US if wanted else windows_us
            first = journal.first_needed(folder, windows_us, answers_us, ANSWERS_BYTES)
            for entry in journal.entries(folder, first):
                count += 1
                state.note(entry.asked, entry.verdict.at_us, now_us)
                if wanted and entry.verdict.at_us >= answers_us:
                    self.owner.remember(entry.asked, entry.verdict)
        return count

    def _save(self) -> None:
        self._saved_s = time.monotonic()
        owner = self.owner
        if not owner.ready or not self._whole or owner.seal == self._saved_seal:
            return
        before_h = (clock.now_us() - MEMORY_US) // HOUR
        for memory in owner.state.remembered.tables().values():
            memory.forget("last_h", before_h)
        with self.database.session() as session:
            mark = snapshot.mark(session, owner.seal, self._share)
        snapshot.write(owner.folder, owner.state.remembered, owner.seal, mark)
        self._saved_seal = owner.seal

    @property
    def _share(self) -> str:
        number, of = self.owner.state.share
        return f"{number}/{of}"

    def _log(self, after: int, up_to: int) -> Stretch:
        """A stretch of the log; a long one is left to the engine."""
        with self.database.session() as session:
            facts = vitals.sealed_between(session, after, up_to)
        taught = {kind: n for kind, n in facts.items() if kind in COLUMNS}
        if sum(taught.values()) <= FEW:
            return read_fresh(self.settings.lake_root, taught, after, up_to, clock.now_us())
        from qalqan.lake.engine import open_engine  # half a second: for much at once alone
        from qalqan.work.screens.lake_stretch import LakeStretch

        if self._engine is None:
            self._engine = open_engine(self.settings)
        return LakeStretch(self._engine, after, up_to, clock.now_us())
