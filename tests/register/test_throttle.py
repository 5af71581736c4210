from __future__ import annotations

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from qalqan.clock import DAY, MINUTE, SECOND
from qalqan.errors import NotAllowed
from qalqan.register import throttle
from qalqan.register.database import Database
from qalqan.register.orm import Throttle


def wait(session: Session, us: int, name: str | None = None) -> None:
    """Move the past further away, since wall time can't be moved."""
    moved = update(Throttle).values(last_wall_us=Throttle.last_wall_us - us)
    session.execute(moved if name is None else moved.where(Throttle.name == name))
    session.expire_all()


def test_five_tries_are_free_then_each_waits_twice_as_long(database: Database) -> None:
    with database.write() as session:
        for _ in range(throttle.FREE):
            throttle.enter(session, "aigul")
        for seconds in (2, 4, 8, 16):
            with pytest.raises(NotAllowed, match="patience"):
                throttle.enter(session, "aigul")
            wait(session, seconds * SECOND)
            throttle.enter(session, "aigul")
        throttle.enter(session, "nurlan")


def test_the_wait_has_an_end_and_a_day_forgets(database: Database) -> None:
    with database.write() as session:
        throttle.enter(session, "aigul")
        session.execute(update(Throttle).where(Throttle.name != "all").values(failures=10_000))
        session.expire_all()
        with pytest.raises(NotAllowed):
            throttle.enter(session, "aigul")
        wait(session, throttle.LONGEST_WAIT_US)
        throttle.enter(session, "aigul")
        wait(session, throttle.FORGOTTEN_US)
        for _ in range(throttle.FREE):
            throttle.enter(session, "aigul")


def test_success_forgives(database: Database) -> None:
    with database.write() as session:
        for _ in range(3 * throttle.FREE):
            throttle.enter(session, "aigul")
            throttle.forgive(session, "aigul")


def test_all_logins_together_are_limited_by_the_minute(database: Database) -> None:
    with database.write() as session:
        for number in range(throttle.ALL_A_MINUTE):
            throttle.enter(session, f"login{number}")
        with pytest.raises(NotAllowed, match="patience"):
            throttle.enter(session, "aigul")
        wait(session, MINUTE, "all")
        throttle.enter(session, "aigul")


def test_a_clock_that_was_ahead_locks_nobody_out(database: Database) -> None:
    with database.write() as session:
        for _ in range(throttle.FREE):
            throttle.enter(session, "aigul")
        session.execute(update(Throttle).where(Throttle.name == "all").values(failures=60))
        wait(session, -MINUTE)
        with pytest.raises(NotAllowed, match="patience"):
            throttle.enter(session, "aigul")
        wait(session, -DAY)
        throttle.enter(session, "aigul")
        with pytest.raises(NotAllowed, match="patience"):
            throttle.enter(session, "aigul")


def test_no_login_stands_in_the_table(database: Database) -> None:
    with database.write() as session:
        throttle.enter(session, "a password typed here")
        names = {row.name for row in session.query(Throttle)}
    assert "all" in names
    assert max(len(name) for name in names) == 8
