"""Slows down guessing of passwords: of one login, and of all logins together.

Five failures are free; then each further try has to wait, twice as long each time, up to a
quarter of an hour: an officer who mistyped waits seconds, a guesser gets about a hundred tries
a day. All logins together may fail sixty times a minute, which stops one password being tried
on everybody. A try is counted before the password is checked, so tries sent at once don't slip
through. What a clock noted that was since set back keeps nobody waiting.
"""

from __future__ import annotations

import hashlib
from typing import cast

from sqlalchemy import Table, delete
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.errors import NotAllowed
from qalqan.register import dialect
from qalqan.register.orm import Throttle

_THROTTLES = cast(Table, Throttle.__table__)
FREE = 5
FIRST_WAIT_US = 2 * clock.SECOND
LONGEST_WAIT_US = 15 * clock.MINUTE
FORGOTTEN_US = clock.DAY
ALL_A_MINUTE = 60
AHEAD_US = 5 * clock.MINUTE
"""So far the clocks of servers may differ."""
_ALL = "all"


def enter(session: Session, login: str) -> None:
    """Count a try, or `NotAllowed` if it comes too early; a write transaction."""
    now = clock.wall_us()
    _enter_all(session, now)
    own = _row(session, _name(login), now)
    if now - own.last_wall_us >= FORGOTTEN_US:
        own.failures = 0
    if own.failures >= FREE and -AHEAD_US <= now - own.last_wall_us < _wait(own.failures):
        raise NotAllowed("sign_in", "patience")
    own.failures += 1
    own.last_wall_us = now


def forgive(session: Session, login: str) -> None:
    """Forget the failures of a login that has just proved itself."""
    everybody = _row(session, _ALL, clock.wall_us())  # in the order of `enter`: no deadlock
    everybody.failures = max(0, everybody.failures - 1)
    session.execute(delete(Throttle).where(Throttle.name == _name(login)))


def _enter_all(session: Session, now: int) -> None:
    """`last_wall_us` is here the start of the minute that is counted."""
    everybody = _row(session, _ALL, now)
    if not -AHEAD_US <= now - everybody.last_wall_us < clock.MINUTE:
        everybody.failures, everybody.last_wall_us = 0, now
    if everybody.failures >= ALL_A_MINUTE:
        raise NotAllowed("sign_in", "patience")
    everybody.failures += 1


def _row(session: Session, name: str, now: int) -> Throttle:
    """The row, made if need be, locked until the transaction ends."""
    new = dialect.insert(session, _THROTTLES).values(name=name, failures=0, last_wall_us=now)
    session.execute(new.on_conflict_do_nothing())
    return session.get_one(Throttle, name, with_for_update=True, populate_existing=True)


def _wait(failures: int) -> int:
    return min(LONGEST_WAIT_US, FIRST_WAIT_US << min(failures - FREE, 20))


def _name(login: str) -> str:
    """People type passwords where the login goes: 32 bits of a hash tell none of it."""
    return hashlib.sha256(login.encode()).hexdigest()[:8]
