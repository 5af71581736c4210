"""Identities of POSTs long answered, moved from rows of the register into runs beside the lake.

A run is written and named first, then its rows go, a few at a time so that no POST waits long.
In between an identity stands in both, which is as good as in one: `intake.claimed` asks the rows
first and the runs after them, so whoever finds a row gone finds the run that holds it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.lake import runs, sealing
from qalqan.lake.identities import Marks
from qalqan.lake.upkeep import forget
from qalqan.register.database import Database
from qalqan.register.leases import Held
from qalqan.register.orm import Batch, Identity, IdentityRun

AT_ONCE = 500_000
"""Identities of one run."""

FEWEST = 1_000
"""Fewer old rows of one source than that stay: every run costs each later batch a look."""


@dataclass(frozen=True)
class Folded:
    """What was moved of one source's facts."""

    kind: str
    source: str
    rows: int


def fold(
    database: Database, lake_root: str, held: Held, older_us: int, fewest: int = FEWEST
) -> list[Folded]:
    """Move the identities of batches that ended more than `older_us` ago.

    Raises:
        Conflict: the lease was lost on the way; what was moved is whole.
    """
    before = clock.now_us() - older_us
    done = []
    for kind, source in _sources(database):
        rows = 0
        while moved := _some(database, lake_root, held, kind, source, before, fewest):
            rows += moved
            if moved < AT_ONCE:
                break
        if rows:
            done.append(Folded(kind, source, rows))
            with sealing.sealing(database) as sealer:
                runs.merge(database, lake_root, sealer, kind, source)
    return done


def _sources(database: Database) -> list[tuple[str, str]]:
    with database.session() as session:
        asked = select(Batch.kind, Batch.source).distinct().order_by(Batch.kind, Batch.source)
        return [(kind, source) for kind, source in session.execute(asked)]


def _some(
    database: Database, lake_root: str, held: Held, kind: str, source: str, before: int, fewest: int
) -> int:
    """One run; the number of its rows, none if there are too few."""
    with database.session() as session:
        found = _old(session, kind, source, before)
    if len(found) < fewest:
        return 0
    name = runs.new_name(kind, "folded")
    runs.write(lake_root, name, _marks(found))
    with database.write() as session:
        held.check(session)
        session.add(IdentityRun(name=name, kind=kind, source=source, rows=len(found)))
    forget(database, held, kind, [identity for identity, _ in found])
    return len(found)


def _old(session: Session, kind: str, source: str, before: int) -> list[tuple[bytes, bytes]]:
    batches = select(Batch.batch).where(
        Batch.kind == kind, Batch.source == source, Batch.finished_us < before
    )
    asked = select(Identity.identity, Identity.content).where(
        Identity.kind == kind, Identity.batch.in_(batches)
    )
    return [(one, content) for one, content in session.execute(asked.limit(AT_ONCE))]


def _marks(found: list[tuple[bytes, bytes]]) -> Marks:
    identity, content = (
        np.frombuffer(b"".join(pair[half] for pair in found), "<u8").reshape(-1, 2)
        for half in (0, 1)
    )
    return Marks(identity, content)
