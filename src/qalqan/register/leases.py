"""Named locks with a term: one holder at a time among all processes, and a dead holder's lock
runs out by itself. Terms are wall time, which no simulation moves."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Table, delete, select, update
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.errors import Conflict
from qalqan.register import dialect
from qalqan.register.database import Database
from qalqan.register.orm import Lease

_LEASES = cast(Table, Lease.__table__)
_LONGEST_OWNER = 43


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


@contextmanager
def hold(database: Database, name: str, owner: str, seconds: float) -> Iterator[Held]:
    """Hold the lock for the block, at most `seconds` unless `check` renews it; `Conflict` if
    another holds it now."""
    held = Held(name, f"{owner[:_LONGEST_OWNER]}:{secrets.token_hex(8)}", seconds)
    with database.write() as session:
        _take(session, held)
    try:
        yield held
    finally:
        with database.write() as session:
            session.execute(delete(Lease).where(Lease.name == name, Lease.owner == held.owner))


def _take(session: Session, held: Held) -> None:
    taken = dialect.insert(session, _LEASES).values(
        name=held.name, owner=held.owner, until_wall_us=_until(held.seconds)
    )
    session.execute(
        taken.on_conflict_do_update(
            index_elements=["name"],
            set_={"owner": taken.excluded.owner, "until_wall_us": taken.excluded.until_wall_us},
            where=_LEASES.c.until_wall_us <= clock.wall_us(),
        )
    )
    if session.scalar(select(Lease.owner).where(Lease.name == held.name)) != held.owner:
        raise Conflict("lease", held.name, "held", "hold")


def _until(seconds: float) -> int:
    return clock.wall_us() + round(seconds * clock.SECOND)
