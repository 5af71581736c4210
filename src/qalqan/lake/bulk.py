"""Long files, batch by batch straight to the lake, each under the lease "seal".

A batch's data files and its run of identities are written and synced first; one transaction of
the register then makes all of it count (identities, vault, quarantine, receipt so far, staged
seal), and `sealing.finish` commits it to Delta. Cut off anywhere, the next holder finishes what
was staged, and the file goes on after the last batch that counted.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.exchange.given import Given
from qalqan.lake import identities, landing, refusing, runs, sealing
from qalqan.lake.checked import Terms
from qalqan.lake.identities import Known
from qalqan.lake.landing import Staged
from qalqan.lake.memory import Memory
from qalqan.lake.order import Rows, order_of, spelled_out
from qalqan.lake.receipt import Receipt
from qalqan.lake.settle import Draft, Settled, draft, settle
from qalqan.lake.table import DataFile, write_ordered
from qalqan.register import jobs, vault
from qalqan.register.database import Database
from qalqan.register.leases import Held
from qalqan.register.orm import Batch, IdentityRun
from qalqan.trust.keys import Keys


@dataclass(frozen=True)
class HandIn:
    """One file from one partner; `batch` names its contents."""

    kind: str
    source: str
    name: str
    batch: str
    terms: Terms


@dataclass(frozen=True)
class Lake:
    """Where a file goes."""

    database: Database
    keys: Keys
    root: str
    memory: Memory = field(default_factory=Memory)


@dataclass(frozen=True)
class Done:
    """How much of a file counts already."""

    pieces: int = 0
    records: int = 0


def done_of(database: Database, batch: str) -> Done:
    """Where a file that was cut off goes on."""
    with database.session() as session:
        row = session.get(Batch, batch)
        return Done() if row is None else Done(row.receipt["pieces"], row.read)


def take_pieces(
    lake: Lake, hand_in: HandIn, pieces: Iterator[Given], done: Done = Done()
) -> Receipt:
    """Take a long file's batches, those after `done`; answer the receipt of all of it."""
    for piece in _drafts(lake, hand_in, enumerate(pieces, done.pieces)):
        while not _take_piece(lake, hand_in, piece):
            pass
        _give_back()
    with lake.database.write() as session:
        row = session.get_one(Batch, hand_in.batch)
        row.finished_us = clock.now_us()
        jobs.wake(session, "seal", "lake")
    return Receipt.from_json(row.receipt["receipt"])


@dataclass(frozen=True)
class _Piece:
    """A batch of the file, checked; `laid` are its facts as they are to lie in the lake, and
    `order` says which of the draft's each is."""

    number: int
    drawn: Draft
    order: Rows
    laid: pa.Table

    def accepted(self, settled: Settled) -> pa.Table:
        """Facts to be written."""
        mask = settled.accepted[self.order]
        return self.laid if mask.all() else self.laid.filter(pa.array(mask))


def _drafts(lake: Lake, hand_in: HandIn, numbered: Iterator[tuple[int, Given]]) -> Iterator[_Piece]:
    """The pieces, checked; the next one is read and checked while one is written."""

    def make() -> _Piece | None:
        found = next(numbered, None)
        if found is None:
            return None
        kind, terms, memory = hand_in.kind, hand_in.terms, lake.memory
        drawn = draft(kind, hand_in.source, found[1], lake.keys, terms, memory)
        order = order_of(kind, drawn.checked.facts)
        laid = spelled_out(drawn.checked.facts.take(pa.array(order)))
        # Two batches are in memory at a time, each in one form of its facts only.
        checked = replace(drawn.checked, facts=drawn.checked.facts.schema.empty_table())
        return _Piece(found[0], replace(drawn, checked=checked), order, laid)

    with ThreadPoolExecutor(1) as ahead:
        waiting = ahead.submit(make)
        while (found := waiting.result()) is not None:
            waiting = ahead.submit(make)
            yield found


def _give_back() -> None:
    """Let the system have what the last batch took: freed memory in pieces stays with the
    process else, and a long file's would pile up."""
    pa.default_memory_pool().release_unused()
    if (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)) is not None:
        trim(0)


