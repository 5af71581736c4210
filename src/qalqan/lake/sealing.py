"""Landing → lake: every accepted fact under exactly one seal, and seals only grow.

The order is what makes it safe (DESIGN section 4), under the lease "seal":

1. the data files are written and synced; nobody sees them;
2. one transaction of the register stages the seal: number, files, landing rows it covers;
3. the Delta commit names the files, with the seal as app transaction; its log is synced;
4. one transaction writes the seal down and deletes what it covers from landing.

Whoever dies, the next holder finishes a staged seal before anything else: step 3 finds its own
app transaction in the log and adds nothing twice, step 4 is one transaction. A holder who lost
the lease fails at 2 and 4 by `Held.check`, at 3 because the log has moved on. If the register is
older than the lake (another one was put in its place), step 3 fails for good: facts stay landed.
If the lake is older than the register (it has moved, and this is its old place; its disk is not
mounted), step 1 fails (`check_lake`): files written there would be missed by whoever finishes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import numpy as np
import pyarrow as pa
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.errors import Conflict, ContractBroken, Unavailable
from qalqan.lake import landing, table
from qalqan.lake.landing import Staged
from qalqan.lake.storage import storage
from qalqan.lake.table import Log, write_files
from qalqan.register.database import Database
from qalqan.register.leases import Held, hold
from qalqan.register.orm import Landing, Seal

MARK = table.MARK
"""Delta app transaction of every commit: its seal."""

LEASE_S = 8.0
"""A dead holder blocks sealing no longer than this; a living one's is renewed."""

ROWS_A_SEAL = 500_000
DAYS_A_SEAL = 366
"""Each day is a file to write and to sync. Of more days the newest are sealed first, so that a
partner who tells of many years keeps nobody else's facts of today from being seen."""
_WAIT_S = 60.0
_PAUSE_S = 0.02


Noticed = Callable[[Session, str, pa.Table], None]
"""Told of facts in the transaction that makes them count: (session, kind, facts)."""


def seal(database: Database, lake_root: str, noticed: Noticed | None = None) -> int:
    """Seal all facts that have landed; answer the newest seal, 0 if there is none yet. What
    must follow from them is `noticed`'s to queue.

    Raises:
        Unavailable: another process holds the lease for longer than a minute.
    """
    with sealing(database) as held:
        finish_left(database, lake_root, held)
        while kinds := _landed_kinds(database):
            for kind in kinds:
                _seal_some(database, lake_root, held, kind, noticed)
        with database.session() as session:
            return newest_seal(session)


def _landed_kinds(database: Database) -> list[str]:
    with database.session() as session:
        return landing.kinds(session)


def newest_seal(session: Session, kind: str | None = None) -> int:
    """The log's position: every fact with this seal or a smaller one is in the lake. Of one kind:
    the seal under which its newest facts went there."""
    asked = select(func.max(Seal.seal))
    return session.scalar(asked if kind is None else asked.where(Seal.kind == kind)) or 0


@contextmanager
def sealing(database: Database) -> Iterator[Held]:
    """Hold the right to seal, waiting for it if need be. Raises `Unavailable`."""
    until = time.monotonic() + _WAIT_S
    with ExitStack() as stack:
        while True:
            try:
                held = stack.enter_context(hold(database, "seal", LEASE_S))
                break
            except Conflict as busy:
                if time.monotonic() > until:
                    raise Unavailable("another process is sealing", "seal.busy") from busy
                time.sleep(_PAUSE_S)
        yield held


def next_seal(session: Session) -> int:
    """The number that the next seal gets; only its lease's holder may ask."""
    if landing.staged(session) is not None:
        raise ContractBroken("a staged seal is not finished")
    return newest_seal(session) + 1


def check_lake(session: Session, lake_root: str, kind: str) -> None:
    """Whether this is the lake that has all that was sealed, before anything is written to it:
    the newest seal of this kind, and the newest of all.

    Raises:
        ContractBroken: it lacks one.
    """
    newest = session.scalar(select(Seal).order_by(Seal.seal.desc()).limit(1))
    if newest is not None:
        Log(lake_root, newest.kind).check_has(newest.seal)
        if newest.kind != kind:
            Log(lake_root, kind).check_has(newest_seal(session, kind))


def finish_left(database: Database, lake_root: str, held: Held) -> None:
    """Finish the seal that somebody else has left staged, if there is one: he has died, or has
    written its files to another lake.

    Raises:
        ContractBroken: register and lake don't fit, or its files are not in this lake.
    """
    with database.session() as session:
        staged = landing.staged(session)
    if staged is not None:
        _check_written(lake_root, staged)
        finish(database, lake_root, held)


def _check_written(lake_root: str, staged: Staged) -> None:
    place, newest = storage(lake_root), Log(lake_root, staged.kind).newest()
    if newest >= staged.seal:  # it is committed, or another register's seal is: `commit` tells
        return
    for file in staged.files:
        path = f"{staged.kind}/{file.path}"
        if path not in {found.name for found in place.files(path.rpartition("/")[0])}:
            told = {"kind": staged.kind, "register": staged.seal, "lake": newest}
            raise ContractBroken(f"{path} is not in this lake", "lake.older", **told)


def finish(database: Database, lake_root: str, held: Held) -> None:
    """Steps 3 and 4 for the staged seal, if there is one."""
    with database.session() as session:
        staged = landing.staged(session)
        before = 0 if staged is None else newest_seal(session, staged.kind)
    if staged is None:
        return
    marks = {MARK: staged.seal, **staged.marks}
    version = Log(lake_root, staged.kind).commit(staged.files, marks, before)
    with database.write() as session:
        held.check(session)
        _write_down(session, staged, version)


def _write_down(session: Session, staged: Staged, version: int) -> None:
    session.add(
        Seal(
            seal=staged.seal,
            kind=staged.kind,
            rows=staged.rows,
            version=version,
            at_us=clock.now_us(),
        )
    )
    session.execute(delete(Landing).where(Landing.id.in_([staged.id, *staged.landed])))


def _seal_some(
    database: Database, lake_root: str, held: Held, kind: str, noticed: Noticed | None
) -> None:
    """One seal of one kind of which facts have landed."""
    with database.session() as session:
        found = landing.landed(session, kind, ROWS_A_SEAL)
        number = next_seal(session)
        check_lake(session, lake_root, kind)
    all_facts = pa.concat_tables([table for _, table in found], promote_options="default")
    facts, later = _newest_days(all_facts)
    files = write_files(lake_root, kind, facts, number)
    staged = Staged(kind, number, len(facts), files, {}, [one for one, _ in found])
    with database.write() as session:
        held.check(session)
        landing.stage(session, staged)
        landing.land_later(session, kind, later, staged.landed)
        if noticed is not None:
            noticed(session, kind, facts)
    finish(database, lake_root, held)


def _newest_days(facts: pa.Table) -> tuple[pa.Table, pa.Table]:
    """Facts of the newest days, as many as one seal takes; and those of the days before."""
    days = facts["day"].cast(pa.int32()).to_numpy()
    distinct = np.unique(days)
    if len(distinct) <= DAYS_A_SEAL:
        return facts, facts.slice(0, 0)
    now = days >= distinct[-DAYS_A_SEAL]
    return facts.filter(pa.array(now)), facts.filter(pa.array(~now))
