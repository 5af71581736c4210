"""What a screen remembers for hours: who did what lately, in two generations.

Entries go into the present generation; after a window's length it becomes the past one and the
past one is dropped whole, so that nothing is ever searched for what has ended. A reader looks into
both and at each entry's own time: late and early entries are welcome. Questions and facts come by
two threads, so each access takes the window's lock, for microseconds.
"""

from __future__ import annotations

from threading import Lock
from typing import Generic, TypeVar

Value = TypeVar("Value")

MOST = 500
"""Entries of one key in a generation; more are not counted, so that a question about a shop with
a thousand customers an hour costs no more than any other."""


class Window(Generic[Value]):
    """Entries by (key, entry's own key), the newest of each: key → entry → (time, value)."""

    def __init__(self, length_us: int) -> None:
        self.length_us = length_us
        self._now: dict[int, dict[int, tuple[int, Value]]] = {}
        self._past: dict[int, dict[int, tuple[int, Value]]] = {}
        self._turns_us = 0
        self._lock = Lock()

    def put(self, key: int, entry: int, at_us: int, value: Value, now_us: int) -> None:
        """Note an entry of time `at_us`; one that is too old already is left out."""
        if at_us < now_us - self.length_us:
            return
        with self._lock:
            if now_us >= self._turns_us:
                self._turn(now_us)
            self._put(key, entry, at_us, value)

    def _put(self, key: int, entry: int, at_us: int, value: Value) -> None:
        entries = self._now.get(key)
        if entries is None:
            self._now[key] = {entry: (at_us, value)}
        elif entry in entries:
            if entries[entry][0] <= at_us:
                entries[entry] = (at_us, value)
        elif len(entries) < MOST:
            entries[entry] = (at_us, value)

    def lately(self, key: int, now_us: int) -> list[tuple[int, int, Value]]:
        """(entry, time, value) of a key within the window that ends now."""
        since_us = now_us - self.length_us
        with self._lock:
            now, past = self._now.get(key), self._past.get(key)
            found = [(e, at, v) for e, (at, v) in now.items() if at >= since_us] if now else []
            if past:
                found += [
                    (e, at, v)
                    for e, (at, v) in past.items()
                    if at >= since_us and not (now and e in now)
                ]
        return found

    def count(self, key: int, now_us: int) -> int:
        """Entries of a key within the window."""
        return len(self.lately(key, now_us))

    def newest(self, key: int, now_us: int) -> tuple[int, Value] | None:
        """Time and value of a key's newest entry within the window."""
        found = max(self.lately(key, now_us), key=lambda one: one[1], default=None)
        return None if found is None else found[1:]

    def __len__(self) -> int:
        """Keys in hand."""
        return len(self._now.keys() | self._past.keys())

    def _turn(self, now_us: int) -> None:
        skipped = now_us >= self._turns_us + self.length_us
        self._past = {} if skipped else self._now
        self._now = {}
        self._turns_us = now_us + self.length_us
