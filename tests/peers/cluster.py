"""A centre of many processes on one PostgreSQL, and a bank that takes its orders."""

from __future__ import annotations

import base64
import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from contextlib import closing, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from peers.postgresql import Server
from qalqan.cases.policy import install_default_policy
from qalqan.errors import Unavailable
from qalqan.parent import with_parent
from qalqan.register import jobs, partners
from qalqan.register.database import Database
from qalqan.settings import Settings
from qalqan.trust.keys import Keys

NAMES = {"kk": "x", "ru": "x", "en": "x"}


class Bank:
    """A bank that takes every order it is pushed and writes it down."""

    def __init__(self) -> None:
        self.texts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        """Order → what it said, how often."""
        texts, lock = self.texts, threading.Lock()

        class Desk(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                part = json.loads(body)["order"].split(".")[1]
                text = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode()
                with lock:
                    texts[json.loads(text)["order"]][text] += 1
                self.send_response(202)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Desk)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self.server.server_port}"


@dataclass
class Centre:
    """The centre's processes and what they stand on."""

    home: Path
    server: Server
    tokens: dict[str, str] = field(default_factory=dict)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)

    @property
    def settings(self) -> Settings:
        return Settings(home=self.home, QALQAN_REGISTER=self.server.address)  # type: ignore[call-arg]

    def prepare(self, bank: str) -> None:
        """Keys, tables, a bank that is pushed to, a hotline, a policy."""
        Keys.create(self.home / "keys.json")
        with closing(Database(self.server.address)) as database:
            database.migrate()
            with database.write() as session:
                self.tokens["altyn"] = partners.add_partner(
                    session, "altyn", "bank", NAMES, bank_code="211", endpoint=bank, delivery="push"
                )
                self.tokens["hotline"] = partners.add_partner(session, "hotline", "channel", NAMES)
                install_default_policy(session, ["a", "b"])

    def start(self, name: str) -> None:
        """Start a worker (`work…`) or a web process (`web…`), always at the same port."""
        words = ["work"]
        if name.startswith("web"):
            words = ["serve", "--no-worker"]
            self.ports.setdefault(name, _free_port())
        environment = with_parent(
            QALQAN_HOME=str(self.home),
            QALQAN_REGISTER=self.server.address,
            QALQAN_PORT=str(self.ports.get(name, 8017)),
        )
        with (self.home / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                [sys.executable, "-m", "qalqan", *words], env=environment, stdout=log, stderr=log
            )

    def wait_for(self, name: str) -> None:
        """Until a web process answers, whatever it says; a worker is given a while."""
        until_s = time.monotonic() + 60
        if not name.startswith("web"):
            until_s -= 57
        while time.monotonic() < until_s:
            with suppress(OSError, KeyError):
                socket.create_connection(("127.0.0.1", self.ports[name])).close()
                return
            time.sleep(0.05)

    def kill(self, name: str) -> None:
        self.running[name].send_signal(signal.SIGKILL)
        self.running[name].wait()

    def close(self) -> None:
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def rest(database: Database, seconds: float) -> jobs.Pending:
    """Wait until nothing is left to do now, but no longer than `seconds`."""
    until_s = time.monotonic() + seconds
    while True:
        with suppress(Unavailable), database.session() as session:
            left = jobs.pending(session)
            if not (left.due or left.leased or left.landing) or time.monotonic() > until_s:
                return left
        time.sleep(0.1)
