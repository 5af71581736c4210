"""What a shared commit writes: everything that many tellings change, in one transaction.

A telling with a key has a batch of its own, whose receipt is answered again; those without one
share a batch for each partner and kind. Where a partner brought nothing new and nothing bad, his
day's batch counts it, so that repeating a billion facts leaves one row a day (REQ-19).

Rows that two processes may both want are written in one order (identities, vault, batches, each
sorted), so that neither waits for the other in a ring.
"""

from __future__ import annotations

import hashlib
import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

import pyarrow as pa
from sqlalchemy import Table, insert
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.clock import DAY
from qalqan.lake import identities, landing, quarantine, runs
from qalqan.lake.identities import Known
from qalqan.lake.merged import Merged, Share
from qalqan.lake.receipt import Receipt
from qalqan.lake.telling import Telling
from qalqan.register import dialect, jobs, vault
from qalqan.register.orm import Batch
from qalqan.trust.keys import Keys

_BATCHES = cast(Table, Batch.__table__)
_TOGETHER = "shared"
"""Batch name of landing rows that hold several batches' facts."""


@dataclass(frozen=True)
class _Sum:
    """The shares of one batch."""

    batch: str
    shares: list[Share]

    @property
    def is_idle(self) -> bool:
        """Nothing new, nothing bad, and no key to remember."""
        used = any(one.accepted or one.refused for one in self.shares)
        return not used and self.shares[0].telling.key is None


def write(
    session: Session, keys: Keys, groups: Sequence[Merged], lake_root: str
) -> list[tuple[Telling, Receipt]]:
    """Write down what the tellings change; their receipts are good once this commits."""
    started_us = clock.now_us()
    groups = sorted(groups, key=lambda group: group.kind)
    named = [_named(group) for group in groups]
    known = [_claimed(session, *one, lake_root) for one in zip(groups, named, strict=True)]
    _keep_values(session, keys, groups)
    settled = [group.shares(one) for group, one in zip(groups, known, strict=True)]
    _land(session, groups, [found.facts for found, _ in settled])
    sums = [
        _sum
        for (_, shares), names in zip(settled, named, strict=True)
        for _sum in _summed(shares, names, started_us)
    ]
    _write_batches(session, sums, started_us)
    for each in sums:
        for one in each.shares:
            told = one.telling
            quarantine.keep(session, keys, each.batch, told.kind, told.source, one.refused)
    if any(share.accepted for each in sums for share in each.shares):
        jobs.wake(session, "seal", "lake")
    return [(one.telling, one.receipt(each.batch)) for each in sums for one in each.shares]


def _named(group: Merged) -> list[str]:
    """For each telling a new batch: of its own with a key, else its partner's."""
    names: dict[tuple[str, str | None], str] = {}
    return [
        names.setdefault((one.source, one.key), f"b-{uuid.uuid4().hex}") for one in group.tellings
    ]


def _claimed(session: Session, group: Merged, names: Sequence[str], lake_root: str) -> Known:
    """What was taken before of the group's identities; the others are its batches' now."""
    leaders = group.draft.leaders
    batches = [names[place] for place in group.leaders_owner]
    known = identities.claim(session, group.kind, batches, leaders)
    sources = {telling.source for telling in group.tellings}
    named = runs.names_of(session, group.kind, sources)
    if not named:
        return known
    in_runs = runs.known(lake_root, named, leaders)
    identities.unclaim(session, group.kind, leaders.of(in_runs.seen & ~known.seen))
    return known.also(in_runs)


def _keep_values(session: Session, keys: Keys, groups: Sequence[Merged]) -> None:
    held: dict[str, list[pa.Array]] = defaultdict(list)
    for group in groups:
        for klass, values in group.draft.checked.personal:
            held[klass].append(values)
    for klass in sorted(held):
        vault.keep_many(session, keys, klass, pa.chunked_array(held[klass]))


def _land(session: Session, groups: Sequence[Merged], facts: Sequence[pa.Table]) -> None:
    """One landing row a kind."""
    landed: dict[str, list[pa.Table]] = defaultdict(list)
    for group, table in zip(groups, facts, strict=True):
        landed[group.kind].append(table)
    for kind, tables in landed.items():
        landing.land(session, kind, _TOGETHER, pa.concat_tables(tables))


def _summed(shares: Sequence[Share], names: Sequence[str], now_us: int) -> list[_Sum]:
    """The shares by batch; idle ones in the partner's batch of the day."""
    by_batch: dict[str, list[Share]] = defaultdict(list)
    for share, name in zip(shares, names, strict=True):
        by_batch[name].append(share)
    sums = [_Sum(*one) for one in by_batch.items()]
    return [_Sum(_of_day(one, now_us), one.shares) if one.is_idle else one for one in sums]


def _of_day(idle: _Sum, now_us: int) -> str:
    """The name of the batch that counts a partner's repetitions of one day."""
    told = idle.shares[0].telling
    text = f"{told.kind} {told.source} {now_us // DAY}"
    return f"d-{hashlib.sha256(text.encode()).hexdigest()[:32]}"


def _write_batches(session: Session, sums: Sequence[_Sum], started_us: int) -> None:
    rows = [_row(one, started_us) for one in sums]
    new = [row for row, one in zip(rows, sums, strict=True) if not one.is_idle]
    if new:
        session.execute(insert(_BATCHES), new)
    idle = [row for row, one in zip(rows, sums, strict=True) if one.is_idle]
    for row in sorted(idle, key=lambda row: str(row["batch"])):
        more = dialect.insert(session, _BATCHES).values(**row)
        counted = {name: _BATCHES.c[name] + more.excluded[name] for name in ("read", "duplicate")}
        session.execute(
            more.on_conflict_do_update(
                index_elements=["batch"], set_={**counted, "finished_us": more.excluded.finished_us}
            )
        )


def _row(one: _Sum, started_us: int) -> dict[str, Any]:
    told = one.shares[0].telling
    receipt: dict[str, Any] = {"tellings": len(one.shares)}
    if told.key is not None:
        receipt = {"receipt": one.shares[0].receipt(one.batch).to_json(), "digest": told.digest}
    return {
        "batch": one.batch,
        "kind": told.kind,
        "source": told.source,
        "name": f"POST {told.kind}",
        "idempotency_key": told.key,
        "read": sum(len(share.telling.facts) for share in one.shares),
        "accepted": sum(share.accepted for share in one.shares),
        "duplicate": sum(share.duplicate for share in one.shares),
        "quarantined": sum(len(share.refused) for share in one.shares),
        "receipt": receipt,
        "started_us": started_us,
        "finished_us": clock.now_us(),
    }
