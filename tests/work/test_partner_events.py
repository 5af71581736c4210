"""REQ-19, 44: what partners are told besides orders reaches an endpoint that was away, in its
order, once in effect; signed, with the time of signing."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from qalqan.cases import partner_watch, reach
from qalqan.clock import DAY, HOUR, SECOND, SharedClock, wall_us
from qalqan.register import jobs, orm, partner_events, partner_keys, partners
from qalqan.register.database import Database
from qalqan.trust import signing
from qalqan.trust.keys import Keys
from qalqan.work.delivery import Post

NOON = 1_767_250_800_000_000
NAMES = {"kk": "a", "ru": "a", "en": "a"}


@dataclass
class Hook:
    """A partner's address for events: what it took, and what it says to the next one."""

    address: str = ""
    took: list[str] = field(default_factory=list)
    says: list[int] = field(default_factory=list)
    """One a request; none left: 204."""


@pytest.fixture(scope="module")
def serving() -> Iterator[Hook]:
    told = Hook()

    class Desk(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status = told.says.pop(0) if told.says else 204
            if status != 503:
                told.took.append(json.loads(body)["event"])
            self.send_response(204 if status == 0 else status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Desk) as server:
        told.address = f"http://127.0.0.1:{server.server_port}/events"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield told
        server.shutdown()
        thread.join()


@pytest.fixture
def hook(serving: Hook) -> Hook:
    serving.took.clear()
    serving.says.clear()
    return serving


@pytest.fixture
def post(database: Database, keys: Keys, hook: Hook, stopped_clock: SharedClock) -> Iterator[Post]:
    stopped_clock.set(NOON)
    with database.write() as session:
        partners.add_partner(session, "altyn", "bank", NAMES, events_to=hook.address)
        partners.add_partner(session, "bereke", "bank", NAMES)
    with closing(Post(database, keys)) as post:
        yield post


def happen(database: Database, *kinds: str, partner: str = "altyn") -> None:
    with database.write() as session:
        for number, kind in enumerate(kinds):
            partner_events.note(session, partner, kind, NOON + number, order=f"O-{kind}")


def work(database: Database, post: Post) -> bool:
    """As the worker's lane does it."""
    job = jobs.lease(database, "w", post.handlers)
    if job is not None:
        post.handlers[job.kind](job)
    return job is not None


def read(hook: Hook, keys: Keys) -> list[dict[str, Any]]:
    return [signing.verify(jws, keys.verify_key_pem) for jws in hook.took]


def test_events_are_pushed_in_their_order_and_signed_with_the_time(
    database: Database, post: Post, hook: Hook, keys: Keys
) -> None:
    happen(database, "b", "a")
    assert work(database, post)
    assert [(one["event"], one["kind"], one["order"]) for one in read(hook, keys)] == [
        (1, "b", "O-b"), (2, "a", "O-a"),
    ]  # fmt: skip
    head = hook.took[0].split(".")[0]
    signed_s = json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))["iat"]
    assert abs(signed_s - wall_us() // SECOND) < 60
    assert not work(database, post)


def test_a_partner_that_is_away_gets_all_of_it_in_order(
    database: Database, post: Post, hook: Hook, keys: Keys, stopped_clock: SharedClock
) -> None:
    hook.says = [204, 503, 503, 503, 503, 503, 503]
    happen(database, "1", "2")
    now, waited = NOON, []
    for _ in range(6):
        assert work(database, post)
        assert not work(database, post)
        with database.session() as session:
            job = session.query(orm.Job).filter_by(kind=partner_events.TELL).one()
            row = session.get_one(orm.Partner, "altyn")
            assert (row.failing_since_us, row.failure) == (NOON, "HTTP 503")
        waited.append(job.due_us - now)
        now = job.due_us
        stopped_clock.set(now)
    assert waited == [*reach.WAITS_US, reach.WAITS_US[-1]]
    happen(database, "3")
    assert work(database, post)
    assert [one["kind"] for one in read(hook, keys)] == ["1", "2", "3"]
    with database.session() as session:
        assert session.get_one(orm.Partner, "altyn").failing_since_us is None


def test_an_answer_that_was_lost_brings_the_event_again_under_its_number(
    database: Database, post: Post, hook: Hook, keys: Keys, stopped_clock: SharedClock
) -> None:
    hook.says = [500]  # it took the event, and we could not know
    happen(database, "1")
    work(database, post)
    stopped_clock.set(NOON + reach.WAITS_US[0])
    work(database, post)
    assert [one["event"] for one in read(hook, keys)] == [1, 1]


def test_what_commits_late_stands_behind_what_was_told(
    database: Database, post: Post, hook: Hook, keys: Keys
) -> None:
    happen(database, "1", partner="bereke")
    partner_events.place(database, "bereke")
    with database.write() as session:  # an id drawn earlier than its commit
        last = session.query(orm.PartnerEvent.id).one()[0]
        session.add(
            orm.PartnerEvent(id=last - 1, partner="bereke", kind="late", at_us=NOON, body={})
        )
    partner_events.place(database, "bereke")
    with database.session() as session:
        found = partner_events.page(session, "bereke", 0)
        assert [(one.place, one.kind) for one in found] == [(1, "1"), (2, "late")]
        assert [one.kind for one in partner_events.page(session, "bereke", 1)] == ["late"]


def test_old_events_go_and_the_numbers_go_on(
    database: Database, post: Post, stopped_clock: SharedClock
) -> None:
    happen(database, "1", "2", partner="bereke")
    partner_events.place(database, "bereke")
    stopped_clock.set(NOON + partner_events.KEPT_US + HOUR)
    happen(database, "3", partner="bereke")
    partner_events.place(database, "bereke")
    with database.session() as session:
        assert [one.place for one in partner_events.page(session, "bereke", 0)] == [3]


def test_a_partner_is_told_once_of_a_key_that_ends_and_of_what_was_refused(
    database: Database, post: Post, stopped_clock: SharedClock
) -> None:
    with database.write() as session:
        partner_keys.add_key(session, "bereke", "feed", "asel", until_us=wall_us() + DAY)
        for number in range(2):
            session.add(orm.Quarantined(
                batch="b", kind="payment", source="bereke", place=f"line {number}", field="amount",
                value_masked="x", expected="amount", record=b"", at_us=NOON,
            ))  # fmt: skip
    post.look()
    for _ in range(2):
        stopped_clock.set(stopped_clock.now_us() + DAY)
        assert work(database, post)
    partner_events.place(database, "bereke")
    with database.session() as session:
        found = partner_events.page(session, "bereke", 0)
        assert [one.kind for one in found] == [partner_watch.KEY_ENDS, partner_watch.REFUSED]
        assert (found[0].body["label"], found[1].body["records"]) == ("feed", 2)
