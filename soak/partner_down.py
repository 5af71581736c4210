"""A partner's endpoint is down for a day, by turns refusing, hanging up, and taking without saying
so: it gets every order and event all the same, in their order, once in effect (REQ-19, 44).

`python soak/partner_down.py [hours]`. The clock is compressed: a day of orders, one each five
minutes, and of retries takes a minute. Prints one JSON line.
"""

from __future__ import annotations

import json
import sys
import tempfile
import threading
import time
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from os import environ
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1] / "bench"))

from deliver import NAMES, decide
from qalqan.cases import order_book
from qalqan.clock import HOUR, MINUTE, SharedClock
from qalqan.register import jobs, orm, partner_events, partners
from qalqan.register.database import open_database
from qalqan.settings import Settings
from qalqan.trust import signing
from qalqan.trust.keys import Keys
from qalqan.work.delivery import Post

NOON = 1_795_503_600_000_000
EVERY_US = 5 * MINUTE
KINDS = (order_book.DELIVER, partner_events.TELL)


class Away:
    """The endpoint: `down` says what it does meanwhile."""

    def __init__(self) -> None:
        self.down = True
        self.requests = 0
        self.orders: list[str] = []
        self.events: list[str] = []

    def answer(self, desk: BaseHTTPRequestHandler) -> None:
        body = json.loads(desk.rfile.read(int(desk.headers["Content-Length"])))
        self.requests += 1
        turn = self.requests % 3 if self.down else 2
        if turn == 0:
            desk.close_connection = True  # hangs up without a word
            return
        if turn == 2 and not (self.down and self.requests % 50):
            self.take(body)
        status = 503 if self.down else 204  # down, it says no even to what it took
        desk.send_response(status)
        desk.send_header("Content-Length", "0")
        desk.end_headers()

    def take(self, body: dict[str, Any]) -> None:
        for name, kept in (("order", self.orders), ("event", self.events)):
            if name in body:
                kept.append(body[name])


def work(database: Any, post: Post) -> None:
    """All that is due now, as the worker's lane does it."""
    while (job := jobs.lease(database, "soak", KINDS)) is not None:
        post.handlers[job.kind](job)


def day(told: Settings, address: str, away: Away, hours: int) -> dict[str, Any]:
    keys, database = Keys.create(told.keys_file), open_database(told)
    database.migrate()
    now, shared = NOON, SharedClock.create(told.home / "clock", NOON)
    environ["QALQAN_CLOCK"] = str(told.home / "clock")
    with database.write() as session:
        partners.add_partner(
            session, "altyn", "bank", NAMES, bank_code="211", delivery="push", endpoint=address,
            events_to=f"{address}/events",
        )  # fmt: skip
        session.add(orm.Case(id="C-26-000001", region="KZ-75", opened_us=NOON))
    made = hours * HOUR // EVERY_US
    with closing(Post(database, keys)) as post:
        for number in range(made):
            decide(database, keys, number)
            for _ in range(5):
                work(database, post)
                now += MINUTE
                shared.set(now)
        refused = away.requests
        away.down = False
        for _ in range(11):  # the longest wait is ten minutes
            now += MINUTE
            shared.set(now)
            work(database, post)
    return checked(keys, away, made) | {"requests_while_down": refused}


def checked(keys: Keys, away: Away, made: int) -> dict[str, Any]:
    def read(told: list[str]) -> list[Any]:
        return [signing.verify(each, keys.verify_key_pem) for each in told]

    orders = list(dict.fromkeys(each["order"] for each in read(away.orders)))
    events = list(dict.fromkeys(each["event"] for each in read(away.events)))
    return {
        "orders": made, "orders_got": len(orders), "orders_in_order": orders == sorted(orders),
        "events_got": len(events), "events_in_order": events == list(range(1, len(events) + 1)),
        "came_twice": len(away.orders) + len(away.events) - len(orders) - len(events),
    }  # fmt: skip


def main(hours: int) -> int:
    away, start = Away(), time.monotonic()

    class Desk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            away.answer(self)

        def log_message(self, *_: object) -> None:
            pass

    with (
        tempfile.TemporaryDirectory() as folder,
        ThreadingHTTPServer(("127.0.0.1", 0), Desk) as server,
    ):
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        told = day(
            Settings(home=Path(folder)), f"http://127.0.0.1:{server.server_port}", away, hours
        )
        server.shutdown()
        serving.join()
    told |= {"hours": hours, "seconds": round(time.monotonic() - start, 1)}
    print(json.dumps({"name": "a partner down for a day", **told}))
    whole = told["orders_got"] == told["orders"] and told["events_got"] >= told["orders"]
    return 0 if whole and told["orders_in_order"] and told["events_in_order"] else 1


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 24))
