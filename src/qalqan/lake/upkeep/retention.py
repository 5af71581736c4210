"""Days of facts that are kept no longer, and what holds them back.

A day goes in steps, each safe to repeat: it is written down as planned (with its files and seals);
one transaction asks what holds it and, if nothing does, writes down that it goes; its files leave
the table in one Delta commit; and the identities of its facts are forgotten. A hold and that
transaction exclude each other, so either the hold comes first and the day stays, or whoever
places it is told that the day goes. This is the one way in which history is lost: the row that
says so stays for good, and whoever asks about a seal whose facts went is told (`history`).

Forgotten last, an identity never lets a fact in twice; once forgotten, a dropped fact that is
sent again is new, is kept, and is dropped again by the next run.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.clock import SECOND
from qalqan.errors import Conflict
from qalqan.lake import identities, runs, sealing
from qalqan.lake.identities import Marks
from qalqan.lake.schemas import KINDS
from qalqan.lake.storage import storage
from qalqan.lake.upkeep import forget, still
from qalqan.lake.upkeep.named import Named, named, replace
from qalqan.lake.upkeep.policy import RetentionPolicy
from qalqan.register.database import Database
from qalqan.register.leases import Held
from qalqan.register.orm import RetentionDrop
from qalqan.trust.keys import Keys

_ROWS_AT_ONCE = 500_000
_BEGUN = ("planned", "going")
"""States of a day that the table may still name."""

Noted = Callable[[Session, RetentionDrop], None]
"""Told of a day in the transaction that writes down that it went."""


@dataclass(frozen=True)
class Hold:
    """Facts that must stay: of one kind or all, of a range of days that may be open."""

    name: str
    kind: str | None
    first_day: date | None
    last_day: date | None

    def covers(self, kind: str, day: date) -> bool:
        """Whether facts of this kind and day must stay."""
        return (
            self.kind in (None, kind)
            and (self.first_day is None or self.first_day <= day)
            and (self.last_day is None or day <= self.last_day)
        )


Holds = Callable[[Session], Sequence[Hold]]
"""What holds now; asked in a write, nobody may place a hold before that ends."""


@dataclass(frozen=True)
class Kept:
    """A day that is past its term and stays."""

    kind: str
    day: date
    hold: str


def plan(
    database: Database, lake_root: str, policy: RetentionPolicy, holds: Holds
) -> tuple[list[int], list[Kept]]:
    """Write down every day past its term that nothing holds: ids of the rows, and what is held."""
    _take_back(database, lake_root)
    today = datetime.fromtimestamp(clock.now_us() // SECOND, UTC).date()
    planned, kept = [], []
    for kind in KINDS:
        before = today - timedelta(days=policy.days[kind])
        days: dict[date, list[Named]] = defaultdict(list)
        for file in named(lake_root, kind):
            if file.day < before:
                days[file.day].append(file)
        for day in sorted(days):
            with database.write() as session:
                holding = [hold for hold in holds(session) if hold.covers(kind, day)]
                if holding:
                    kept.append(Kept(kind, day, holding[0].name))
                else:
                    planned.append(_planned(session, kind, day, days[day], policy))
    return planned, kept


def _take_back(database: Database, lake_root: str) -> None:
    """Plans that a worker made and did not live to carry out: what holds now may be another."""
    there = {kind: {file.path for file in named(lake_root, kind)} for kind in KINDS}
    with database.write() as session:
        begun = RetentionDrop.state.in_(_BEGUN)
        for row in session.scalars(select(RetentionDrop).where(begun)):
            if there[row.kind].issuperset(row.files):
                session.delete(row)


def _planned(
    session: Session, kind: str, day: date, files: list[Named], policy: RetentionPolicy
) -> int:
    row = RetentionDrop(
        kind=kind,
        day=day,
        files=[file.path for file in files],
        rows=sum(file.rows for file in files),
        first_seal=min(file.first_seal for file in files),
        last_seal=max(file.last_seal for file in files),
        policy=policy.described(kind),
        at_seal=sealing.newest_seal(session),
        at_us=clock.now_us(),
    )
    session.add(row)
    session.flush()
    return row.id


def carry_out(
    database: Database, keys: Keys, lake_root: str, held: Held, holds: Holds, noted: Noted
) -> list[RetentionDrop]:
    """Carry out what is planned, also what a dead worker planned; answers the days dropped. Each
    day is looked at once more: a long plan may be older than a hold.

    Raises:
        Conflict: a lease was lost or a commit came between; the next run goes on from there.
    """
    with database.session() as session:
        asked = select(RetentionDrop).where(RetentionDrop.state != "done")
        rows = session.scalars(asked.order_by(RetentionDrop.id)).all()
    dropped = []
    for row in rows:
        still(database, held)
        if row.state in _BEGUN and not _drop(database, lake_root, held, row, holds, noted):
            continue
        _forget(database, keys, lake_root, held, row)
        _move(database, row.id, "done")
        dropped.append(row)
    return dropped


def _drop(
    database: Database, lake_root: str, held: Held, row: RetentionDrop, holds: Holds, noted: Noted
) -> bool:
    """Out of the table, unless a hold has come; a file that is not named any more went in a run
    that died here."""
    paths = set(row.files)
    there = [file for file in named(lake_root, row.kind) if file.path in paths]
    goes = partial(_goes, held, row.id, holds)
    if there and not replace(database, lake_root, row.kind, there, agreed=goes):
        with database.session() as session:
            if session.get(RetentionDrop, row.id) is not None:
                raise Conflict("lake", row.kind, "moved on", "drop")
        return False
    _move(database, row.id, "dropped", noted)
    return True


def _goes(held: Held, row_id: int, holds: Holds, session: Session) -> bool:
    """Whether nothing holds the day: then it goes, and a hold that comes later finds that written
    down. A held one is not planned any more."""
    held.check(session)
    row = session.get_one(RetentionDrop, row_id)
    if any(hold.covers(row.kind, row.day) for hold in holds(session)):
        session.delete(row)
        return False
    row.state = "going"
    return True


def _move(database: Database, row_id: int, state: str, noted: Noted | None = None) -> None:
    with database.write() as session:
        row = session.get_one(RetentionDrop, row_id)
        row.state = state
        if noted is not None:
            noted(session, row)


def _forget(database: Database, keys: Keys, lake_root: str, held: Held, row: RetentionDrop) -> None:
    for source, marks in _marks(keys, lake_root, row):
        forget(database, held, row.kind, identities.raw(marks))
        with database.session() as session:
            names = runs.names_of(session, row.kind, source)
        for name in names:
            with sealing.sealing(database) as sealer:
                runs.strike(database, lake_root, sealer, name, marks)


def _marks(keys: Keys, lake_root: str, row: RetentionDrop) -> Iterator[tuple[str, Marks]]:
    """Identities of the dropped facts, source by source; the files lie there until vacuum, which
    leaves them alone until this is done."""
    for path in row.files:
        file = pq.ParquetFile(storage(lake_root).local(f"{row.kind}/{path}"))
        for batch in file.iter_batches(_ROWS_AT_ONCE, columns=["source", "id"]):
            facts = pa.table(batch)
            for source in sorted(facts["source"].unique().to_pylist()):
                of_source = facts.filter(pc.equal(facts["source"], source))
                yield source, identities.marks(keys, of_source)
