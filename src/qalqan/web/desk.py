"""The desk where requests leave their facts: handlers wait here for the commit they share.

Short bodies go together (`lake.shared`). A long one, or a statement with its lines, is a commit
by itself, in a thread; a partner has few of these in hand at a time, for each may hold much
memory, and a client may take its time to send one.
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from qalqan import clock
from qalqan.clock import SECOND
from qalqan.errors import Overfull
from qalqan.lake.hand_in import Centre
from qalqan.lake.receipt import Receipt
from qalqan.lake.shared import Outcome, SharedCommits
from qalqan.lake.telling import Telling
from qalqan.lake.waiting import Bounds

LONG_OF_ONE = 4
"""Long bodies of one partner in hand at a time …"""
LONG_OF_ALL = 12
"""… and of all: 12 times 32 MB, and what reading them takes."""
PAUSE_US = 5 * SECOND
"""When a long body that found no room may come again."""

_Future = asyncio.Future[Receipt]


class Desk:
    """The desk of one web process."""

    def __init__(self, centre: Centre, bounds: Bounds | None = None) -> None:
        self.centre = centre
        self.commits = SharedCommits(centre, _answer, bounds)
        self._long: Counter[str] = Counter()

    async def tell(self, telling: Telling) -> Receipt:
        """The receipt, once the facts are safe.

        Raises:
            Conflict: the key came before with other facts.
            Overfull: there is no room now.
            Unavailable: the register can't keep them.
        """
        telling.reply = asyncio.get_running_loop().create_future()
        self.commits.put(telling)
        receipt: Receipt = await telling.reply
        return receipt

    @contextmanager
    def long_of(self, partner: str) -> Iterator[None]:
        """Room for a long body of this partner while the block runs.

        Raises:
            Overfull: there is none now.
        """
        self.commits.check_not_behind()
        if self._long[partner] >= LONG_OF_ONE or self._long.total() >= LONG_OF_ALL:
            until_us = clock.wall_us() + PAUSE_US
            raise Overfull("too many long bodies in hand", "long", until_us)
        self._long[partner] += 1
        try:
            yield
        finally:
            self._long[partner] -= 1
            self._long += Counter()  # forget who has none

    def close(self) -> None:
        """Commit and answer what waits, take nothing more."""
        self.commits.close()


def _answer(outcomes: Sequence[tuple[Telling, Outcome]]) -> None:
    """Wake the handlers, each event loop once; called by the thread that committed."""
    by_loop: dict[asyncio.AbstractEventLoop, list[tuple[_Future, Outcome]]] = defaultdict(list)
    for telling, outcome in outcomes:
        future: _Future = telling.reply
        by_loop[future.get_loop()].append((future, outcome))
    for loop, told in by_loop.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_wake, told)


def _wake(told: Sequence[tuple[_Future, Outcome]]) -> None:
    for future, outcome in told:
        if future.done():
            continue  # the client hung up; its facts count all the same
        if isinstance(outcome, Exception):
            future.set_exception(outcome)
        else:
            future.set_result(outcome)
