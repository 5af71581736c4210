from __future__ import annotations

import random
import signal
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from sqlalchemy import update

from qalqan.clock import SharedClock
from qalqan.errors import Conflict
from qalqan.register import audit, jobs
from qalqan.register.database import Database
from qalqan.register.jobs import Leased, Pending
from qalqan.register.orm import Audit, Job
from register.test_jobs_model import count, put, run_out

NOON = 1_767_250_800_000_000


def take(database: Database, owner: str = "w") -> Leased:
    job = jobs.lease(database, owner)
    assert job is not None
    return job


def test_a_job_is_taken_when_due_and_leaves_when_done(
    database: Database, stopped_clock: SharedClock
) -> None:
    put(database, "deliver", "O-1", NOON + 5, order="O-1")
    assert jobs.lease(database, "w") is None
    assert count(database) == Pending(0, 0, 0, 0, NOON + 5)
    stopped_clock.set(NOON + 5)
    job = take(database)
    assert (job.kind, job.key, job.payload, job.attempt) == ("deliver", "O-1", {"order": "O-1"}, 1)
    assert count(database) == Pending(0, 1, 0, 0, None)
    jobs.done(database, job)
    assert count(database) == Pending(0, 0, 0, 0, None)


def test_the_job_due_longest_comes_first_of_the_kinds_asked(
    database: Database, stopped_clock: SharedClock
) -> None:
    put(database, "pursue", "b", NOON - 1)
    put(database, "pursue", "a", NOON - 2)
    put(database, "seal", "lake", NOON)
    seal = jobs.lease(database, "w", {"seal", "detect"})
    assert seal is not None
    assert seal.kind == "seal"
    assert [take(database).key, take(database).key] == ["a", "b"]


def test_a_job_that_waits_is_not_doubled(database: Database, stopped_clock: SharedClock) -> None:
    put(database, "pursue", "C-1", NOON + 9, after=1)
    put(database, "pursue", "C-1", NOON + 4, after=2)
    put(database, "pursue", "C-1", NOON + 7, after=3)
    assert count(database).next_due_us == NOON + 4
    stopped_clock.set(NOON + 10)
    assert take(database).payload == {"after": 3}
    assert jobs.lease(database, "w") is None


def test_new_work_waits_while_the_same_runs(database: Database) -> None:
    put(database, "pursue", "C-1", after=1)
    first = take(database)
    put(database, "pursue", "C-1", after=2)
    assert jobs.lease(database, "other") is None
    jobs.done(database, first)
    assert take(database).payload == {"after": 2}


def test_a_lease_that_ran_out_is_taken_again_and_the_first_holder_finds_out(
    database: Database,
) -> None:
    put(database, "seal", "lake")
    slow = take(database)
    run_out(database)
    again = take(database)
    assert (again.id, again.attempt) == (slow.id, 2)
    for late in (jobs.done, jobs.renew):
        with pytest.raises(Conflict):
            late(database, slow)
    with pytest.raises(Conflict):
        jobs.failed(database, slow, "Unavailable", None)
    with pytest.raises(Conflict):
        _do(database, slow)
    jobs.done(database, again)
    assert _effects(database) == {}


def test_a_renewed_lease_does_not_run_out(database: Database) -> None:
    put(database, "seal", "lake")
    job = take(database)
    run_out(database)
    jobs.renew(database, job)
    assert jobs.lease(database, "other") is None


def test_failures_retry_then_park(database: Database, stopped_clock: SharedClock) -> None:
    put(database, "deliver", "O-1")
    for attempt in range(1, 9):
        job = take(database)
        assert job.attempt == attempt
        jobs.failed(database, job, "Unavailable", NOON)
    assert count(database) == Pending(0, 0, 0, 1, None)
    put(database, "deliver", "O-2")
    jobs.failed(database, take(database), "ContractBroken", None)
    assert count(database).parked == 2


def test_a_worker_that_dies_each_time_parks_the_job(database: Database) -> None:
    put(database, "detect", "night")
    for _ in range(8):
        take(database)
        run_out(database)
    assert jobs.lease(database, "w") is None
    assert count(database).parked == 1


def test_a_failure_gives_way_to_newer_work_but_is_remembered(
    database: Database, stopped_clock: SharedClock
) -> None:
    put(database, "pursue", "C-1", after=1)
    job = take(database)
    put(database, "pursue", "C-1", NOON + 3, after=2)
    jobs.failed(database, job, "Unavailable", NOON + 60)
    stopped_clock.set(NOON + 3)
    newer = take(database)
    assert (newer.payload, newer.attempt) == ({"after": 2}, 2)


def test_a_job_put_off_bears_no_blame(database: Database, stopped_clock: SharedClock) -> None:
    put(database, "seal", "lake")
    for turn in range(20):
        job = take(database)
        assert job.attempt == 1
        jobs.put_off(database, job, NOON + turn)
        stopped_clock.set(NOON + turn)
    assert count(database) == Pending(1, 0, 0, 0, NOON + 19)
    slow = take(database)
    run_out(database)
    take(database)
    with pytest.raises(Conflict):
        jobs.put_off(database, slow, NOON)


