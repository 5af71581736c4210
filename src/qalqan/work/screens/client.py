"""The way from a web process to the owners of the screens' state.

All that is asked in one turn of the event loop goes in one frame. An owner that is away is tried
again with the next question; a question never waits longer than a payment may.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter
from pathlib import Path
from typing import Any, cast

from qalqan import clock
from qalqan.clock import SECOND
from qalqan.errors import Conflict, Overfull, Unavailable
from qalqan.screening.asked import LoanAsked, PaymentAsked
from qalqan.screening.memory import key_of
from qalqan.screening.verdict import Verdict
from qalqan.work.screens import wire
from qalqan.work.screens.journal import verdict_of
from qalqan.work.screens.owner import shard_of

PATIENCE_S = 1.0
"""Anchors ask for 35 ms at the 99th percentile; a payment waits no longer than this."""
AGAIN_S = 0.1
"""How often at most a missing owner is looked for."""
MOST_IN_HAND = 4_096
MOST_OF_ONE = 2_048
"""Questions of all, and of one partner, that wait at once in this process."""
PAUSE_US = SECOND


class Owners:
    """The owners of all shards, for one event loop."""

    def __init__(self, home: Path, shards: int) -> None:
        self._lines = [_Line(wire.socket_of(home, shard)) for shard in range(shards)]
        self._in_hand: Counter[str] = Counter()

    async def payment(self, asked: PaymentAsked) -> Verdict:
        """The verdict on a payment, by its payer's owner; the payee's tells who pays there.

        Raises:
            Conflict: this number came before with another content.
            Overfull: too many questions wait.
            Unavailable: the owner does not answer, or is still loading.
        """
        shards = len(self._lines)
        mine = shard_of(asked.payer_account, shards)
        body: list[Any] = [asked]
        with _Room(self._in_hand, asked.source):
            if asked.payee_account is not None:
                other = shard_of(asked.payee_account, shards)
                if other != mine:
                    ends = [key_of(asked.payee_account), key_of(asked.payer_account)]
                    body.append(
                        await self._lines[other].ask(wire.PAYERS, [*ends, asked.at_us], asked.id)
                    )
            return verdict_of(await self._lines[mine].ask(wire.PAYMENT, body, asked.id))

    async def loan(self, asked: LoanAsked) -> Verdict:
        """The verdict on a loan, by the borrower's owner; raises as `payment` does."""
        line = self._lines[shard_of(asked.applicant, len(self._lines))]
        with _Room(self._in_hand, asked.source):
            return verdict_of(await line.ask(wire.LOAN, [asked], asked.id))

    async def status(self) -> list[dict[str, Any] | None]:
        """How each owner is; None of one that does not answer."""
        return list(await asyncio.gather(*(_status(line) for line in self._lines)))

    def close(self) -> None:
        """Hang up."""
        for line in self._lines:
            line.close()


async def statuses(home: Path, shards: int) -> list[dict[str, Any] | None]:
    """How each owner is, asked once."""
    owners = Owners(home, shards)
    try:
        return await owners.status()
    finally:
        owners.close()


class _Room:
    """A place among the questions in hand, for the block."""

    def __init__(self, in_hand: Counter[str], source: str) -> None:
        self._in_hand, self._source = in_hand, source

    def __enter__(self) -> None:
        if self._in_hand[""] >= MOST_IN_HAND or self._in_hand[self._source] >= MOST_OF_ONE:
            raise Overfull("too many questions in hand", "screens", clock.wall_us() + PAUSE_US)
        self._in_hand.update(("", self._source))

    def __exit__(self, *_: object) -> None:
        self._in_hand.subtract(("", self._source))
        if not self._in_hand[self._source]:
            del self._in_hand[self._source]


class _Line(asyncio.Protocol):
    """A connection to one owner, made when it is needed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._transport: asyncio.Transport | None = None
        self._opening: asyncio.Task[None] | None = None
        self._again_s = 0.0
        self._frames = wire.Frames()
        self._numbers = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[list[Any]]] = {}
        self._unsent: list[list[Any]] = []

    async def ask(self, word: str, body: Any, name: str) -> Any:
        """What the owner answers to one question."""
        if self._transport is None:
            await self._open()
        loop = asyncio.get_running_loop()
        number = next(self._numbers)
        answer = self._waiting[number] = loop.create_future()
        if not self._unsent:
            loop.call_soon(self._send)
        self._unsent.append([number, word, body])
        timer = loop.call_later(PATIENCE_S, _give_up, answer)
        try:
            _, outcome, told = await answer
        finally:
            timer.cancel()
            self._waiting.pop(number, None)
        return _of(outcome, told, name)

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass
        self._frames = wire.Frames()

    def data_received(self, data: bytes) -> None:
        """Wake whoever waits for what came."""
        for message in self._frames.fed(data):
            answer = self._waiting.get(message[0])
            if answer is not None and not answer.done():
                answer.set_result(message)

    def connection_lost(self, exc: Exception | None) -> None:
        """Nobody will answer what waits."""
        self._transport = None
        for answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(_away())

    async def _open(self) -> None:
        """Several questions that find no connection wait for one attempt."""
        if self._opening is None or self._opening.done():
            if time.monotonic() < self._again_s:
                raise _away()
            self._again_s = time.monotonic() + AGAIN_S
            self._opening = asyncio.create_task(self._connect())
        await asyncio.shield(self._opening)
        if self._transport is None:
            raise _away()

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.create_unix_connection(lambda: self, str(self._path))
        except OSError as error:
            raise _away() from error

    def _send(self) -> None:
        messages, self._unsent = self._unsent, []
        if self._transport is None:
            self.connection_lost(None)
        else:
            self._transport.write(wire.frame(messages))


async def _status(line: _Line) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = await line.ask(wire.STATUS, None, "")
    except Unavailable:
        return None
    return found


def _of(outcome: str, told: Any, name: str) -> Any:
    if outcome == wire.OK:
        return told
    if outcome == wire.USED:
        raise Conflict("batch", name, "taken", "other contents")
    if outcome == wire.BUSY:
        raise Overfull("the owner of the screens has too much in hand", "screens", told)
    raise Unavailable(f"the owner of the screens: {outcome}", "screens.away")


def _away() -> Unavailable:
    return Unavailable("the owner of the screens does not answer", "screens.away")


def _give_up(answer: asyncio.Future[list[Any]]) -> None:
    if not answer.done():
        answer.set_exception(_away())
