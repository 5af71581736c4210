"""The owner of one shard: answers questions from its state, writes each answer down, tells it.

One event loop decides, each question in some tens of microseconds; what was decided in a turn
goes to the disk together, by one thread, and only then to whoever asked. Another thread teaches
the state (`work.screens.teacher`). A lock on the owner's folder keeps a second one out, and ends
with the process however it ends.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
from collections import OrderedDict
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from qalqan import clock, logs
from qalqan.clock import SECOND
from qalqan.errors import Conflict
from qalqan.screening.asked import Asked, LoanAsked, PaymentAsked
from qalqan.screening.memory import key_of
from qalqan.screening.policy import ScreenPolicy, unapproved
from qalqan.screening.remembered import Share
from qalqan.screening.state import State
from qalqan.screening.verdict import Verdict
from qalqan.work.screens import journal, wire
from qalqan.work.screens.journal import Entry, Journal

log = logging.getLogger("qalqan.work.screens")

MOST_WAITING = 8_192
"""Answers that wait for the disk; beyond it questions are turned away with a date."""
PAUSE_US = SECOND
KEPT_ANSWERS = 200_000
"""Answers that are known by their question's number; one older than that is decided anew."""

Kept = tuple[int, Verdict]
Name = tuple[str, str, bool]
Telling = tuple["Talk", list[Any], Name]
"""To whom, what, and about which question."""


class Owner:
    """State, answers and journal of one shard."""

    def __init__(self, folder: Path, share: Share) -> None:
        self.folder = folder
        self.policy: ScreenPolicy = unapproved()
        self.state = State(self.policy.screens, share)
        self.seal = 0
        self.ready = False
        self.kept: OrderedDict[Name, Kept] = OrderedDict()
        self._journal = Journal(folder)
        self._disk = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._lines: dict[Name, bytes] = {}
        self._tellings: list[Telling] = []
        self._waiting = 0
        self._writing = False

    def answer(self, talk: Talk, message: list[Any]) -> None:
        """Take one question; its answer goes to `talk` once it is safe."""
        number, word, body = message
        if word == wire.STATUS:
            talk.tell([[number, wire.OK, self.status()]])
        elif not self.ready:
            talk.tell([[number, wire.LOADING, None]])
        elif word == wire.PAYERS:
            payee, payer, at_us = body
            told = self.state.payers(payee, payer, at_us, clock.now_us())
            talk.tell([[number, wire.OK, told]])
        elif self._waiting >= MOST_WAITING:
            talk.tell([[number, wire.BUSY, clock.wall_us() + PAUSE_US]])
        else:
            self._decide(talk, number, word, body)

    def remember(self, asked: Asked, verdict: Verdict) -> None:
        """Know this answer again when the same is asked."""
        self.kept[_name(asked)] = (hash(asked), verdict)
        if len(self.kept) > KEPT_ANSWERS:
            self.kept.popitem(last=False)

    def status(self) -> dict[str, Any]:
        """What `/ready` and the doctor want to know."""
        tables = {name: len(table) for name, table in self.state.remembered.tables().items()}
        return {
            "ready": self.ready, "seal": self.seal, "policy": self.policy.version,
            "pid": os.getpid(), "waiting": self._waiting, "remembered": tables,
        }  # fmt: skip

    def drop_journal_before(self, wall_s: float) -> None:
        """Forget segments of the journal that are older."""
        self._disk.submit(self._journal.drop_before, wall_s).result()

    async def settled(self) -> None:
        """Decide nothing more, and wait until what was decided is told."""
        self.ready = False
        while self._writing:
            await asyncio.sleep(0.001)

    def close(self) -> None:
        """End the thread that writes, then the file."""
        self._disk.shutdown()
        self._journal.close()

    def _decide(self, talk: Talk, number: int, word: str, body: list[Any]) -> None:
        fields, *payers = body
        asked: Asked = PaymentAsked(*fields) if word == wire.PAYMENT else LoanAsked(*fields)
        name = _name(asked)
        before = self.kept.get(name)
        if before is not None:
            outcome = [wire.OK, before[1]] if before[0] == hash(asked) else [wire.USED, None]
            self._tell(talk, [number, *outcome], name)
            return
        now_us = clock.now_us()
        seen: journal.Seen
        if isinstance(asked, PaymentAsked):
            seen = self.state.payment(asked, now_us, tuple(payers[0]) if payers else None)
        else:
            seen = self.state.loan(asked, now_us)
        verdict = journal.decided(seen, self.policy, now_us)
        self.remember(asked, verdict)
        self._lines[name] = journal.line(Entry(asked, seen, verdict))
        self._tell(talk, [number, wire.OK, verdict], name)

    def _tell(self, talk: Talk, message: list[Any], name: Name) -> None:
        """After what was decided before it is safe: an answer told again may still be on its
        way to the disk."""
        self._tellings.append((talk, message, name))
        self._waiting += 1
        if not self._writing:
            self._writing = True
            asyncio.get_running_loop().call_soon(self._write)

    def _write(self) -> None:
        lines, self._lines = self._lines, {}
        tellings, self._tellings = self._tellings, []
        if not lines:
            self._written(tellings)
            return
        loop = asyncio.get_running_loop()
        done = loop.run_in_executor(self._disk, self._journal.append, list(lines.values()))
        done.add_done_callback(
            lambda over: self._written(tellings, lines if over.exception() else ())
        )

    def _written(self, tellings: list[Telling], lost: Collection[Name] = ()) -> None:
        """Tell what is safe. What is lost nobody was told, nor is whoever has asked it again."""
        if lost:
            log.error("the journal of the screens can't be written")
            for name in lost:
                self.kept.pop(name, None)
            tellings += [one for one in self._tellings if one[2] in lost]
            self._tellings = [one for one in self._tellings if one[2] not in lost]
        self._waiting -= len(tellings)
        by_talk: dict[Talk, list[list[Any]]] = {}
        for talk, message, name in tellings:
            told = [message[0], wire.FAILED, None] if name in lost else message
            by_talk.setdefault(talk, []).append(told)
        for talk, messages in by_talk.items():
            talk.tell(messages)
        if self._tellings:
            self._write()
        else:
            self._writing = False


