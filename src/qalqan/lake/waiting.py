"""Tellings that wait for the next shared commit: bounded, and fair between partners.

Each commit takes one telling of every partner in turn until it is full, so that a partner who
floods us waits behind himself alone; and whoever has too much waiting is told when to come back.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass

from qalqan import clock
from qalqan.clock import SECOND
from qalqan.errors import Overfull, Unavailable
from qalqan.lake.telling import Telling

_PAUSE_S = 0.001
_QUIET_S = 0.003
"""Nobody else comes if nobody came for so long."""
_GATHER_S = 0.02
_SEVERAL = 3
"""One or two are not worth a wait."""


@dataclass(frozen=True)
class Bounds:
    """How much may wait, and how much goes together."""

    of_one: int = 1_024
    """Tellings of one partner that wait …"""
    bytes_of_one: int = 8 * 2**20
    """… and what their bodies hold together."""
    of_all: int = 8_192
    bytes_of_all: int = 64 * 2**20
    together: int = 512
    """Facts of one commit; a single telling may have more."""
    unsealed: int = 2_000_000
    """Facts that landed and are not sealed: beyond it, sealing has fallen behind for good."""
    pause_us: int = 2 * SECOND
    """When a telling that found no room may come again."""


@dataclass
class _Line:
    """What waits, of one partner or of all."""

    tellings: int = 0
    size: int = 0

    def plus(self, telling: Telling, sign: int = 1) -> None:
        self.tellings += sign
        self.size += sign * telling.size

    def is_over(self, telling: Telling, most: int, most_bytes: int) -> bool:
        """Whoever has nothing waiting may always bring one."""
        full = self.tellings >= most or self.size + telling.size > most_bytes
        return self.tellings > 0 and full


class Waiting:
    """The queue; any thread may put, one takes."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._changed = threading.Condition()
        self._partners: dict[str, deque[Telling]] = {}
        self._lines: dict[str, _Line] = {}
        self._all = _Line()
        self._closed = False
        self._last = 0
        self.behind = False
        """Sealing has fallen behind: nothing more may come."""

    def put(self, telling: Telling) -> None:
        """Let one wait.

        Raises:
            Overfull: there is no room now.
            Unavailable: the process is ending.
        """
        with self._changed:
            self._check(telling)
            self._partners.setdefault(telling.source, deque()).append(telling)
            self._lines.setdefault(telling.source, _Line()).plus(telling)
            self._all.plus(telling)
            self._changed.notify()

    def check_not_behind(self) -> None:
        """Whether anything may come in at all.

        Raises:
            Overfull: sealing has fallen behind.
        """
        if self.behind:
            raise self._overfull("too much is not sealed yet", "behind")

    def _check(self, telling: Telling) -> None:
        if self._closed:
            raise Unavailable("the process is ending", "ending")
        self.check_not_behind()
        bounds, own = self._bounds, self._lines.get(telling.source, _Line())
        if own.is_over(telling, bounds.of_one, bounds.bytes_of_one):
            raise self._overfull("too much of one partner waits", "own")
        if self._all.is_over(telling, bounds.of_all, bounds.bytes_of_all):
            raise self._overfull("too much waits", "all")

    def _overfull(self, reason: str, code: str) -> Overfull:
        return Overfull(reason, code, clock.wall_us() + self._bounds.pause_us)

    def take(self, timeout_s: float | None = None) -> list[Telling]:
        """What goes into the next commit; empty after the time, or once closed and empty."""
        with self._changed:
            self._changed.wait_for(lambda: self._partners or self._closed, timeout_s)
        self._gather()
        with self._changed:
            taken: list[Telling] = []
            facts = 0
            while self._partners and facts < self._bounds.together:
                taken.append(self._next())
                facts += max(len(taken[-1].facts), 1)
            self._last = len(taken)
            return taken

    def _gather(self) -> None:
        """Those who were answered together come again together: give them the moment to do so,
        beside those who came meanwhile. Nobody waits for somebody who stays away."""
        expected = min(self._last + self._all.tellings, self._bounds.together)
        if expected < _SEVERAL:
            return
        until = time.monotonic() + _GATHER_S
        came, quiet_since = 0, time.monotonic()
        while came < expected and (now := time.monotonic()) < until:
            if self._all.tellings > came:
                came, quiet_since = self._all.tellings, now
            elif now > quiet_since + _QUIET_S:
                return
            time.sleep(_PAUSE_S)

    def _next(self) -> Telling:
        """The oldest of the partner whose turn it is, who then waits for his next."""
        partner = next(iter(self._partners))
        line = self._partners.pop(partner)
        telling = line.popleft()
        self._lines[partner].plus(telling, -1)
        self._all.plus(telling, -1)
        if line:
            self._partners[partner] = line
        else:
            del self._lines[partner]
        return telling

    @property
    def is_over(self) -> bool:
        """Closed, and nothing waits."""
        with self._changed:
            return self._closed and not self._partners

    def close(self) -> None:
        """Let nothing more come; what waits is still taken."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
