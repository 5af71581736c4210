"""Slows down guessing of passwords: of one login, from one network, and of all together.

Five failures are free; then each further try has to wait, twice as long each time, up to a
quarter of an hour: an officer who mistyped waits seconds, a guesser gets about a hundred tries
a day. Strangers may fail sixty times a minute from one network, and six hundred times from all,
which stops one password being tried on everybody; whoever has a session and proves himself anew
is not counted with them, so that no stranger keeps those out who are in. A try is counted before
the password is checked, so tries sent at once don't slip through. What a clock noted that was since
set back keeps nobody waiting.
"""

from __future__ import annotations

import hashlib
from typing import cast

from sqlalchemy import Table, delete
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.errors import NotAllowed, Overfull
from qalqan.register import dialect
from qalqan.register.orm import Throttle

_THROTTLES = cast(Table, Throttle.__table__)
FREE = 5
FIRST_WAIT_US = 2 * clock.SECOND
LONGEST_WAIT_US = 15 * clock.MINUTE
FORGOTTEN_US = clock.DAY
NETWORK_A_MINUTE, ALL_A_MINUTE = 60, 600
LETTERS_NETWORK, LETTERS_ALL = 20, 600
"""Letters an hour that strangers may write, from one network (a mobile network has thousands of
people behind an address) and from all: so many can be read."""
LOOK_UPS = 120
"""Numbers whose users an officer may ask for within an hour: a case has tens, a register of the
country is copied by thousands (REQ-50)."""
AHEAD_US = 5 * clock.MINUTE
"""So far the clocks of servers may differ."""
_ALL, _LETTERS = "all", "letters"


def enter(session: Session, login: str | None, network: str = "") -> None:
    """Count a stranger's try, or `NotAllowed` if it comes too early; a write transaction. `login`:
    None where the caller names none (a passkey)."""
    now = clock.wall_us()
    old = Throttle.last_wall_us < now - FORGOTTEN_US
    session.execute(delete(Throttle).where(old, Throttle.name.not_in((_ALL, _LETTERS))))
    _count(session, _ALL, now, ALL_A_MINUTE)
    _count(session, _of_network(network), now, NETWORK_A_MINUTE)
    if login is not None:
        again(session, login)


def write_in(session: Session, network: str) -> None:
    """Count a stranger's letter by a public page, or `NotAllowed`; a write transaction."""
    now = clock.wall_us()
    _count(session, _LETTERS, now, LETTERS_ALL, clock.HOUR)
    _count(session, f"l:{_name(network)}", now, LETTERS_NETWORK, clock.HOUR)


def look_up(session: Session, login: str) -> None:
    """Count an officer's look-up of who uses a number, or `Overfull`; a write transaction."""
    now, name = clock.wall_us(), f"u:{_name(login)}"
    try:
        _count(session, name, now, LOOK_UPS, clock.HOUR)
    except NotAllowed:
        until_us = _row(session, name, now).last_wall_us + clock.HOUR
        raise Overfull(f"{LOOK_UPS} look-ups an hour", "look_ups", until_us) from None


def again(session: Session, name: str) -> None:
    """Count a try by somebody whose session is open, or `NotAllowed`."""
    now = clock.wall_us()
    own = _row(session, _name(name), now)
    if now - own.last_wall_us >= FORGOTTEN_US:
        own.failures = 0
    if own.failures >= FREE and -AHEAD_US <= now - own.last_wall_us < _wait(own.failures):
        raise NotAllowed("sign_in", "patience")
    own.failures += 1
    own.last_wall_us = now


def forgive(session: Session, login: str | None, network: str | None = None) -> None:
    """Forget the failures of a login that has just proved itself, from a network if it was a
    stranger until now."""
    if network is not None:
        for name in (_ALL, _of_network(network)):  # in the order of `enter`: no deadlock
            common = _row(session, name, clock.wall_us())
            common.failures = max(0, common.failures - 1)
    if login is not None:
        session.execute(delete(Throttle).where(Throttle.name == _name(login)))


def _count(session: Session, name: str, now: int, most: int, within_us: int = clock.MINUTE) -> None:
    """`last_wall_us` is here the start of the minute, or hour, that is counted."""
    common = _row(session, name, now)
    if not -AHEAD_US <= now - common.last_wall_us < within_us:
        common.failures, common.last_wall_us = 0, now
    if common.failures >= most:
        raise NotAllowed("sign_in", "patience")
    common.failures += 1


def _of_network(network: str) -> str:
    return f"n:{_name(network)}"


def _row(session: Session, name: str, now: int) -> Throttle:
    """The row, made if need be, locked until the transaction ends. It is updated and not left as
    it is where it stands: another transaction may just be deleting it."""
    new = dialect.insert(session, _THROTTLES).values(name=name, failures=0, last_wall_us=now)
    session.execute(new.on_conflict_do_update(index_elements=["name"], set_={"name": name}))
    return session.get_one(Throttle, name, with_for_update=True, populate_existing=True)


def _wait(failures: int) -> int:
    return min(LONGEST_WAIT_US, FIRST_WAIT_US << min(failures - FREE, 20))


def _name(login: str) -> str:
    """People type passwords where the login goes: 32 bits of a hash tell none of it."""
    return hashlib.sha256(login.encode()).hexdigest()[:8]
