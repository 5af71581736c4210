"""REQ-19, 44: orders reach a partner that was away; a reminder is no new order."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from qalqan.cases import clocks, order_book, reach
from qalqan.cases.grounds import usual_ground
from qalqan.clock import HOUR, SharedClock
from qalqan.model.order import Kind, Order, State
from qalqan.register import jobs, orm, partners, pauses, vault
from qalqan.register.database import Database
from qalqan.trust import signing
from qalqan.trust.keys import Keys
from qalqan.work.delivery import PAUSED_US, Post

NOON = 1_767_250_800_000_000
NAMES = {"kk": "a", "ru": "a", "en": "a"}


@dataclass
class Bank:
    """A bank's end of the line: what it took, and what it says to the next order."""

    address: str = ""
    took: list[str] = field(default_factory=list)
    says: int = 202


@pytest.fixture
def bank() -> Iterator[Bank]:
    told = Bank()

    class Desk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if told.says == 202:
                told.took.append(json.loads(body)["order"])
            self.send_response(told.says)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Desk) as server:
        told.address = f"http://127.0.0.1:{server.server_port}"
        serving = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        serving.start()
        yield told
        server.shutdown()
        serving.join()


@pytest.fixture
def post(database: Database, keys: Keys, bank: Bank, stopped_clock: SharedClock) -> Iterator[Post]:
    """A delivery thread's handlers; one bank is pushed to, one pulls."""
    with database.write() as session:
        partners.add_partner(
            session, "altyn", "bank", NAMES, delivery="push", endpoint=bank.address
        )
        partners.add_partner(session, "bereke", "bank", NAMES)
        session.add(orm.Case(id="C-26-000001", region="KZ-75", opened_us=NOON))
    with closing(Post(database, keys)) as made:
        yield made


@pytest.fixture
def question(database: Database, keys: Keys) -> Callable[[str], Order]:
    """An approved question to a bank."""

    def asked(partner: str) -> Order:
        with database.write() as session:
            return order_book.draft(
                session,
                Order(
                    id="", case_id="C-26-000001", kind=Kind.STATEMENT, partner=partner,
                    state=State.DRAFTED, ground=usual_ground(Kind.STATEMENT, NOON).code,
                    drafted_by="policy:pursuit/1", idempotency_key=f"k {partner}",
                    created_us=NOON, account=vault.keep(session, keys, "account", "AAA:1"),
                    from_us=NOON - HOUR, due_us=NOON + HOUR,
                ),
            )  # fmt: skip

    return asked


def deliver(database: Database, post: Post) -> None:
    job = jobs.lease(database, "w", {order_book.DELIVER})
    assert job is not None
    post.deliver(job)


def queued(database: Database, kind: str) -> list[tuple[str, int]]:
    with database.session() as session:
        rows = session.query(orm.Job).filter(orm.Job.kind == kind)
        return [(row.key, row.due_us) for row in rows]


def states(database: Database) -> list[str]:
    with database.session() as session:
        return [order.state for order in order_book.find(session)]


def test_an_order_is_signed_and_pushed(
    database: Database, post: Post, bank: Bank, keys: Keys, question: Callable[[str], Order]
) -> None:
    order = question("altyn")
    deliver(database, post)
    assert [signing.verify(jws, keys.verify_key_pem)["order"] for jws in bank.took] == [order.id]
    assert states(database) == ["sent"]
    assert queued(database, order_book.DELIVER) == []


@pytest.mark.parametrize("says", [503, 404, 302, 401])
def test_a_bank_that_does_not_take_it_is_asked_again_later(
    says: int, database: Database, post: Post, bank: Bank, question: Callable[[str], Order],
    stopped_clock: SharedClock,
) -> None:  # fmt: skip
    question("altyn")
    bank.says = says
    deliver(database, post)
    assert states(database) == ["approved"]
    assert queued(database, order_book.DELIVER) == [("altyn", NOON + reach.WAITS_US[0])]
    bank.says = 202
    stopped_clock.set(NOON + reach.WAITS_US[0])
    deliver(database, post)
    assert (len(bank.took), states(database)) == (1, ["sent"])
    assert queued(database, order_book.DELIVER) == []


def test_an_order_to_a_bank_that_pulls_is_only_signed(
    database: Database, post: Post, bank: Bank, question: Callable[[str], Order]
) -> None:
    question("bereke")
    deliver(database, post)
    assert (bank.took, states(database)) == ([], ["approved"])


def test_a_reminder_is_the_same_order_and_a_bank_that_is_away_gets_the_next_one(
    database: Database, post: Post, bank: Bank, question: Callable[[str], Order]
) -> None:
    order = question("altyn")
    deliver(database, post)
    for says in (202, 503):
        bank.says = says
        with database.write() as session:
            jobs.put(session, clocks.REMIND, order.id)
        job = jobs.lease(database, "w", {clocks.REMIND})
        assert job is not None
        post.remind(job)
        assert queued(database, clocks.REMIND) == []
    assert len(bank.took) == 2
    assert bank.took[0] == bank.took[1]


def test_while_delivery_stands_still_nothing_is_signed_or_sent(
    database: Database, post: Post, bank: Bank, question: Callable[[str], Order],
    stopped_clock: SharedClock,
) -> None:  # fmt: skip
    with database.write() as session:
        pauses.pause(session, pauses.DELIVERY, "restore", "restored from a backup")
    question("altyn")
    handle(database, post)
    assert (bank.took, states(database)) == ([], ["approved"])
    assert queued(database, order_book.DELIVER) == [("altyn", NOON + PAUSED_US)]
    with database.write() as session:
        pauses.resume(session, pauses.DELIVERY, "aigul", "looked")
    stopped_clock.set(NOON + PAUSED_US)
    handle(database, post)
    assert (len(bank.took), states(database)) == (1, ["sent"])


def handle(database: Database, post: Post) -> None:
    """As the worker's lane does it."""
    job = jobs.lease(database, "w", post.handlers)
    assert job is not None
    post.handlers[job.kind](job)
