"""Four workers on one register: sealing, clocks and detection happen once, and none is blamed
for having come second."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pyarrow as pa
from sqlalchemy import select

from qalqan.cases import delivery
from qalqan.cases.orders import Event
from qalqan.cases.policy import install_default_policy
from qalqan.cases.reports import ReportIn, take_report
from qalqan.clock import DAY, HOUR, MINUTE, SharedClock
from qalqan.lake.engine import DuckEngine
from qalqan.lake.hand_in import Centre, HandIn
from qalqan.lake.intake import take
from qalqan.register import jobs, orm, partners
from qalqan.register.database import Database
from qalqan.settings import Settings
from qalqan.trust.keys import Keys
from qalqan.work import bookkeeping, loop

WORKERS = 4
FACTS = 120
NAMES = {"kk": "x", "ru": "x", "en": "x"}


@contextmanager
def workers(database: Database, keys: Keys, settings: Settings) -> Iterator[None]:
    """Four of them at work, each with connections of its own."""
    stop = threading.Event()
    with ExitStack() as own:
        registers = [own.enter_context(closing(Database(database.url))) for _ in range(WORKERS)]
        threads = [
            threading.Thread(target=loop.run, args=(each, keys, settings, stop))
            for each in registers
        ]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            stop.set()
            for thread in threads:
                thread.join()


def until(rested: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(1200):
        if rested():
            return
        pause.wait(0.05)
    raise AssertionError("the workers never came to rest")


def landed(database: Database, keys: Keys, first: int, lake_root: str, at_us: int) -> None:
    rows = [
        {
            "id": f"p{number}", "at_us": at_us, "side": "payer", "payer_account": "211:A",
            "payee_account": "223:B", "amount": 1, "currency": "KZT", "instrument": "transfer",
        }
        for number in range(first, first + 3)
    ]  # fmt: skip
    centre, hand_in = Centre(database, keys, lake_root), HandIn("payment", "altyn", "t")
    taken = take(centre, hand_in, pa.Table.from_pylist(rows))
    assert taken.accepted == 3


def overdue(database: Database, keys: Keys, clock: SharedClock) -> str:
    """An order that its bank got, and did not answer within a day."""
    now = clock.now_us()
    with database.write() as session:
        partners.add_partner(session, "altyn", "bank", NAMES, bank_code="211")
        partners.add_partner(session, "hotline", "channel", NAMES)
        install_default_policy(session, ["a", "b"])
    body = ReportIn(
        methods=["28"], region="KZ-75", language="kk", victim_iin="900101300017",
        payer_account="211:V1", payee_account="223:D1", amount=100, crime_us=now - 2 * HOUR,
        discovered_us=now - HOUR, reported_us=now,
    )  # fmt: skip
    take_report(database, keys, body, "hotline")
    delivery.sign_waiting(database, keys, "altyn")
    (offered,) = delivery.offer(database, keys, "altyn").orders
    with database.session() as session:
        due = session.get_one(orm.Order, offered.id).due_us
    assert due is not None
    clock.set(due + MINUTE // 2)
    return offered.id


def test_what_many_could_do_is_done_once(
    database: Database, keys: Keys, stopped_clock: SharedClock, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path)
    order = overdue(database, keys, stopped_clock)
    at_us = stopped_clock.now_us() - DAY
    with database.write() as session:
        jobs.put(session, bookkeeping.DETECT, "all")
    with workers(database, keys, settings):
        for first in range(0, FACTS, 3):
            landed(database, keys, first, settings.lake_root, at_us)
        until(lambda: _is_at_rest(database))
    with database.session() as session:
        left = Counter((job.kind, job.state) for job in session.scalars(select(orm.Job)))
        reminded = session.scalars(
            select(orm.OrderEvent).where(
                orm.OrderEvent.order_id == order, orm.OrderEvent.event == Event.REMIND
            )
        ).all()
        sealed = [row.rows for row in session.scalars(select(orm.Seal))]
        leases = session.scalars(select(orm.Lease)).all()
    assert len(reminded) == 1
    assert sum(sealed) == FACTS
    assert left[bookkeeping.DETECT, "queued"] == left["clocks", "queued"] == 1
    assert {state for _, state in left} == {"queued"}  # for later
    assert set(left.values()) == {1}
    assert leases == []
    with closing(DuckEngine(settings.lake_root)) as engine:
        ids = Counter(engine.run(engine.table("payment"))["id"].to_pylist())
    assert set(ids.values()) == {1}
    assert len(ids) == FACTS


def _is_at_rest(database: Database) -> bool:
    with database.session() as session:
        left = jobs.pending(session)
    return not (left.due or left.leased or left.landing)