class Talk(asyncio.Protocol):
    """One web process that asks."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._frames = wire.Frames()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass

    def data_received(self, data: bytes) -> None:
        """Answer what came; whoever does not speak our way is hung up on."""
        try:
            for message in self._frames.fed(data):
                self._owner.answer(self, message)
        except (ValueError, TypeError) as error:
            logs.told(log, "a talk made no sense", logging.WARNING, error=type(error).__name__)
            if self._transport is not None:
                self._transport.abort()

    def tell(self, messages: list[list[Any]]) -> None:
        """Send answers; one who has hung up gets none."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(wire.frame(messages))

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None


@contextmanager
def sole(folder: Path) -> Iterator[None]:
    """Be the only owner of this folder for the block. Raises `Conflict` if there is one."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise Conflict("screen", folder.name, "owned", "own") from None
    finally:
        os.close(lock)


async def listen(owner: Owner, path: Path) -> asyncio.Server:
    """Take questions at this socket, for this user alone."""
    path.unlink(missing_ok=True)  # of an owner that was killed: the lock says that he is gone
    before = os.umask(0o177)
    try:
        return await asyncio.get_running_loop().create_unix_server(
            lambda: Talk(owner), str(path), backlog=128
        )
    finally:
        os.umask(before)


def _name(asked: Asked) -> Name:
    return asked.source, asked.id, isinstance(asked, PaymentAsked)


def shard_of(account: str, shards: int) -> int:
    """Which shard answers for an account or a person."""
    return key_of(account) % shards