def _take_piece(lake: Lake, hand_in: HandIn, piece: _Piece) -> bool:
    """One batch; false if a POST of the same partner came between and it must be tried again."""
    with sealing.sealing(lake.database) as held:
        sealing.finish(lake.database, lake.root, held)
        if (
            done_of(lake.database, hand_in.batch).pieces > piece.number
        ):  # another process takes it too
            return True
        with lake.database.session() as session:
            known = _known(session, lake, piece.drawn)
            seal = sealing.next_seal(session)
        settled = settle(piece.drawn, known)
        prepared = _prepared(lake, hand_in, piece, settled, seal)
        counted = _count(lake, hand_in, piece.number, settled, prepared, held)
        if counted:
            sealing.finish(lake.database, lake.root, held)
            runs.merge(lake.database, lake.root, held, hand_in.kind, hand_in.source)
        return counted


def _known(session: Session, lake: Lake, drawn: Draft) -> Known:
    leaders = drawn.leaders
    names = runs.names_of(session, drawn.kind, drawn.source)
    return _in_rows(session, drawn).also(runs.known(lake.root, names, leaders))


def _in_rows(session: Session, drawn: Draft) -> Known:
    if not identities.has_rows(session, drawn.kind, drawn.source):
        return Known.none_of(drawn.leaders)
    return identities.known_rows(session, drawn.kind, drawn.leaders)


@dataclass(frozen=True)
class _Prepared:
    """What is on disk and counts for nothing yet."""

    run: str
    seal: int
    files: list[DataFile]


def _prepared(lake: Lake, hand_in: HandIn, piece: _Piece, settled: Settled, seal: int) -> _Prepared:
    run = f"{hand_in.kind}/{hand_in.batch}-{piece.number:06d}-{seal:012d}.run"
    if not settled.accepted.any():
        return _Prepared(run, seal, [])
    files = write_ordered(lake.root, hand_in.kind, piece.accepted(settled), seal)
    runs.write(lake.root, run, settled.draft.found.of(settled.accepted))
    return _Prepared(run, seal, files)


def _count(
    lake: Lake, hand_in: HandIn, number: int, settled: Settled, prepared: _Prepared, held: Held
) -> bool:
    """Make it count, unless a POST has brought one of the facts since we looked."""
    drawn = settled.draft
    with lake.database.write() as session:
        held.check(session)
        identities.freeze(session)
        seen = _in_rows(session, drawn).seen
        if (seen & settled.accepted[drawn.first]).any():
            return False
        for klass, values in drawn.checked.personal:
            new, made = lake.memory.unkept(lake.keys, klass, values)
            vault.keep_new(session, lake.keys, klass, new, made)
        refused = refusing.refused_of(settled)
        refusing.keep(session, lake.keys, hand_in.batch, hand_in.kind, hand_in.source, refused)
        _write_row(session, hand_in, number, refusing.receipt(settled, hand_in.batch, refused))
        if prepared.files:
            rows = int(np.count_nonzero(settled.accepted))
            session.add(
                IdentityRun(name=prepared.run, kind=hand_in.kind, source=hand_in.source, rows=rows)
            )
            marks = {hand_in.batch: number}
            staged = Staged(hand_in.kind, prepared.seal, rows, prepared.files, marks, [])
            landing.stage(session, staged)
    for klass, values in drawn.checked.personal:
        lake.memory.keep(lake.keys, klass, values)
    return True


def _write_row(session: Session, hand_in: HandIn, number: int, receipt: Receipt) -> None:
    row = session.get(Batch, hand_in.batch)
    if row is None:
        row = Batch(
            batch=hand_in.batch,
            kind=hand_in.kind,
            source=hand_in.source,
            name=hand_in.name[:200],
            started_us=clock.now_us(),
        )
        session.add(row)
        total = receipt
    else:
        total = Receipt.from_json(row.receipt["receipt"]).plus(receipt)
    row.read, row.accepted = total.read, total.accepted
    row.duplicate, row.quarantined = total.duplicate, total.quarantined
    body: dict[str, Any] = {"receipt": total.to_json(), "digest": "", "pieces": number + 1}
    row.receipt = body
