"""The worker does what is due, gives back what failed, and stops when told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from qalqan.errors import Unavailable
from qalqan.register import jobs, orm
from qalqan.register.database import Database
from qalqan.register.jobs import Leased
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


def test_the_worker_seals_what_landed_and_stops_when_told(
    database: Database, keys: Keys, tmp_path: Path
) -> None:
    stop = threading.Event()
    settings = Settings(home=tmp_path)
    thread = threading.Thread(target=loop.run, args=(database, keys, settings, stop))
    thread.start()
    try:
        for _ in range(3000):
            if sorted(key for key, *_ in waiting(database)) == ["all", "lake"]:
                break  # the clocks were looked at, and whether the lake has busy days
            stop.wait(0.01)
    finally:
        stop.set()
        thread.join()
    left = sorted((key, state) for key, state, *_ in waiting(database))
    assert left == [("all", "queued"), ("lake", "queued")]
