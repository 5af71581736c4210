"""Named locks with a term: one holder at a time among all processes, and a dead holder's lock
runs out by itself. A living holder's is renewed while his block runs, so that terms can be short
however long a step takes. Terms are wall time, which no simulation moves."""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

from sqlalchemy import ColumnElement, Table, delete, select, update
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.errors import Conflict, Unavailable
from qalqan.register import dialect, jumps
from qalqan.register.database import Database
from qalqan.register.orm import Lease

_LEASES = cast(Table, Lease.__table__)
_LONGEST_HOST = 20
_PATIENCE_S = 60.0
_LONGEST_S = 3600.0
"""A block that takes longer than this hangs."""
_PAUSE_S = 0.1


@dataclass(frozen=True)
class Held:
    """A lock in hand. `owner` ends in a mark of this one holding, so that two threads of one
    process are two holders."""

    name: str
    owner: str
    seconds: float

    def check(self, session: Session) -> None:
        """Within the write that the lock protects: still ours, and ours until it commits, or
        `Conflict`. It also starts the term anew."""
        ours = update(Lease).where(Lease.name == self.name, Lease.owner == self.owner)
        if not session.execute(ours.values(until_wall_us=_until(self.seconds))).rowcount:  # type: ignore[attr-defined]
            raise Conflict("lease", self.name, "lost", "keep")


def this_process() -> str:
    """Who holds a lock or does a job, for whoever looks into the register: host and process."""
    return f"{socket.gethostname()[:_LONGEST_HOST]}:{os.getpid()}"


@contextmanager
def hold(database: Database, name: str, seconds: float) -> Iterator[Held]:
    """Hold the lock for the block; `seconds` after its holder died, another may. `Conflict` if
    another holds it now."""
    held = Held(name, f"{this_process()}:{secrets.token_hex(8)}", seconds)
    with database.session() as session:  # whoever waits asks often: a read stops nobody
        if _is_held(session, name):
            raise Conflict("lease", name, "held", "hold")
    with database.write() as session:
        _take(session, held)
    over = threading.Event()
    keeper = threading.Thread(target=_keep, args=(database, held, over), daemon=True)
    keeper.start()
    try:
        yield held
    finally:
        over.set()
        keeper.join()
        _let_go(database, held)


def _keep(database: Database, held: Held, over: threading.Event) -> None:
    """Renew the term until the block is over, or the holder has hung for too long."""
    until = time.monotonic() + _LONGEST_S
    while not over.wait(held.seconds / 3) and time.monotonic() < until:
        try:
            with database.write() as session:
                held.check(session)
        except Unavailable:
            continue  # the register is away: the next turn tries again
        except Conflict:
            return  # lost: the holder's own `check` tells him


def _let_go(database: Database, held: Held) -> None:
    """Free the lock; while a server of the register restarts, for as long as the lock would
    stand, so that nobody has to wait for its term."""
    patient = dialect.restarts(database.engine)
    until = time.monotonic() + min(held.seconds, _PATIENCE_S) * patient
    while True:
        try:
            with database.write() as session:
                mine = (Lease.name == held.name, Lease.owner == held.owner)
                session.execute(delete(Lease).where(*mine))
            return
        except Unavailable:
            if time.monotonic() >= until:
                raise
            time.sleep(_PAUSE_S)


def _is_held(session: Session, name: str) -> bool:
    held = select(Lease.name).where(Lease.name == name, ~jumps.is_over(Lease.until_wall_us))
    return session.scalar(held) is not None


def _take(session: Session, held: Held) -> None:
    _write(session, held, jumps.is_over(_LEASES.c.until_wall_us))


def claim(session: Session, name: str, owner: str, seconds: float) -> None:
    """Within a write: the lock is for so long whoever's says the same `owner`, however many they
    are; `Conflict` if another's holds it. `let_go` ends it before its term."""
    held = Held(name, owner, seconds)
    _write(session, held, jumps.is_over(_LEASES.c.until_wall_us) | (_LEASES.c.owner == owner))


def let_go(session: Session, name: str, owner: str) -> None:
    """End a claim within a write; none is no error."""
    session.execute(delete(Lease).where(Lease.name == name, Lease.owner == owner))


def _write(session: Session, held: Held, free: ColumnElement[bool]) -> None:
    taken = dialect.insert(session, _LEASES).values(
        name=held.name, owner=held.owner, until_wall_us=_until(held.seconds)
    )
    session.execute(
        taken.on_conflict_do_update(
            index_elements=["name"],
            set_={"owner": taken.excluded.owner, "until_wall_us": taken.excluded.until_wall_us},
            where=free,
        )
    )
    if session.scalar(select(Lease.owner).where(Lease.name == held.name)) != held.owner:
        raise Conflict("lease", held.name, "held", "hold")


def _until(seconds: float) -> int:
    return clock.wall_us() + round(seconds * clock.SECOND)
