"""Batches' receipts and quarantined records past their term: rows of the register that would
pile up for good otherwise.

Receipts answer a repeated idempotency key or file; once one is gone, the same key is a new batch,
whose facts are duplicates for as long as the facts themselves are kept. Counts stay true: what
goes is added up in one row for each partner and kind. A batch stays while identities stand in
rows that name it (`identities.has_rows` asks by it), and a record that a legal hold may be about
stays with it.
"""

from __future__ import annotations

import hashlib
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from sqlalchemy import Table, and_, delete, func, or_, select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.clock import DAY
from qalqan.lake.checked import LATEST_AHEAD_US
from qalqan.lake.schemas import KINDS
from qalqan.lake.upkeep.policy import BATCH, QUARANTINE, RetentionPolicy
from qalqan.lake.upkeep.retention import Hold, Holds
from qalqan.register import dialect
from qalqan.register.database import Database
from qalqan.register.leases import Held
from qalqan.register.orm import Batch, Identity, Quarantined

AT_ONCE = 2_000
"""Rows of one transaction: no POST waits for more."""
LONGEST_S = 600.0
"""A run leaves off after this; the next goes on."""
_EPOCH = date(1970, 1, 1)
_BATCHES = cast(Table, Batch.__table__)
_COUNTS = ("read", "accepted", "duplicate", "quarantined")
SUM = "t-"
"""How names of the rows that add up what went begin."""

Told = Callable[[Session, str, str, int], None]
"""Told of rows that go, in their transaction: (session, what, policy, rows)."""
_Drop = Callable[[Session, int, Holds, Any], tuple[int, Any]]
"""Drops a portion after a key, of what is older than a moment: rows, and the next portion's key."""


@dataclass(frozen=True)
class Expired:
    """Rows that went: receipts of batches, or quarantined records."""

    what: str
    rows: int


def expire(
    database: Database, held: Held, policy: RetentionPolicy, holds: Holds, told: Told
) -> list[Expired]:
    """Drop what is past its term, a portion a transaction, for `LONGEST_S` at most.

    Raises:
        Conflict: the lease "upkeep" was lost; what was dropped was rightly dropped.
    """
    until_s = time.monotonic() + LONGEST_S
    steps: tuple[tuple[str, _Drop, Any], ...] = (
        (BATCH, _drop_batches, ""),
        (QUARANTINE, _drop_quarantined, 0),
    )
    done = []
    for what, drop, last in steps:
        if what not in policy.days:
            continue
        before_us = clock.now_us() - policy.days[what] * DAY
        rows = 0
        while last is not None and time.monotonic() < until_s:
            with database.write() as session:
                held.check(session)
                gone, last = drop(session, before_us, holds, last)
                if gone:
                    told(session, what, policy.described(what), gone)
            rows += gone
        done.append(Expired(what, rows))
    return [one for one in done if one.rows]


def _drop_batches(session: Session, before_us: int, _: Holds, last: str) -> tuple[int, str | None]:
    ended_us = func.coalesce(Batch.finished_us, Batch.started_us)
    asked = select(
        Batch.batch, Batch.kind, Batch.source, Batch.started_us,
        *(_BATCHES.c[name] for name in _COUNTS),
    ).where(Batch.batch > last, ~Batch.batch.startswith(SUM), ended_us < before_us)  # fmt: skip
    rows = session.execute(asked.order_by(Batch.batch).limit(AT_ONCE)).all()
    names = [row.batch for row in rows]
    named = select(Identity.batch).where(Identity.batch == Batch.batch).exists()
    in_use = set(session.scalars(select(Batch.batch).where(Batch.batch.in_(names), named)))
    gone = [row for row in rows if row.batch not in in_use]
    _add_up(session, gone)
    session.execute(delete(Batch).where(Batch.batch.in_([row.batch for row in gone])))
    return len(gone), names[-1] if len(names) == AT_ONCE else None


def _add_up(session: Session, gone: Sequence[Any]) -> None:
    """One row a partner and kind, which began when the first of them did: what is asked of a
    week's batches is not told of theirs."""
    sums: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    began_us = min((row.started_us for row in gone), default=0)
    for row in gone:
        sums[row.kind, row.source].update({name: getattr(row, name) for name in _COUNTS})
    now = clock.now_us()
    for (kind, source), counts in sorted(sums.items()):
        name = SUM + hashlib.sha256(f"{kind} {source}".encode()).hexdigest()[:32]
        more = dialect.insert(session, _BATCHES).values(
            batch=name, kind=kind, source=source, name="dropped", receipt={}, **counts,
            started_us=began_us, finished_us=now,
        )  # fmt: skip
        added = {one: _BATCHES.c[one] + more.excluded[one] for one in _COUNTS}
        session.execute(
            more.on_conflict_do_update(
                index_elements=["batch"], set_={**added, "finished_us": more.excluded.finished_us}
            )
        )


def _drop_quarantined(
    session: Session, before_us: int, holds: Holds, last: int
) -> tuple[int, int | None]:
    standing = holds(session)
    old = (
        and_(Quarantined.kind == kind, Quarantined.at_us < _held_from(standing, kind, before_us))
        for kind in KINDS
    )
    asked = select(Quarantined.id).where(Quarantined.id > last, or_(*old))
    gone = session.scalars(asked.order_by(Quarantined.id).limit(AT_ONCE)).all()
    session.execute(delete(Quarantined).where(Quarantined.id.in_(gone)))
    return len(gone), gone[-1] if len(gone) == AT_ONCE else None


def _held_from(standing: Sequence[Hold], kind: str, before_us: int) -> int:
    """What came before this moment may go: a record comes at the earliest a day before the day
    it speaks of (clocks differ), and at the latest nobody knows when."""
    starts = [
        0 if one.first_day is None else (one.first_day - _EPOCH).days * DAY - LATEST_AHEAD_US
        for one in standing
        if one.kind in (None, kind)
    ]
    return min([before_us, *starts])
