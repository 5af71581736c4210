"""Asks for calls that Kamailio holds meanwhile: `python3 asker.py DIRECTORY`.

Where is this subscriber? Its home operator says (`questions`). Is this signature good? Says
`signatures`, where Qalqan is installed for the Python that runs this. Each question has an answer
within the budget, if only `place=silent`; Kamailio's own timer is for an asker that is dead
(`suspended`). What was answered is kept here and not in the tables: a place there would count
again when its operator's list comes in, however old that one answer was by then.

The standard library alone but for signatures; ends with SIGTERM.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import mmap
import signal
import struct
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from time import monotonic
from typing import Any

BEAT, BEAT_S = "asker.beat", 0.1
"""The file that says that it works (`suspended.BEAT`), and how often it says so."""
_AGAIN_S = 0.2
"""Between two tries to reach Kamailio."""
_MOST_HELD = 1 << 17
_GONE = 4
"""Kamailio is about to let a call go after so many budgets (`suspended.PATIENCE`): a question
that old is not asked."""


def tell(what: str, **more: object) -> None:
    """A line for whoever reads the log."""
    print(json.dumps({"at": round(time.time(), 3), "event": what, **more}), flush=True)


class Operator(asyncio.DatagramProtocol):
    """One operator's answerer: a connected socket, so that nobody else's datagrams come in."""

    def __init__(self, take: Callable[[bytes], None]) -> None:
        self.take = take
        self.transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        self.take(data)

    def error_received(self, exc: Exception) -> None:
        """Nobody listens there now: the question stays unanswered."""


class Netstrings(asyncio.Protocol):
    """Kamailio's socket: `13:{"t":[1,2]},`."""

    def __init__(self, take: Callable[[bytes], None]) -> None:
        self.take, self.held = take, b""
        self.transport: Any = None
        self.ended = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended.set_result(None)

    def data_received(self, data: bytes) -> None:
        body, at = self.held + data, 0
        while (colon := body.find(b":", at, at + 10)) >= 0 and body[at:colon].isdigit():
            end = colon + 1 + int(body[at:colon])
            if end >= len(body):
                break
            self.take(body[colon + 1 : end])
            at = end + 1
        self.held = body[at:]
        if len(self.held) > _MOST_HELD:
            self.transport.abort()  # out of step: a new connection begins anew

    def put(self, body: bytes) -> None:
        """Send one."""
        self.transport.write(b"%d:%b," % (len(body), body))


