"""A pair of watched edges under faults: every call of a caller that sends again gets through.

A tenth of the calls waits for a home operator's answer, and the askers are killed and stopped too.

Two real Kamailio instances, each under its watchdog, screen calls to an answering socket; the
caller sends to one, and to the other when no answer came within half a second, as a border
element with two next hops does (RFC 3261 timers). Meanwhile workers are killed and stopped,
instances ended, tables swapped and replaced by junk, scripts broken and reloaded, and the
journal's disk is full (a tmpfs, where this may be mounted). Told at the end: calls without a
final answer (must be 0), foreign and roaming calls refused (must be 0), the longest gap between two
answers, what became of calls that waited, and what the journals say was lost.
`python soak/edge.py [CALLS [SEED]]`.
"""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from peers.edge import Answering, Running, lay, running
from peers.home_operator import Operator
from peers.ports import free_port
from peers.sip import Caller, parsed
from qalqan.edges.kamailio.journal import Broken, Line, files, lines, prepare, untold
from qalqan.screening import call_plan
from qalqan.screening.calls import decisions, keeper, rules
from qalqan.screening.calls.row import Trunk

WINDOW, AGAIN_S, FOR_S = 40, 0.5, 32.0
"""Calls on their way at once; when to send again; how long a caller goes on (timer B)."""
EVERY_S = 1.5
"""Between two faults."""
RATE = 800
"""Calls a second: a hundred thousand meet some eighty faults."""


FOREIGN, SPOOFED, ROAMING = "foreign", "spoofed", "roaming"
KINDS, SHARES = (FOREIGN, SPOOFED, ROAMING), (45, 45, 10)


def tables(path: Path, version: int) -> None:
    """Every Kazakh number is `cell`'s, which has told no places."""
    blocks = bytes(1 if owner else 0 for owner in call_plan.blocks())
    keeper.write(path, keeper.Content(
        version, 1, 900, call_plan.codes(), blocks, decisions.compiled(rules.CODES), {"cell": 1},
        (keeper.Trunk("abroad", ("127.0.0.1",), Trunk.INTERNATIONAL),),
    ))  # fmt: skip


@dataclass
class Pending:
    """A call that waits for its answer."""

    body: bytes
    kind: str
    begun: float
    due: float
    edge: int
    tries: int = 1


def number_of(kind: str, draw: random.Random) -> str:
    if kind == FOREIGN:
        return f"+4420{draw.randrange(10**7, 10**8)}"
    return "+77272500000" if kind == SPOOFED else f"+7705{draw.randrange(10**7):07d}"


