"""Real peers for short messages: a message centre that speaks SMPP (npm's `smpp` under Node) and
Kannel, whose bearerbox is bound to it and whose smsbox takes messages over HTTP."""

from __future__ import annotations

import json
import os
import queue
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from peers.ports import free_port

USER, PASSWORD = "qalqan", "pass-7x"
_SCRIPT = Path(__file__).with_name("smsc.js")
_PATIENCE_S = 60.0


def _missing(what: str) -> None:
    told = f"these tests need {what}: bash tests/peers/install"
    if os.environ.get("CI") == "true":
        pytest.fail(told)
    pytest.skip(told)


def _node_path() -> str:
    """Where npm keeps what is installed for all, if the message centre's package is there."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        _missing("node and npm")
    told = subprocess.run(["npm", "root", "-g"], capture_output=True, text=True, check=True)
    path = told.stdout.strip()
    if not (Path(path) / "smpp").is_dir():
        _missing("npm's smpp")
    return path


@dataclass
class MessageCentre:
    """The centre, and what it has seen."""

    port: int
    process: Any = None
    seen: list[dict[str, Any]] = field(default_factory=list)
    _lines: queue.Queue[str] = field(default_factory=queue.Queue)

    def read(self) -> None:
        for line in self.process.stdout:
            self._lines.put(line)

    def wait(self, event: str, count: int = 1) -> list[dict[str, Any]]:
        """So many events of a kind, from the start; a test that waits in vain fails."""
        until = time.monotonic() + _PATIENCE_S
        while len(found := [each for each in self.seen if each["event"] == event]) < count:
            try:
                self.seen.append(json.loads(self._lines.get(timeout=until - time.monotonic())))
            except (queue.Empty, ValueError):
                pytest.fail(f"no {event} after {self.seen}")
        return found

    @property
    def submitted(self) -> list[dict[str, Any]]:
        """Messages that have come up to now."""
        while not self._lines.empty():
            self.seen.append(json.loads(self._lines.get()))
        return [each for each in self.seen if each["event"] == "submit"]


@contextmanager
def message_centre(port: int = 0) -> Iterator[MessageCentre]:
    """A message centre that runs."""
    path, port = _node_path(), port or free_port()
    process = subprocess.Popen(
        ["node", str(_SCRIPT), str(port), USER, PASSWORD], stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True, env={**os.environ, "NODE_PATH": path},
    )  # fmt: skip
    centre = MessageCentre(port, process)
    reader = threading.Thread(target=centre.read, daemon=True)
    reader.start()
    try:
        centre.wait("ready")
        yield centre
    finally:
        process.kill()
        process.wait()
        reader.join()
        process.stdout.close()  # type: ignore[union-attr]


_KANNEL = """\
group = core
admin-port = {admin}
admin-password = {password}
smsbox-port = {box}
box-allow-ip = 127.0.0.1
log-level = 1
store-type = file
store-location = {folder}/kannel.store

group = smsc
smsc = smpp
smsc-id = centre
host = 127.0.0.1
port = {centre}
transceiver-mode = true
smsc-username = {user}
smsc-password = {password}
system-type = x
interface-version = 34
enquire-link-interval = 30

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = {box}
sendsms-port = {send}
sendsms-interface = 127.0.0.1
log-level = 1
global-sender = Qalqan

group = sendsms-user
username = {user}
password = {password}
max-messages = 5
concatenation = true

group = sms-service
keyword = default
catch-all = true
max-messages = 0
assume-plain-text = true
get-url = "{replies}?from=%p&charset=%C&text=%a"
"""


@dataclass(frozen=True)
class Kannel:
    """A gateway that runs."""

    url: str
    """Of `sendsms`."""


@contextmanager
def kannel(folder: Path, centre: MessageCentre, replies: str) -> Iterator[Kannel]:
    """Kannel, bound to the centre; what people write back goes to the address `replies`."""
    names = [shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin") for name in
             ("bearerbox", "smsbox")]  # fmt: skip
    if None in names:
        _missing("kannel")
    ports = {name: free_port() for name in ("admin", "box", "send")}
    told = _KANNEL.format(
        **ports, centre=centre.port, user=USER, password=PASSWORD, folder=folder, replies=replies
    )
    file = folder / "kannel.conf"
    file.write_text(told)
    started: list[subprocess.Popen[bytes]] = []
    try:
        for name in names:
            log = (folder / f"{Path(str(name)).name}.log").open("wb")
            started.append(subprocess.Popen([str(name), str(file)], stdout=log, stderr=log))
            log.close()
            time.sleep(0.3)
        centre.wait("bind")
        _until_online(ports["admin"])
        yield Kannel(f"http://127.0.0.1:{ports['send']}/cgi-bin/sendsms")
    finally:
        for process in reversed(started):
            process.kill()
            process.wait()


def _until_online(port: int) -> None:
    until = time.monotonic() + _PATIENCE_S
    told = ""
    while time.monotonic() < until:
        try:
            told = httpx.get(f"http://127.0.0.1:{port}/status.txt?password={PASSWORD}").text
        except httpx.HTTPError:
            told = ""
        if "(online" in told and "smsbox:" in told:
            return
        time.sleep(0.1)
    pytest.fail(f"kannel does not come up: {told}")