class Asker:
    """What one edge asks."""

    def __init__(self, folder: Path, edge: dict[str, Any]) -> None:
        sys.path.insert(0, str(folder))
        self.folder, self.edge = folder, edge
        self.budget_s = int(edge["budget_ms"]) / 1_000
        self.calls = importlib.import_module("calls.asking")
        self.screens = importlib.import_module("calls.screen")
        self.questions: Any = importlib.import_module("questions")
        self.operators: dict[str, Operator] = {}
        self.screen: Any = None
        self.kamailio: Netstrings | None = None
        self.asked: Any = None
        self.signatures: Any = None

    async def run(self) -> None:
        """Until it is cancelled."""
        loop = asyncio.get_running_loop()
        self.asked = self.questions.Questions(loop, self.budget_s, self._send_to, self._placed)
        for code, address in self.edge["ask"].items():
            host, _, port = address.rpartition(":")
            _, self.operators[code] = await loop.create_datagram_endpoint(
                lambda: Operator(self.asked.answer), remote_addr=(host, int(port))
            )
        self._open_signatures()
        beating = loop.create_task(self._beat())
        host, _, port = self.edge["asker"].rpartition(":")
        try:
            while True:
                with suppress(OSError):
                    _, self.kamailio = await loop.create_connection(
                        lambda: Netstrings(self.question), host, int(port)
                    )
                    await self.kamailio.ended
                self.kamailio = None
                await asyncio.sleep(_AGAIN_S)
        finally:
            beating.cancel()

    async def _beat(self) -> None:
        with (self.folder / BEAT).open("r+b") as file:
            beat = mmap.mmap(file.fileno(), 16)
        try:
            while True:
                now = monotonic()
                struct.pack_into("dd", beat, 0, now, now if self.kamailio else 0.0)
                if self.signatures is not None:
                    self.signatures.refresh(time.time_ns() // 1_000)
                await asyncio.sleep(BEAT_S)
        finally:
            struct.pack_into("dd", beat, 0, 0.0, 0.0)

    def _open_signatures(self) -> None:
        if self.edge["certificates"]:
            try:
                found = importlib.import_module("qalqan.edges.kamailio.signatures")
                folder = self.folder / self.edge["certificates"]
                self.signatures = found.Signatures(folder, time.time_ns() // 1_000)
            except Exception as error:
                tell("signatures stay unchecked", because=f"{type(error).__name__}: {error}")

    def question(self, body: bytes) -> None:
        """Kamailio holds a call."""
        try:
            told = json.loads(body)
            if monotonic() - told["at"] > _GONE * self.budget_s:
                return
            waiting = self.questions.Waiting(told["t"], set(told["numbers"]))
            if "identity" in told:
                waiting.told = f"signed={self._signed(told)}"
                if waiting.told == "signed=valid":
                    waiting.missing.clear()
            if waiting.missing:
                screen = self._tables()
                oldest_s = screen.tables.about["oldest_s"] if screen else 0
                self.asked.ask(waiting, told["at"], oldest_s)
            else:
                self._say(waiting)
        except Exception as error:  # whatever it is, the next call is asked about
            tell("a call could not be asked about", because=f"{type(error).__name__}: {error}")

    def _signed(self, told: dict[str, Any]) -> str:
        if self.signatures is None:
            return "unchecked"
        screen = self._tables()
        outcome: str = self.signatures.outcome(
            told["identity"], str(told["orig"]), str(told["dest"]), time.time_ns() // 1_000,
            (lambda number: self.calls.operator_of(screen.tables, int(number))) if screen else None,
        )  # fmt: skip
        return outcome

    def _tables(self) -> Any:
        """The tables by which the edge decides, opened again once they were replaced."""
        try:
            if self.screen is None:
                self.screen = self.screens.Screen(self.folder / self.edge["tables"])
            elif self.screen.tables.retired[0]:
                self.screen.reopen()
        except (OSError, ValueError):
            self.screen = None
        return self.screen

    def _send_to(self, number: int) -> Any:
        screen = self._tables()
        code = self.calls.operator_of(screen.tables, number) if screen else None
        operator = self.operators.get(code or "")
        return operator.transport.sendto if operator is not None else None

    def _placed(self, waiting: Any, place: str) -> None:
        waiting.told = f"{waiting.told} place={place}".strip()
        self._say(waiting)

    def _say(self, waiting: Any) -> None:
        """Kamailio may go on with a call."""
        if self.kamailio is None:
            return  # it is starting anew, and knows of no calls
        now = monotonic()
        body = {
            "t": waiting.transaction,
            "places": {
                number: (place, int(now - at_s))
                for number, (place, at_s) in waiting.places.items()
                if place != self.questions.UNKNOWN
            },
            "told": waiting.told,
            "signed": waiting.told == "signed=valid",
        }
        self.kamailio.put(json.dumps(body, separators=(",", ":")).encode())


async def until_told(folder: Path, edge: dict[str, Any]) -> None:
    """Ask until SIGTERM."""
    work = asyncio.ensure_future(Asker(folder, edge).run())
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, work.cancel)
    with suppress(asyncio.CancelledError):
        await work


if __name__ == "__main__":
    here = Path(sys.argv[1] if len(sys.argv) > 1 else ".").absolute()
    asyncio.run(until_told(here, json.loads((here / "edge.json").read_text(encoding="utf-8"))))