@dataclass
class Load:
    """The caller: so many calls through two edges."""

    edges: list[tuple[str, int]]
    seed: int
    codes: Counter[tuple[str, int]] = field(default_factory=Counter)
    sent_again: int = 0
    lost: int = 0
    longest_s: float = 0.0
    slowest_s: float = 0.0
    done: int = 0

    def run(self, count: int) -> None:
        draw, waiting = random.Random(self.seed), dict[bytes, Pending]()
        caller = Caller(self.edges[0])
        own = caller.socket
        own.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
        own.settimeout(0.02)
        next_, last = 0, time.monotonic()
        first = last
        while self.done + self.lost < count:
            while next_ < min(count, (time.monotonic() - first) * RATE) and len(waiting) < WINDOW:
                [kind] = draw.choices(KINDS, SHARES)
                number = number_of(kind, draw)
                name = f"{next_}-soak".encode()
                body = caller.invite(number, "+77011111111", number, call_id=name.decode())
                now, edge = time.monotonic(), draw.randrange(2)
                waiting[name] = Pending(body, kind, now, now + AGAIN_S, edge)
                own.sendto(body, self.edges[edge])
                next_ += 1
            with suppress(TimeoutError, ConnectionRefusedError):
                answer = parsed(own.recv(65_535))
                name = answer.headers.get("call-id", "").encode()
                found = waiting.pop(name, None) if answer.code >= 200 else None
                if found is not None:
                    now = time.monotonic()
                    self.longest_s, last = max(self.longest_s, now - last), now
                    self.slowest_s = max(self.slowest_s, now - found.begun)
                    self.codes[found.kind, answer.code] += 1
                    self.done += 1
            self._again(waiting, own)
        caller.close()

    def _again(self, waiting: dict[bytes, Pending], own: socket.socket) -> None:
        now = time.monotonic()
        for name, one in list(waiting.items()):
            if now - one.begun > FOR_S:
                self.lost += 1
                del waiting[name]
            elif now >= one.due:
                one.edge, one.tries = 1 - one.edge, one.tries + 1
                one.due = now + min(AGAIN_S * 2 ** (one.tries // 2), 4)
                self.sent_again += 1
                with suppress(ConnectionRefusedError):
                    own.sendto(one.body, self.edges[one.edge])


FAULTS = ("kill", "hang", "end", "swap", "junk", "script", "full", "kill_asker", "hang_asker")


class Faults:
    """What goes wrong, one thing after another, on one of the two edges."""

    def __init__(self, edges: list[Running], seed: int) -> None:
        self.edges, self.draw, self.version = edges, random.Random(seed), 1
        self.done: Counter[str] = Counter()
        self.scripts = [(edge.folder / "edge.py").read_text() for edge in edges]

    def go_on(self, stop: threading.Event) -> None:
        while not stop.wait(EVERY_S):
            place = self.draw.randrange(2)
            name = self.draw.choice(FAULTS)
            with suppress(OSError, ValueError, subprocess.TimeoutExpired):
                getattr(self, f"_{name}")(place, stop)
                self.done[name] += 1

    def _workers(self, place: int) -> list[int]:
        pid = (self.edges[place].folder / "kamailio.pid").read_text()
        found = subprocess.run(["pgrep", "-P", pid], capture_output=True, text=True, check=False)
        return [int(one) for one in found.stdout.split()][:2]

    def _kill(self, place: int, _: threading.Event) -> None:
        os.kill(self.draw.choice(self._workers(place)), signal.SIGKILL)

    def _hang(self, place: int, _: threading.Event) -> None:
        os.kill(self.draw.choice(self._workers(place)), signal.SIGSTOP)

    def _end(self, place: int, _: threading.Event) -> None:
        os.killpg(int((self.edges[place].folder / "kamailio.pid").read_text()), signal.SIGKILL)

    def _asker(self, place: int, how: signal.Signals) -> None:
        os.kill(int((self.edges[place].folder / "asker.pid").read_text()), how)

    def _kill_asker(self, place: int, _: threading.Event) -> None:
        self._asker(place, signal.SIGKILL)

    def _hang_asker(self, place: int, _: threading.Event) -> None:
        self._asker(place, signal.SIGSTOP)

    def _swap(self, place: int, _: threading.Event) -> None:
        self.version += 1
        tables(self.edges[place].folder / "calls.tables", self.version)

    def _junk(self, place: int, stop: threading.Event) -> None:
        path = self.edges[place].folder / "calls.tables"
        draft = path.with_name("junk")
        draft.write_bytes(os.urandom(200_000))
        draft.replace(path)
        self._end(place, stop)  # so that it starts with it
        stop.wait(2)
        self._swap(place, stop)

    def _script(self, place: int, stop: threading.Event) -> None:
        folder = self.edges[place].folder
        (folder / "edge.py").write_text(self.scripts[place] + "\nthis is no Python (\n")
        self._reload(folder)
        stop.wait(1)
        (folder / "edge.py").write_text(self.scripts[place])
        self._reload(folder)

    def _reload(self, folder: Path) -> None:
        subprocess.run(["kamcmd", "-s", f"unix:{folder}/control", "app_python.reload"],
                       check=False, capture_output=True, timeout=5)  # fmt: skip

    def _full(self, place: int, stop: threading.Event) -> None:
        filler = self.edges[place].folder / "journal" / "filler"
        with suppress(OSError), filler.open("wb") as file:
            while file.write(bytes(1 << 16)):
                pass
        stop.wait(1)
        filler.unlink(missing_ok=True)


def main(count: int = 100_000, seed: int = 1) -> int:
    with ExitStack() as room:
        behind = Answering()
        room.callback(behind.close)
        operator = Operator(lambda number: "abroad")
        room.callback(operator.close)
        folder = Path(room.enter_context(tempfile.TemporaryDirectory(prefix="qalqan-soak-")))
        edges, mounted = [], 0
        for name in ("a", "b"):
            lay(folder / name, behind.port, asker=f"127.0.0.1:{free_port()}",
                ask={"cell": operator.address})  # fmt: skip
            tables(folder / name / "calls.tables", 1)
            mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", folder / name / "journal"]
            if subprocess.run(mount, check=False, capture_output=True).returncode == 0:
                mounted += 1
                prepare(folder / name / "journal")
                room.callback(subprocess.run, ["umount", folder / name / "journal"], check=False)
            edges.append(room.enter_context(running(folder / name, watched=True)))
        load, stop = Load([edge.address for edge in edges], seed), threading.Event()
        faults = Faults(edges, seed)
        if not mounted:
            faults._full = lambda place, stop: None  # type: ignore[method-assign]
        thread = threading.Thread(target=faults.go_on, args=(stop,))
        thread.start()
        begun = time.monotonic()
        load.run(count)
        took = time.monotonic() - begun
        stop.set()
        thread.join()
        told = journals(folder)
    refused = sum(n for (kind, code), n in load.codes.items() if kind != SPOOFED and code >= 300)
    print(json.dumps({
        "calls": count, "without_answer": load.lost, "wrongly_refused": refused,
        "spoofed_refused": load.codes[SPOOFED, 608], "spoofed_passed": load.codes[SPOOFED, 200],
        "roaming_passed": load.codes[ROAMING, 200],
        "sent_again": load.sent_again, "longest_gap_s": round(load.longest_s, 2),
        "slowest_answer_s": round(load.slowest_s, 2), "seconds": round(took),
        "faults": dict(faults.done), "disks_filled": mounted, **told,
    }))  # fmt: skip
    return int(load.lost > 0 or refused > 0 or told["broken_journals"] > 0)


def journals(folder: Path) -> dict[str, Any]:
    """Verdicts written, and counted as lost; what asking brought; chains that do not hold."""
    found: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    for path in (path for name in ("a", "b") for path in files(folder / name / "journal")):
        try:
            for line in lines(path):
                if isinstance(line, Line):
                    found["journalled"] += 1
                    asked.update(line.asked.split())
                elif isinstance(line, int):
                    found["told_lost"] += line
        except Broken as error:
            print(error, file=sys.stderr)
            found["broken_journals"] += 1
    found["untold"] = sum(untold(path.parent) for path in folder.glob("*/journal/lost"))
    names = ("journalled", "told_lost", "untold", "broken_journals")
    return {**{name: found[name] for name in names}, "asked": dict(asked)}


if __name__ == "__main__":
    sys.exit(main(*(int(one) for one in sys.argv[1:3])))
