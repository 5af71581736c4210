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
        session.execute(
            update(Throttle)
            .where(Throttle.name.not_like("n:%"), Throttle.name != "all")
            .values(failures=10_000)
        )
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
            throttle.forgive(session, "aigul", "")
        assert not session.query(Throttle).filter(Throttle.failures > 0).count()


def test_all_logins_together_are_limited_by_the_minute(database: Database) -> None:
    with database.write() as session:
        for number in range(throttle.ALL_A_MINUTE):
            throttle.enter(session, f"login{number}", f"10.0.{number}.0")
        with pytest.raises(NotAllowed, match="patience"):
            throttle.enter(session, "aigul")
        wait(session, MINUTE, "all")
        throttle.enter(session, "aigul")


def test_one_network_is_limited_by_the_minute_and_keeps_nobody_else_out(database: Database) -> None:
    with database.write() as session:
        for number in range(throttle.NETWORK_A_MINUTE):
            throttle.enter(session, f"login{number}", "203.0.113.0")
        with pytest.raises(NotAllowed, match="patience"):
            throttle.enter(session, None, "203.0.113.0")
        throttle.enter(session, "aigul", "10.0.0.0")


def test_whoever_is_in_waits_for_no_stranger(database: Database) -> None:
    with database.write() as session:
        for number in range(throttle.ALL_A_MINUTE):
            throttle.enter(session, f"login{number}", f"10.0.{number}.0")
        with pytest.raises(NotAllowed):
            throttle.enter(session, "aigul")
        throttle.again(session, "aigul second factor")
        assert session.get_one(Throttle, throttle._name("aigul second factor")).failures == 1


def test_what_is_a_day_old_is_not_kept(database: Database) -> None:
    with database.write() as session:
        throttle.enter(session, "aigul", "10.0.0.0")
        wait(session, throttle.FORGOTTEN_US + 1)
        throttle.enter(session, "dana", "10.0.1.0")
        assert session.query(Throttle).count() == 3


def test_a_clock_that_was_ahead_locks_nobody_out(database: Database) -> None:
    with database.write() as session:
        for _ in range(throttle.FREE):
            throttle.enter(session, "aigul")
        session.execute(update(Throttle).where(Throttle.name == "all").values(failures=600))
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
    assert max(len(name) for name in names) == len("n:") + 8