def test_a_job_put_off_gives_way_to_newer_work(
    database: Database, stopped_clock: SharedClock
) -> None:
    put(database, "pursue", "C-1", after=1)
    job = take(database)
    put(database, "pursue", "C-1", NOON + 3, after=2)
    jobs.put_off(database, job, NOON + 1)
    assert count(database) == Pending(0, 0, 0, 0, NOON + 3)
    stopped_clock.set(NOON + 3)
    assert (take(database).payload, count(database).leased) == ({"after": 2}, 1)


def test_waking_leaves_alone_what_waits(database: Database, stopped_clock: SharedClock) -> None:
    put(database, "seal", "lake", NOON - 5, rows=1)
    for _ in range(2):
        with database.write() as session:
            jobs.wake(session, "seal", "lake")
    job = take(database)
    assert (job.due_us, job.payload) == (NOON - 5, {"rows": 1})
    with database.write() as session:
        jobs.wake(session, "seal", "lake")
        jobs.wake(session, "seal", "lake")
    assert count(database) == Pending(1, 1, 0, 0, NOON)


def test_what_is_queued_goes_with_what_caused_it(database: Database) -> None:
    with suppress(KeyError), database.write() as session:
        jobs.put(session, "seal", "lake")
        raise KeyError
    with database.write() as session:
        with suppress(KeyError), session.begin_nested():
            raise KeyError
        jobs.put(session, "pursue", "C-1")
    assert (take(database).kind, count(database)) == ("pursue", Pending(0, 1, 0, 0, None))


def test_writers_who_queue_the_same_jobs_never_wait_in_a_ring(database: Database) -> None:
    def queue(number: int) -> None:
        keys = ("a", "b", "c") if number % 2 else ("c", "b", "a")
        with database.write() as session:
            for key in keys:
                jobs.put(session, "deliver", key)

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(queue, range(120)))
    assert count(database).due == 3


def test_a_job_given_back_in_the_moment_its_twin_is_queued(database: Database) -> None:
    def queue(_: int) -> None:
        put(database, "pursue", "C-1")

    def fail(_: int) -> None:
        if (job := jobs.lease(database, "w")) is not None:
            jobs.failed(database, job, "Unavailable", 0)

    put(database, "pursue", "C-1")
    with ThreadPoolExecutor(4) as pool:
        for turns in ([pool.submit(act, n) for act in (queue, fail)] for n in range(60)):
            for turn in turns:
                turn.result()
    left = count(database)
    assert left.leased == 0
    assert left.due + left.parked > 0


def _do(database: Database, job: Leased) -> None:
    """The job's effect, an audit row, in the transaction that ends it."""
    with database.write() as session:
        audit.note(session, job.owner, "work", "job", job.key)
        jobs.finish(session, job)


def _work(database: Database, owner: str) -> None:
    while (job := jobs.lease(database, owner)) is not None:
        with suppress(Conflict):
            _do(database, job)


def _effects(database: Database) -> Counter[str]:
    with database.session() as session:
        return Counter(row.object for row in session.query(Audit))


def test_many_threads_and_lost_leases_give_each_job_one_effect(database: Database) -> None:
    with database.write() as session:
        for number in range(60):
            jobs.put(session, "work", f"{number % 40}", part=number)
    chance = random.Random(1)

    def disturb(_: int) -> None:
        with database.write() as session:
            session.execute(
                update(Job)
                .where(Job.state == "leased", Job.attempts < 6, Job.id % 3 == chance.randrange(3))
                .values(lease_until_wall_us=0)
            )

    with ThreadPoolExecutor(6) as pool:
        workers = [pool.submit(_work, database, f"w{number}") for number in range(4)]
        list(pool.map(disturb, range(40)))
        for worker in workers:
            worker.result()
    _work(database, "last")
    assert _effects(database) == {str(number): 1 for number in range(40)}
    assert count(database) == Pending(0, 0, 0, 0, None)


_WORKER = """
import os, signal, sys
from qalqan.errors import Conflict
from qalqan.register import audit, jobs
from qalqan.register.database import Database
database, die_at = Database(sys.argv[1]), int(sys.argv[2])
turn = 0
while (job := jobs.lease(database, f"p{os.getpid()}")) is not None:
    turn += 1
    with database.write() as session:
        audit.note(session, "p", "work", "job", job.key)
        session.flush()
        if turn == die_at:
            os.kill(os.getpid(), signal.SIGKILL)
        jobs.finish(session, job)
"""


def test_processes_share_the_work_and_one_is_killed(database: Database) -> None:
    with database.write() as session:
        for number in range(40):
            jobs.put(session, "work", str(number))
    started = [
        subprocess.Popen([sys.executable, "-c", _WORKER, database.url, str(die_at)])
        for die_at in (3, 0, 0)
    ]
    codes = [process.wait() for process in started]
    assert codes[1:] == [0, 0]
    assert codes[0] in (0, -signal.SIGKILL)  # the others may leave it fewer than three
    run_out(database)
    _work(database, "next")
    assert _effects(database) == {str(number): 1 for number in range(40)}
