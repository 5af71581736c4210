"""The worker does what is due, gives back what failed, and stops when told."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import select

from peers.postgresql import Server, programs
from qalqan.clock import SharedClock
from qalqan.errors import Unavailable
from qalqan.register import jobs, orm
from qalqan.register.database import Database
from qalqan.register.jobs import Leased
from qalqan.register.leases import hold
from qalqan.settings import Settings
from qalqan.trust.keys import Keys
from qalqan.work import loop


def waiting(database: Database) -> list[tuple[str, str, int, str | None]]:
    with database.session() as session:
        rows = session.scalars(select(orm.Job).order_by(orm.Job.id))
        return [(row.key, row.state, row.attempts, row.last_error) for row in rows]


def put(database: Database, *keys: str) -> None:
    with database.write() as session:
        for key in keys:
            jobs.put(session, "thing", key)


def lane(handler: Callable[[Leased], None]) -> loop.Lane:
    return loop.Lane("test", {"thing": handler})


def test_jobs_are_done_in_the_order_they_fell_due(database: Database) -> None:
    put(database, "a", "b")
    done: list[str] = []

    def handler(job: Leased) -> None:
        done.append(job.key)
        jobs.done(database, job)

    while loop._one(database, lane(handler), "w", threading.Event()):
        pass
    assert done == ["a", "b"]
    assert waiting(database) == []


@pytest.mark.parametrize("error", [Unavailable("x"), ValueError("KZ86 1234 5678"), KeyError(1)])
def test_a_job_that_fails_is_given_back_with_the_errors_name(
    error: Exception, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    put(database, "a")

    def handler(job: Leased) -> None:
        raise error

    assert loop._one(database, lane(handler), "w", threading.Event())
    assert waiting(database) == [("a", "queued", 1, type(error).__name__)]
    assert "1234" not in " ".join(record.getMessage() for record in caplog.records)


def test_one_bad_job_keeps_no_other_waiting(database: Database) -> None:
    put(database, "bad", "good")
    done: list[str] = []

    def handler(job: Leased) -> None:
        if job.key == "bad":
            raise ValueError
        done.append(job.key)
        jobs.done(database, job)

    while loop._one(database, lane(handler), "w", threading.Event()):
        pass
    assert done == ["good"]


def test_a_job_that_finds_a_lock_taken_is_put_off_without_blame(
    database: Database, stopped_clock: SharedClock
) -> None:
    put(database, "a")
    tried: list[int] = []

    def handler(job: Leased) -> None:
        tried.append(job.attempt)
        if len(tried) < 12:
            with hold(database, "seal", 60), hold(database, "seal", 60):
                raise AssertionError
        jobs.done(database, job)

    while len(tried) < 12:
        assert loop._one(database, lane(handler), "w", threading.Event())
        stopped_clock.set(stopped_clock.now_us() + loop.AGAIN_US)
    assert tried == [1] * 12
    assert waiting(database) == []


@pytest.fixture
def restarting() -> Iterator[Server]:
    """A PostgreSQL server of this test."""
    folder = programs()
    if folder is None:
        if os.environ.get("CI") == "true":
            pytest.fail("this test needs PostgreSQL")
        pytest.skip("this test needs PostgreSQL")
    with closing(Server(folder)) as server:
        yield server


def test_the_worker_outlives_its_register_and_finishes_what_it_had_in_hand(
    restarting: Server,
) -> None:
    tried: list[tuple[str, int]] = []
    stop, in_hand, away = threading.Event(), threading.Event(), threading.Event()
    with closing(Database(restarting.address)) as database:
        database.migrate()

        def handler(job: Leased) -> None:
            tried.append((job.key, job.attempt))
            if len(tried) == 1:
                in_hand.set()
                away.wait(30)
            jobs.done(database, job)
            if len(tried) == 3:
                stop.set()

        thread = threading.Thread(target=loop._work, args=(database, lane(handler), stop))
        put(database, "first")
        thread.start()
        in_hand.wait(30)
        restarting.stop("fast")
        away.set()
        restarting.start()
        restarting.stop("immediate")
        restarting.start()
        put(database, "last")
        thread.join(60)
        assert sorted(tried) == [("first", 1), ("first", 1), ("last", 1)]
        assert waiting(database) == []


def test_the_worker_seals_what_landed_and_stops_when_told(
    database: Database, keys: Keys, tmp_path: Path
) -> None:
    stop = threading.Event()
    settings = Settings(home=tmp_path)
    thread = threading.Thread(target=loop.run, args=(database, keys, settings, stop))
    thread.start()
    try:
        for _ in range(3000):
            left = waiting(database)
            if {"all", "lake"} <= {key for key, *_ in left} and "orders" not in {
                key for key, *_ in left
            }:
                break  # the clocks and standings were looked at, and whether the lake has busy days
            stop.wait(0.01)
    finally:
        stop.set()
        thread.join()
    assert {state for _, state, *_ in waiting(database)} == {"queued"}
