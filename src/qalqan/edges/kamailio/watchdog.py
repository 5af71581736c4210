"""Keeps one Kamailio alive: `python3 watchdog.py DIRECTORY`; of a pair, each has its own.

A killed worker ends its instance, which is then started anew. A worker that hangs answers no
probe: each answer names its worker, and one that was not heard of for `SILENT_S` has the whole
instance killed and started anew; callers send their requests again meanwhile, and upstream takes
the other instance of the pair. Where the edge was laid out with an asker, that is kept alive too:
one that ended or has not turned for `SILENT_S` is started anew; calls do not wait for it.
Tells what it does on standard output, a JSON object a line.

The standard library alone; ends with SIGTERM, and takes its Kamailio along.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

EVERY_S = 0.2
"""Between two rounds of probes."""
SILENT_S = 2.0
"""A worker that answers nothing for so long hangs: a call takes it a tenth of a millisecond."""
STARTING_S = 15.0
"""An instance may take so long until it answers for the first time."""
PAUSE_S = 1.0
"""Before a start that follows a failed one."""


RUNS = {"kamailio": "kamailio.cfg", "asker": "asker.py"}
"""By what its command line tells whose a process is."""


class Asker:
    """The program that asks for calls that wait (`asker.py`), run by the Python that runs this."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.begun = folder, time.monotonic()
        end_former(folder, "asker")
        self.run = subprocess.Popen(
            [sys.executable, str(folder / "asker.py"), str(folder)], stdin=subprocess.DEVNULL
        )
        (folder / "asker.pid").write_text(str(self.run.pid))

    def kill(self) -> None:
        """End it."""
        self.run.kill()
        self.run.wait()

    def trouble(self) -> str | None:
        """Why it must be started anew; one that fails at once is not started anew at once."""
        now = time.monotonic()
        if self.run.poll() is not None:
            return f"ended with {self.run.returncode}" if now - self.begun > PAUSE_S else None
        (turned,) = struct.unpack_from("d", (self.folder / "asker.beat").read_bytes())
        patience_s = SILENT_S if turned > self.begun else STARTING_S
        return "it is silent" if now - max(turned, self.begun) > patience_s else None


class Instance:
    """One running Kamailio: the process group, and when each of its workers was heard last."""

    def __init__(self, folder: Path, edge: dict[str, object]) -> None:
        self.folder = folder
        host, _, port = str(edge["listen"]).rpartition(":")
        self.address = (host, int(port))
        self.workers = int(str(edge["children"]))
        self.heard: dict[str, float] = {}
        self.begun = time.monotonic()
        # Calls that waited are transactions while they ring, 13 KiB each.
        room = ["-m", "256"] if edge.get("asker") else []
        self.run = subprocess.Popen(
            ["kamailio", "-f", str(folder / "kamailio.cfg"), "-DD", "-E", *room],
            stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        (folder / "kamailio.pid").write_text(str(self.run.pid))

    def kill(self, how: signal.Signals = signal.SIGKILL) -> None:
        """End all of its processes."""
        with suppress(ProcessLookupError):
            os.killpg(self.run.pid, how)
        try:
            self.run.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self.run.pid, signal.SIGKILL)
            self.run.wait()

    def trouble(self) -> str | None:
        """Why it must be started anew."""
        if self.run.poll() is not None:
            return f"ended with {self.run.returncode}"
        now = time.monotonic()
        if not self.heard:
            return "never answered" if now - self.begun > STARTING_S else None
        silent = [one for one, last in self.heard.items() if now - last > SILENT_S]
        if silent:
            return f"worker {', '.join(silent)} is silent"
        late = len(self.heard) < self.workers and now - self.begun > STARTING_S
        return "a worker never answered" if late else None


def tell(what: str, **more: object) -> None:
    """A line for whoever reads the log."""
    print(json.dumps({"at": round(time.time(), 3), "event": what, **more}), flush=True)


def probe(ours: socket.socket, address: tuple[str, int], number: int) -> None:
    """Ask whichever worker takes it."""
    host, port = ours.getsockname()
    ours.sendto(
        f"OPTIONS sip:qalqan@{address[0]} SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP {host}:{port};branch=z9hG4bKw{number}\r\n"
        f"From: <sip:watchdog@{host}>;tag=w{number}\r\nTo: <sip:qalqan@{address[0]}>\r\n"
        f"Call-ID: w{number}@{host}\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 1\r\n"
        "Content-Length: 0\r\n\r\n".encode(),
        address,
    )


def heard(ours: socket.socket) -> Iterator[str]:
    """Workers whose answers have come in."""
    while True:
        try:
            body = ours.recv(65_535)
        except (BlockingIOError, ConnectionRefusedError):
            return
        for line in body.split(b"\r\n"):
            if line.startswith(b"X-Worker: "):
                yield line[10:].decode("ascii", "replace")


def end_former(folder: Path, name: str = "kamailio") -> None:
    """End an instance or asker that a watchdog left behind when it was killed itself."""
    try:
        pid = int((folder / f"{name}.pid").read_text())
        command = Path(f"/proc/{pid}/cmdline").read_bytes()
    except (OSError, ValueError):
        return
    if str(folder / RUNS[name]).encode() in command:
        (os.killpg if name == "kamailio" else os.kill)(pid, signal.SIGKILL)
        time.sleep(0.2)


def awake(asker: Asker) -> Asker:
    """The asker, or another in its place."""
    trouble = asker.trouble()
    if trouble is None:
        return asker
    asker.kill()
    asker = Asker(asker.folder)
    tell("asker started anew", pid=asker.run.pid, because=trouble)
    return asker


def watch(folder: Path, edge: dict[str, object]) -> None:
    """Until SIGTERM."""
    stopping: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, frame: stopping.append(number))
    end_former(folder)
    number, instance = 0, Instance(folder, edge)
    tell("started", pid=instance.run.pid)
    asker = Asker(folder) if edge.get("asker") else None
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ours:
        ours.bind((instance.address[0], 0))
        ours.setblocking(False)
        while not stopping:
            for _ in range(2 * instance.workers):
                number += 1
                probe(ours, instance.address, number)
            time.sleep(EVERY_S)
            now = time.monotonic()
            for worker in heard(ours):
                instance.heard[worker] = now
            asker = asker and awake(asker)
            trouble = instance.trouble()
            if trouble is None:
                continue
            failed = not instance.heard
            instance.kill()
            list(heard(ours))
            if failed:
                time.sleep(PAUSE_S)
            instance = Instance(folder, edge)
            tell("started anew", pid=instance.run.pid, because=trouble)
    instance.kill(signal.SIGTERM)
    if asker is not None:
        asker.kill()
    tell("ended")


if __name__ == "__main__":
    here = Path(sys.argv[1] if len(sys.argv) > 1 else ".").absolute()
    watch(here, json.loads((here / "edge.json").read_text(encoding="utf-8")))
