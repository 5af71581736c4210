"""A real Kamailio with our script in it, on a port of the loopback's own."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from peers.sip import Caller, parsed
from qalqan.edges.kamailio.directory import Edge, lay_out


def need(*programs: str) -> None:
    """Skips where a program is missing; fails under CI=true."""
    missing = [one for one in programs if shutil.which(one) is None]
    if missing and os.environ.get("CI") == "true":
        pytest.fail(f"these tests need {', '.join(missing)}")
    if missing:
        pytest.skip(f"these tests need {', '.join(missing)}: bash tests/peers/install")


def udp_port(host: str = "127.0.0.1") -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as free:
        free.bind((host, 0))
        port: int = free.getsockname()[1]
        return port


@dataclass
class Answering:
    """The network behind the edge: answers every INVITE with `code`, keeps what it was sent."""

    code: int = 200
    seen: list[Any] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self._answer, daemon=True)
        self.thread.start()

    def _answer(self) -> None:
        while True:
            try:
                body, peer = self.socket.recvfrom(65_535)
            except OSError:
                return
            if not body.strip():
                return
            self.seen.append(parsed(body))
            keep = (b"Via", b"From", b"To:", b"Call-ID", b"CSeq")
            told = b"\r\n".join(line for line in body.split(b"\r\n") if line.startswith(keep))
            if body.startswith(b"INVITE"):
                head = f"SIP/2.0 {self.code} Told\r\n".encode()
                self.socket.sendto(head + told + b"\r\nContent-Length: 0\r\n\r\n", peer)

    def close(self) -> None:
        self.socket.sendto(b"\r\n", self.socket.getsockname())
        self.thread.join(5)
        self.socket.close()


@dataclass
class Running:
    """An edge that runs, by itself or under its watchdog."""

    folder: Path
    address: tuple[str, int]
    run: subprocess.Popen[bytes]

    def caller(self, address: str = "127.0.0.1") -> Caller:
        return Caller(self.address, address)

    def workers(self, at_least: int = 2, within_s: float = 20) -> list[int]:
        """Processes that run the script: those that probes name; fewer if so few answered."""
        found: set[int] = set()
        caller = self.caller()
        until = time.monotonic() + within_s
        for number in itertools.count():
            if number >= 60 and (len(found) >= at_least or time.monotonic() > until):
                break
            answer = caller.send(options(caller, number))
            found.add(int(answer.headers["x-worker"]))
        caller.close()
        return sorted(found)


def options(caller: Caller, number: int) -> bytes:
    return (
        "OPTIONS sip:qalqan@127.0.0.1 SIP/2.0\r\n"
        f"Via: SIP/2.0/UDP {caller.address}:{caller.port};branch=z9hG4bKo{number}\r\n"
        f"From: <sip:t@127.0.0.1>;tag=o{number}\r\nTo: <sip:qalqan@127.0.0.1>\r\n"
        f"Call-ID: o{number}-{caller.port}\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 5\r\n"
        "Content-Length: 0\r\n\r\n"
    ).encode()


def lay(folder: Path, next_port: int, **more: Any) -> tuple[str, int]:
    """An edge's directory; its address."""
    port = udp_port()
    lay_out(folder, Edge(f"127.0.0.1:{port}", f"sip:127.0.0.1:{next_port}", **more))
    return "127.0.0.1", port


@contextmanager
def running(folder: Path, watched: bool = False) -> Iterator[Running]:
    """Start what a directory holds, wait until it answers, end it."""
    edge = json.loads((folder / "edge.json").read_text())
    host, _, port = edge["listen"].rpartition(":")
    command = [sys.executable, str(folder / "watchdog.py"), str(folder)]
    if not watched:
        command = ["kamailio", "-f", str(folder / "kamailio.cfg"), "-DD", "-E"]
    with (folder / "log").open("wb") as log:
        run = subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True)
    try:
        _wait((host, int(port)), folder)
        yield Running(folder, (host, int(port)), run)
    finally:
        run.send_signal(signal.SIGTERM)
        try:
            run.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()


@contextmanager
def asking(folder: Path, checks: bool = False) -> Iterator[subprocess.Popen[bytes]]:
    """The asker of an edge that runs; with the standard library alone, or with this package for
    signatures."""
    alone = [] if checks else ["-I", "-S"]
    with (folder / "asker.log").open("ab") as log:
        run = subprocess.Popen([sys.executable, *alone, str(folder / "asker.py"), str(folder)],
                               stdout=log, stderr=log)  # fmt: skip
    try:
        until = time.monotonic() + 15
        while struct.unpack("dd", (folder / "asker.beat").read_bytes())[1] < until - 15:
            if time.monotonic() > until or run.poll() is not None:
                pytest.fail(f"no asker: {(folder / 'asker.log').read_text()[-2000:]}")
            time.sleep(0.02)
        yield run
    finally:
        if run.poll() is None:
            run.send_signal(signal.SIGCONT)
            run.terminate()
        run.wait(10)


def _wait(address: tuple[str, int], folder: Path) -> None:
    caller = Caller(address)
    try:
        for number in range(100):
            caller.socket.settimeout(0.2)
            caller.socket.sendto(options(caller, number), address)
            try:
                if parsed(caller.socket.recv(65_535)).code == 200:
                    return
            except ConnectionRefusedError:
                time.sleep(0.1)
            except TimeoutError:
                pass
    finally:
        caller.close()
    pytest.fail(f"Kamailio does not answer: {(folder / 'log').read_text()[-2000:]}")
