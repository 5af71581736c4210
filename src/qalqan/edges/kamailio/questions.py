"""Calls that wait, and what operators were asked for them: one question a number at a time.

Every call that waits is answered once: with all that it needs to know, or with what there is when
its time is over. What an operator said is remembered for `REMEMBER_S`, never longer than the
policy lets a place count, reckoned from when the operator itself saw the subscriber.

    asker → operator    {"id": "9f0c…", "ask": "place", "number": "+77011234567"}
    operator → asker    {"id": "9f0c…", "place": "abroad", "seen_s_ago": 12}

The standard library alone.
"""

from __future__ import annotations

import json
import secrets
from asyncio import AbstractEventLoop, TimerHandle
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

REMEMBER_S = 60
MOST_REMEMBERED = 200_000
MOST_WAITING = 4_096
"""Calls that may wait at once; others go on at once, as the tables decided them."""
ABROAD, HOME, UNKNOWN = "abroad", "home", "unknown"
"""What an operator may say …"""
SILENT, NOBODY, BUSY = "silent", "nobody", "busy"
"""… and why it said nothing: no answer in time, no address to ask at, too many calls wait."""
_MOST_SEEN_S = 86_400

Seen = tuple[str, float]
"""Where a subscriber is, and the monotonic second of which that is true."""


@dataclass(eq=False, slots=True)
class Waiting:
    """A call that waits."""

    transaction: list[int]
    missing: set[int]
    places: dict[int, Seen] = field(default_factory=dict)
    told: str = ""
    """What asking brought, as words for the journal."""
    timer: TimerHandle | None = None


@dataclass(eq=False, slots=True)
class _Asked:
    """A number whose operator was asked."""

    name: str
    again: TimerHandle
    oldest_s: float
    waiting: list[Waiting] = field(default_factory=list)


class Questions:
    """All that is asked and waited for at one edge.

    `send_to` finds the way to the home operator of a number, None where nobody is to be asked;
    `done` is given each call with a word for what became of its question.
    """

    def __init__(
        self,
        loop: AbstractEventLoop,
        budget_s: float,
        send_to: Callable[[int], Callable[[bytes], object] | None],
        done: Callable[[Waiting, str], None],
    ) -> None:
        self._loop, self._budget_s, self._send_to, self._done = loop, budget_s, send_to, done
        self._asked: dict[int, _Asked] = {}
        self._names: dict[str, int] = {}
        self._seen: dict[int, Seen] = {}
        self.waiting = 0

    def ask(self, waiting: Waiting, at_s: float, oldest_s: float) -> None:
        """Find out where a call's numbers are; it was suspended at a monotonic second, and the
        policy lets a place count for so long."""
        now, keep_s = monotonic(), min(REMEMBER_S, oldest_s)
        for number in tuple(waiting.missing):
            seen = self._seen.get(number)
            if seen is not None and now - seen[1] <= keep_s:
                waiting.places[number] = seen
                waiting.missing.discard(number)
        ways = {one: self._send_to(one) for one in waiting.missing if one not in self._asked}
        if not waiting.missing:
            self._done(waiting, _told(waiting))
        elif self.waiting >= MOST_WAITING:
            self._done(waiting, BUSY)
        elif None in ways.values():
            self._done(waiting, NOBODY)
        else:
            self.waiting += 1
            for number, way in ways.items():
                self._send(number, way, oldest_s)
            for number in waiting.missing:
                self._asked[number].waiting.append(waiting)
            left_s = max(0.0, at_s + self._budget_s - now)
            waiting.timer = self._loop.call_later(left_s, self._late, waiting)

    def _send(self, number: int, send: Any, oldest_s: float) -> None:
        """Have a number asked about, twice if need be: datagrams get lost."""
        name = secrets.token_hex(8)
        body = json.dumps({"id": name, "ask": "place", "number": f"+{number}"}).encode()
        send(body)
        again = self._loop.call_later(self._budget_s / 2, send, body)
        self._asked[number] = _Asked(name, again, oldest_s)
        self._names[name] = number

    def answer(self, body: bytes) -> None:
        """An operator said something; what is no answer to a question of ours is passed over."""
        found = _read(body)
        number = self._names.get(found[0]) if found is not None else None
        if found is None or number is None:
            return
        asked = self._forget(number)
        _, place, seen_s_ago = found
        seen = (place, monotonic() - seen_s_ago)
        if place == UNKNOWN or seen_s_ago > asked.oldest_s:
            seen = (UNKNOWN, seen[1])
        else:
            self._remember(number, seen)
        for waiting in asked.waiting:
            waiting.places[number] = seen
            waiting.missing.discard(number)
            if not waiting.missing:
                self._end(waiting, _told(waiting))

    def _remember(self, number: int, seen: Seen) -> None:
        self._seen.pop(number, None)
        while len(self._seen) >= MOST_REMEMBERED:
            del self._seen[next(iter(self._seen))]
        self._seen[number] = seen

    def _late(self, waiting: Waiting) -> None:
        for number in waiting.missing:
            asked = self._asked.get(number)
            if asked is not None:
                asked.waiting.remove(waiting)
                if not asked.waiting:
                    self._forget(number)
        self._end(waiting, SILENT)

    def _end(self, waiting: Waiting, told: str) -> None:
        self.waiting -= 1
        if waiting.timer is not None:
            waiting.timer.cancel()
        self._done(waiting, told)

    def _forget(self, number: int) -> _Asked:
        asked = self._asked.pop(number)
        asked.again.cancel()
        del self._names[asked.name]
        return asked


def _told(waiting: Waiting) -> str:
    """The word for a call whose numbers have all been answered about: the worst of them, as the
    decision table reads them."""
    places = {place for place, _ in waiting.places.values()}
    return next(place for place in (HOME, UNKNOWN, ABROAD) if place in places)


def _read(body: bytes) -> tuple[str, str, float] | None:
    """Name, place and age of an answer; None for anything else."""
    try:
        told: Any = json.loads(body)
        name, place, age_s = told["id"], told["place"], told.get("seen_s_ago", 0)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if type(name) is not str or place not in (ABROAD, HOME, UNKNOWN):
        return None
    if type(age_s) not in (int, float) or not 0 <= age_s <= _MOST_SEEN_S:
        return None
    return name, place, age_s
