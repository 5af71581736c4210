"""Shared commits: requests that come together are checked and committed together.

Each is answered only when its facts are safe, with its own receipt (`merged`). One thread takes
what waits, checks and commits it; the next ones gather meanwhile. Whoever spoils a commit spoils
only his own telling: the others are committed without it (REQ-19).
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence

from sqlalchemy import select, tuple_
from sqlalchemy.exc import IntegrityError

from qalqan.errors import Conflict, Unavailable
from qalqan.lake import landing, written
from qalqan.lake.hand_in import Centre
from qalqan.lake.merged import Merged, merged
from qalqan.lake.receipt import Receipt
from qalqan.lake.telling import Telling, alike
from qalqan.lake.waiting import Bounds, Waiting
from qalqan.register.database import Database
from qalqan.register.orm import Batch

log = logging.getLogger("qalqan.lake")

LOOK_S = 1.0
"""How often at most the shared commits look whether sealing keeps up."""

_Key = tuple[str, str]
Outcome = Receipt | Exception
Answer = Callable[[Sequence[tuple[Telling, Outcome]]], None]
"""Told what became of some tellings; must not raise."""


class SharedCommits:
    """Where the requests of one process leave their facts; its thread starts with the first of
    them and ends with `close`."""

    def __init__(self, centre: Centre, answer: Answer, bounds: Bounds | None = None) -> None:
        self._centre = centre
        self._answer = answer
        self._bounds = bounds or Bounds()
        self._waiting = Waiting(self._bounds)
        self._twins: dict[_Key, list[Telling]] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._looked = 0.0

    def put(self, telling: Telling) -> None:
        """Let a telling wait for the next commit; `answer` will be told what became of it.

        Raises:
            Overfull: there is no room now.
            Unavailable: the process is ending.
        """
        with self._lock:
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="commits", daemon=True)
                self._thread.start()
        self._waiting.put(telling)

    def check_not_behind(self) -> None:
        """Whether facts may come in at all, also by a way of their own.

        Raises:
            Overfull: sealing has fallen behind.
        """
        self._waiting.check_not_behind()

    def close(self) -> None:
        """Commit and answer what waits, take nothing more."""
        self._waiting.close()
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        while not self._waiting.is_over:
            taken = self._waiting.take(LOOK_S)
            if taken and (new := self._new(taken)):
                self._settle(new)
            self._look(bool(taken))

    def _new(self, taken: list[Telling]) -> list[Telling]:
        """Those that must be committed: not what came under its key before or comes just now."""
        keyed = [one for one in taken if one.key is not None]
        if not keyed:
            return taken
        with self._lock:
            twins = {one for one in keyed if self._is_twin(one)}
        before = self._before([one for one in keyed if one not in twins])
        self._tell(list(before.items()))
        return [one for one in taken if one not in before and one not in twins]

    def _before(self, keyed: list[Telling]) -> dict[Telling, Outcome]:
        """`earlier`; whoever can't be asked after gets the error, and nobody else."""
        try:
            return earlier(self._centre.database, keyed)
        except Exception as error:
            log.warning("keys can't be looked up: %s", type(error).__name__)
            if len(keyed) == 1 or isinstance(error, Unavailable):
                return dict.fromkeys(keyed, error)
        return {one: outcome for each in keyed for one, outcome in self._before([each]).items()}

    def _is_twin(self, telling: Telling) -> bool:
        """Whether the same key is in hand; if not, it is now."""
        first = _key(telling) not in self._twins
        (self._twins.setdefault(_key(telling), [])).extend([] if first else [telling])
        return not first

    def _settle(self, tellings: list[Telling]) -> None:
        """Commit them; what can't go together goes in halves, so that only the culprit fails."""
        try:
            groups = [merged(group, self._centre.keys) for group in alike(tellings)]
            self._tell(self._committed(groups))
        except Unavailable as error:
            self._tell([(one, error) for one in tellings])
        except Exception as error:
            if len(tellings) == 1:
                self._tell([(tellings[0], self._failed(tellings[0], error))])
                return
            log.warning("%d tellings can't go together: %s", len(tellings), type(error).__name__)
            tellings = sorted(tellings, key=lambda one: (one.kind, one.source))
            half = len(tellings) // 2
            self._settle(tellings[:half])
            self._settle(tellings[half:])

    def _committed(self, groups: list[Merged]) -> list[tuple[Telling, Outcome]]:
        with self._centre.database.write() as session:
            done = written.write(session, self._centre.keys, groups, self._centre.lake_root)
        return [(telling, receipt) for telling, receipt in done]

    def _failed(self, telling: Telling, error: Exception) -> Outcome:
        """The same key may have been used at the same moment in another process."""
        if telling.key is None or not isinstance(error, IntegrityError):
            return error
        try:
            return earlier(self._centre.database, [telling]).get(telling, error)
        except Unavailable as lost:
            return lost

    def _tell(self, outcomes: list[tuple[Telling, Outcome]]) -> None:
        with self._lock:
            twins = [
                (twin, _of_twin(one, outcome, twin))
                for one, outcome in outcomes
                if one.key is not None
                for twin in self._twins.pop(_key(one), [])
            ]
        try:
            self._answer([*outcomes, *twins])
        except Exception:
            log.exception("an answer can't be passed on")

    def _look(self, something_came: bool) -> None:
        """Once in a while: does sealing keep up?"""
        now = time.monotonic()
        if now < self._looked + LOOK_S or not (something_came or self._waiting.behind):
            return
        self._looked = now
        try:
            with self._centre.database.session() as session:
                unsealed = landing.unsealed(session)
        except Exception as error:  # whoever commits next will tell his caller
            log.warning("the landing can't be counted: %s", type(error).__name__)
            return
        self._waiting.behind = unsealed > self._bounds.unsealed


def earlier(database: Database, keyed: list[Telling]) -> dict[Telling, Outcome]:
    """What those get that came under their key before: the first receipt, or `Conflict`."""
    if not keyed:
        return {}
    keys = [_key(one) for one in keyed]
    with database.session() as session:
        rows = session.scalars(
            select(Batch).where(tuple_(Batch.source, Batch.idempotency_key).in_(keys))
        )
        found = {(row.source, row.idempotency_key): row.receipt for row in rows}
    return {
        one: _same(one, found[_key(one)]["digest"], Receipt.from_json(found[_key(one)]["receipt"]))
        for one in keyed
        if _key(one) in found
    }


def _key(telling: Telling) -> _Key:
    assert telling.key is not None
    return telling.source, telling.key


def _same(telling: Telling, digest: str, receipt: Receipt) -> Outcome:
    if telling.digest == digest:
        return receipt
    return Conflict("batch", str(telling.key), "taken", "take another body")


def _of_twin(first: Telling, outcome: Outcome, twin: Telling) -> Outcome:
    return outcome if isinstance(outcome, Exception) else _same(twin, first.digest, outcome)
