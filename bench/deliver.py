"""From the decision on an order to the partner's endpoint that has it.

A real worker (all its lanes, as `qalqan work` runs them) over a register of its own; orders are
decided one by one at random moments, and the clock runs from before the decision's transaction to
the moment at which the endpoint has read the request. The peer, in the same run, is a bare POST of
the same body to the same endpoint over a connection that is open already.

    python bench/deliver.py [ORDERS] [sqlite|postgresql]

PostgreSQL is a server of its own, as durable as a centre's. Without a name both are measured.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import quantiles
from typing import Any

sys.path.append(str(Path(__file__).parent.parent / "tests"))

import httpx

from peers.postgresql import Server, programs
from posts import show
from qalqan import clock
from qalqan.cases import order_book
from qalqan.cases.grounds import usual_ground
from qalqan.clock import HOUR
from qalqan.model.order import Kind, Order, State
from qalqan.register import orm, partners, vault
from qalqan.register.database import Database, open_database
from qalqan.settings import Settings
from qalqan.trust.keys import Keys
from qalqan.work.loop import run

NAMES = {"kk": "a", "ru": "a", "en": "a"}
ORDERS = 200
MEAN_S = 0.15
"""Between two decisions: a busy day of a whole country."""


@contextmanager
def endpoint() -> Iterator[tuple[str, list[tuple[float, bytes]]]]:
    """A partner's address, and what it took: when, and the body."""
    took: list[tuple[float, bytes]] = []

    class Desk(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            took.append((time.perf_counter(), body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Desk) as server:
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}", took
        server.shutdown()
        serving.join()


def founded(told: Settings, address: str) -> tuple[Database, Keys]:
    keys, database = Keys.create(told.keys_file), open_database(told)
    database.migrate()
    with database.write() as session:
        partners.add_partner(
            session, "altyn", "bank", NAMES, bank_code="211", delivery="push", endpoint=address
        )
        session.add(orm.Case(id="C-26-000001", region="KZ-75", opened_us=clock.now_us()))
    return database, keys


def decide(database: Database, keys: Keys, number: int) -> None:
    """A policy's question to a bank, approved in the transaction that drafts it."""
    now = clock.now_us()
    with database.write() as session:
        account = vault.keep(session, keys, "account", f"211:{number:08}")
        order_book.draft(
            session,
            Order(
                id="", case_id="C-26-000001", kind=Kind.STATEMENT, partner="altyn",
                state=State.DRAFTED, ground=usual_ground(Kind.STATEMENT, now).code,
                drafted_by="policy:pursuit/1", idempotency_key=f"k {number}", created_us=now,
                account=account, from_us=now - HOUR, due_us=now + HOUR,
            ),
        )  # fmt: skip


def spread(seconds: list[float]) -> tuple[float, float]:
    cuts = quantiles(seconds, n=100, method="inclusive")
    return cuts[49] * 1000, cuts[94] * 1000


def deliveries(database: Database, keys: Keys, told: Settings, took: Any, most: int) -> list[float]:
    """How long each order took, seconds."""
    stop, chance, decided = threading.Event(), random.Random(1), []
    worker = threading.Thread(target=run, args=(database, keys, told, stop))
    worker.start()
    time.sleep(1)
    try:
        for number in range(most):
            time.sleep(chance.expovariate(1 / MEAN_S))
            decided.append(time.perf_counter())
            decide(database, keys, number)
        until = time.monotonic() + 30
        while len(took) < most and time.monotonic() < until:
            time.sleep(0.02)
    finally:
        stop.set()
        worker.join()
    if len(took) != most or len({body for _, body in took}) != most:
        raise SystemExit(f"{len(took)} of {most} orders came")
    return [at - since for (at, _), since in zip(took, decided, strict=True)]


def bare(address: str, took: Any, body: dict[str, Any], most: int) -> list[float]:
    took.clear()
    with httpx.Client(trust_env=False) as client:
        since = []
        for _ in range(most):
            since.append(time.perf_counter())
            client.post(f"{address}/orders", json=body)
    return [at - begun for (at, _), begun in zip(took, since, strict=True)]


def measure(name: str, most: int, register: str | None = None) -> None:
    with tempfile.TemporaryDirectory() as folder, endpoint() as (address, took):
        more = {} if register is None else {"QALQAN_REGISTER": register}
        told = Settings(home=Path(folder), **more)
        database, keys = founded(told, address)
        ours = spread(deliveries(database, keys, told, took, most))
        body = json.loads(took[-1][1])
        peer = spread(bare(address, took, body, most))
        database.close()
    for which, mine, theirs in zip(("p50", "p95"), ours, peer, strict=True):
        notes = f"{name}; decided to read by the endpoint, worker with all lanes, one at a time"
        show(f"order delivered, {which}", "ms", mine, "bare POST", theirs, most, notes)


def main(which: Sequence[str], most: int) -> None:
    if "sqlite" in which:
        measure("SQLite", most)
    if "postgresql" in which and (folder := programs()) is not None:
        with closing(Server(folder, durable=True)) as server:
            measure("PostgreSQL", most, server.address)


if __name__ == "__main__":
    numbers = [int(one) for one in sys.argv[1:] if one.isdigit()]
    named = [one for one in sys.argv[1:] if one in ("sqlite", "postgresql")]
    main(named or ["sqlite", "postgresql"], *(numbers[:1] or [ORDERS]))
