from __future__ import annotations

import pytest
from sqlalchemy import select, update

from qalqan.clock import SharedClock
from qalqan.errors import InputRejected, NotFound
from qalqan.register import jobs, queues
from qalqan.register.database import Database
from qalqan.register.orm import Audit, Job
from qalqan.register.queues import Queue

NOON = 1_767_250_800_000_000


def put(database: Database, kind: str, key: str, due_us: int | None = None) -> None:
    with database.write() as session:
        jobs.put(session, kind, key, due_us)


def park(database: Database, kind: str, key: str, error: str = "ValueError") -> int:
    put(database, kind, key)
    with database.write() as session:
        found = select(Job.id).where(Job.kind == kind, Job.key == key, Job.state == "queued")
        job_id = session.scalars(found).one()
        parked = {"state": "parked", "attempts": 8, "last_error": error}
        session.execute(update(Job).where(Job.id == job_id).values(**parked))
    return job_id


def test_each_kind_is_counted_by_what_becomes_of_it(
    database: Database, stopped_clock: SharedClock
) -> None:
    put(database, "deliver", "a", NOON - 7)
    put(database, "deliver", "b", NOON - 3)
    put(database, "deliver", "c", NOON + 1)
    put(database, "pursue", "x")
    assert jobs.lease(database, "w", {"pursue"}) is not None
    park(database, "pursue", "y")
    with database.session() as session:
        assert queues.queues(session) == [
            Queue("deliver", 2, 1, 0, 0, NOON - 7),
            Queue("pursue", 0, 0, 1, 1, None),
        ]


def test_what_was_given_up_stands_first(database: Database, stopped_clock: SharedClock) -> None:
    park(database, "seal", "z")
    put(database, "deliver", "late", NOON - 9)
    put(database, "deliver", "later", NOON + 9)
    parked = park(database, "deliver", "bad")
    with database.session() as session:
        assert [each.key for each in queues.entries(session, None, 9)] == ["z", "bad"]
        found = queues.entries(session, "deliver", 9)
        assert [each.key for each in found] == ["bad", "late", "later"]
        assert (found[0].id, found[0].error, found[0].attempts) == (parked, "ValueError", 8)
        assert [each.key for each in queues.entries(session, "deliver", 1, after=1)] == ["late"]


def notes(database: Database) -> list[tuple[str, str, str, str]]:
    with database.session() as session:
        rows = session.scalars(select(Audit).order_by(Audit.id))
        return [(row.actor, row.action, row.purpose, row.detail["key"]) for row in rows]


def test_a_parked_job_is_tried_again_as_if_new(database: Database) -> None:
    job_id = park(database, "deliver", "altyn")
    with database.write() as session:
        queues.retry(session, job_id, "asel")
    job = jobs.lease(database, "w")
    assert job is not None
    assert (job.id, job.attempt) == (job_id, 1)
    assert notes(database) == [("asel", "retry", "", "altyn")]
    with pytest.raises(NotFound), database.write() as session:
        queues.retry(session, job_id, "asel")


def test_a_newer_one_that_waits_does_the_work(database: Database) -> None:
    job_id = park(database, "deliver", "altyn")
    put(database, "deliver", "altyn")
    with database.write() as session:
        queues.retry(session, job_id, "asel")
    with database.session() as session:
        assert [each.state for each in queues.entries(session, "deliver", 9)] == ["queued"]


def test_a_dropped_job_is_gone_and_the_reason_is_kept(database: Database) -> None:
    job_id = park(database, "pursue", "C-26-000001")
    for reason in ("  ", "x" * 201):
        with pytest.raises(InputRejected), database.write() as session:
            queues.drop(session, job_id, "asel", reason)
    with database.write() as session:
        queues.drop(session, job_id, "asel", " closed by hand ")
    with database.session() as session:
        assert queues.entries(session, None, 9) == []
    assert notes(database) == [("asel", "drop", "closed by hand", "C-26-000001")]


def test_only_what_is_parked_can_be_moved(database: Database) -> None:
    put(database, "deliver", "altyn")
    with database.session() as session:
        (entry,) = queues.entries(session, "deliver", 9)
    with pytest.raises(NotFound), database.write() as session:
        queues.drop(session, entry.id, "asel", "because")
