"""The machine's clock is set back or forward: nothing stands still, nothing counts twice."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.clock import HOUR, MINUTE, SECOND
from qalqan.errors import Conflict
from qalqan.register import jobs, jumps
from qalqan.register.database import Database
from qalqan.register.leases import hold
from qalqan.register.orm import Job, Number

Set = Callable[[int], None]


@pytest.fixture
def server(either_server: str | None) -> str | None:
    return either_server


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> Set:
    """`set_clock(us)` moves this machine's clock by so much."""
    monkeypatch.delenv("QALQAN_CLOCK", raising=False)
    real, moved = clock.wall_us, [0]
    monkeypatch.setattr(clock, "wall_us", lambda: real() + moved[0])

    def move(by_us: int) -> None:
        moved[0] += by_us

    return move


def queued(database: Database, *kinds: str, after_us: int = 0) -> None:
    with database.write() as session:
        for kind in kinds:
            jobs.put(session, kind, "one", clock.now_us() + after_us)


def state(database: Database) -> dict[str, tuple[int, int]]:
    """Kind → (due, made), microseconds from now."""
    now = clock.now_us()
    with database.session() as session:
        rows = session.execute(select(Job.kind, Job.due_us, Job.created_us)).all()
    return {kind: (due - now, made - now) for kind, due, made in rows}


def test_a_dead_workers_job_does_not_wait_for_a_clock_set_back(
    database: Database, set_clock: Set
) -> None:
    queued(database, "seal")
    assert jobs.lease(database, "dead") is not None
    set_clock(-3 * HOUR)
    taken = jobs.lease(database, "alive")
    assert taken is not None
    jobs.done(database, taken)


def test_a_dead_holders_lock_does_not_either(database: Database, set_clock: Set) -> None:
    with hold(database, "seal", 8) as held:
        set_clock(-3 * HOUR)
        with hold(database, "seal", 8):
            pass
        with pytest.raises(Conflict), database.write() as session:
            held.check(session)


def test_a_small_difference_of_clocks_takes_nothing_from_the_living(
    database: Database, set_clock: Set
) -> None:
    queued(database, "seal")
    assert jobs.lease(database, "alive") is not None
    with hold(database, "seal", 8):
        set_clock(-MINUTE)
        assert jobs.lease(database, "other") is None
        with pytest.raises(Conflict), hold(database, "seal", 8):
            pass


def counted(session: Session) -> None:
    """An effect in the register that must happen once."""
    if session.get(Number, "jobs") is None:
        session.add(Number(name="jobs", last=0))
        session.flush()
    session.execute(update(Number).where(Number.name == "jobs").values(last=Number.last + 1))


def test_a_clock_set_forward_lets_two_work_and_one_count(
    database: Database, set_clock: Set
) -> None:
    queued(database, "pursue")
    first = jobs.lease(database, "first")
    assert first is not None
    set_clock(3 * HOUR)
    second = jobs.lease(database, "second")
    assert second is not None
    assert second.id == first.id
    with database.write() as session:
        counted(session)
        jobs.finish(session, second)

    def late() -> None:
        with database.write() as session:
            counted(session)
            jobs.finish(session, first)

    with pytest.raises(Conflict):
        late()
    with database.session() as session:
        assert session.scalar(select(Number.last)) == 1


def test_jobs_made_by_a_clock_that_was_ahead_keep_their_distance_from_now(
    database: Database, set_clock: Set
) -> None:
    queued(database, "clocks", after_us=HOUR)
    set_clock(4 * HOUR)
    queued(database, "seal")
    queued(database, "deliver", after_us=2 * MINUTE)
    set_clock(-4 * HOUR)
    queued(database, "keep", after_us=HOUR)  # another lane has one by the right clock already
    assert jobs.lease(database, "alive") is None
    assert jumps.mend(database) > 3 * HOUR
    (seal, made), (deliver, _), (clocks, _) = (
        state(database)[kind] for kind in ("seal", "deliver", "clocks")
    )
    assert seal <= 0
    assert made <= 0
    assert MINUTE < deliver <= 2 * MINUTE
    assert HOUR - MINUTE < clocks <= HOUR  # it was made before; nobody touches it
    taken = jobs.lease(database, "alive")
    assert taken is not None
    assert taken.kind == "seal"
    assert jumps.mend(database) == 0


def test_a_job_put_off_by_a_clock_that_was_ahead_is_moved_with_it(
    database: Database, set_clock: Set
) -> None:
    queued(database, "deliver")
    set_clock(4 * HOUR)
    taken = jobs.lease(database, "w")
    assert taken is not None
    jobs.failed(database, taken, "Unavailable", clock.now_us() + MINUTE)
    queued(database, "seal")
    set_clock(-4 * HOUR)
    assert jumps.mend(database) > 0
    due, _ = state(database)["deliver"]
    assert -SECOND <= due <= MINUTE


def test_a_parked_job_of_the_wrong_time_is_told_of_once(database: Database, set_clock: Set) -> None:
    set_clock(4 * HOUR)
    queued(database, "seal")
    with database.write() as session:
        session.execute(update(Job).values(state="parked"))
    set_clock(-4 * HOUR)
    assert jumps.mend(database) > 0
    assert jumps.mend(database) == 0


def test_an_empty_queue_and_a_right_clock_are_left_alone(database: Database) -> None:
    assert jumps.mend(database) == 0
    queued(database, "seal", after_us=HOUR)
    before = state(database)["seal"][0]
    assert jumps.mend(database) == 0
    assert abs(state(database)["seal"][0] - before) < MINUTE
