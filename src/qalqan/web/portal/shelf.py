"""Documents of published bulletins, made once: what is out never changes.

Making one takes up to a second of a core, and anybody may ask. So one is made at a time, few may
wait for it, and whoever comes after them is told to come again: signing in goes on meanwhile.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import BoundedSemaphore, Lock

from qalqan.errors import Unavailable

Key = tuple[str, str, str]
"""Digest of the body, language and form."""
KEPT = 96
"""About eight bulletins in every form; some tens of MB."""
WAITING = 6


class Shelf:
    """Documents of one process."""

    def __init__(self, kept: int = KEPT, waiting: int = WAITING) -> None:
        self._kept = kept
        self._made: OrderedDict[Key, bytes] = OrderedDict()
        self._places = BoundedSemaphore(waiting)
        self._one = Lock()

    def get(self, key: Key, make: Callable[[], bytes]) -> bytes:
        """The document; `make` makes it the first time.

        Raises:
            Unavailable: too many are waiting for others.
        """
        if (made := self._made.get(key)) is not None:
            return made
        if not self._places.acquire(blocking=False):
            raise Unavailable("documents are being made")
        try:
            with self._one:
                if key not in self._made:  # whoever was before has not made it
                    self._made[key] = make()
                    while len(self._made) > self._kept:
                        self._made.popitem(last=False)
                return self._made[key]
        finally:
            self._places.release()
