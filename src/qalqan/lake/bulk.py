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
from qalqan.lake.hand_in import Centre, HandIn
from qalqan.lake.identities import Known
from qalqan.lake.landing import Staged
from qalqan.lake.memory import Memory, Unkept
from qalqan.lake.order import Rows, order_of, spelled_out
from qalqan.lake.receipt import Receipt
from qalqan.lake.settle import Draft, Settled, draft, settle
from qalqan.lake.table import DataFile, write_ordered
from qalqan.register import jobs, vault
from qalqan.register.database import Database
from qalqan.register.leases import Held
from qalqan.register.orm import Batch, IdentityRun


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


@dataclass(frozen=True)
class _File:
    """A file on its way in; `batch` names its contents."""

    centre: Centre
    batch: str
    hand_in: HandIn
    memory: Memory = field(default_factory=Memory)

    @property
    def kind(self) -> str:
        return self.hand_in.kind

    @property
    def source(self) -> str:
        return self.hand_in.source

    @property
    def lake_root(self) -> str:
        return self.centre.lake_root


def take_pieces(
    centre: Centre, hand_in: HandIn, pieces: Iterator[Given], done: Done = Done()
) -> Receipt:
    """Take a long file's batches, those after `done`; answer the receipt of all of it."""
    assert hand_in.batch is not None
    file = _File(centre, hand_in.batch, hand_in)
    for piece in _drafts(file, enumerate(pieces, done.pieces)):
        while not _take_piece(file, piece):
            pass
        _give_back()
    with centre.database.write() as session:
        row = session.get_one(Batch, file.batch)
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


def _drafts(file: _File, numbered: Iterator[tuple[int, Given]]) -> Iterator[_Piece]:
    """The pieces, checked; the next one is read and checked while one is written."""

    def make() -> _Piece | None:
        found = next(numbered, None)
        if found is None:
            return None
        drawn = draft(
            file.kind, file.source, found[1], file.centre.keys, file.hand_in.terms, file.memory
        )
        order = order_of(file.kind, drawn.checked.facts)
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


def _take_piece(file: _File, piece: _Piece) -> bool:
    """One batch; false if a POST of the same partner came between and it must be tried again."""
    with sealing.sealing(file.centre.database) as held:
        sealing.finish_left(file.centre.database, file.lake_root, held)
        if (
            done_of(file.centre.database, file.batch).pieces > piece.number
        ):  # another process takes it too
            return True
        with file.centre.database.session() as session:
            known = _known(session, file, piece.drawn)
            seal = sealing.next_seal(session)
            sealing.check_lake(session, file.lake_root, file.kind)
        settled = settle(piece.drawn, known)
        prepared = _prepared(file, piece, settled, seal)
        counted = _count(file, piece.number, settled, prepared, held)
        if counted:
            sealing.finish(file.centre.database, file.lake_root, held)
            runs.merge(file.centre.database, file.lake_root, held, file.kind, file.source)
        return counted


def _known(session: Session, file: _File, drawn: Draft) -> Known:
    leaders = drawn.leaders
    names = runs.names_of(session, drawn.kind, drawn.source)
    return _in_rows(session, drawn).also(runs.known(file.lake_root, names, leaders))


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


def _prepared(file: _File, piece: _Piece, settled: Settled, seal: int) -> _Prepared:
    run = f"{file.kind}/{file.batch}-{piece.number:06d}-{seal:012d}.run"
    if not settled.accepted.any():
        return _Prepared(run, seal, [])
    files = write_ordered(file.lake_root, file.kind, piece.accepted(settled), seal)
    runs.write(file.lake_root, run, settled.draft.found.of(settled.accepted))
    return _Prepared(run, seal, files)


def _count(file: _File, number: int, settled: Settled, prepared: _Prepared, held: Held) -> bool:
    """Make it count, unless a POST has brought one of the facts since we looked."""
    drawn, kept = settled.draft, list[Unkept]()
    with file.centre.database.write() as session:
        held.check(session)
        identities.freeze(session)
        seen = _in_rows(session, drawn).seen
        if (seen & settled.accepted[drawn.first]).any():
            return False
        for klass, values in drawn.checked.personal:
            new = file.memory.unkept(file.centre.keys, klass, values)
            vault.keep_new(session, file.centre.keys, klass, new.values, new.made)
            kept.append(new)
        refused = refusing.refused_of(settled)
        refusing.keep(session, file.centre.keys, file.batch, file.kind, file.source, refused)
        _write_row(session, file, number, refusing.receipt(settled, file.batch, refused))
        if prepared.files:
            rows = int(np.count_nonzero(settled.accepted))
            session.add(
                IdentityRun(name=prepared.run, kind=file.kind, source=file.source, rows=rows)
            )
            marks = {file.batch: number}
            staged = Staged(file.kind, prepared.seal, rows, prepared.files, marks, [])
            landing.stage(session, staged)
    for new in kept:
        new.remember()
    return True


def _write_row(session: Session, file: _File, number: int, receipt: Receipt) -> None:
    row = session.get(Batch, file.batch)
    if row is None:
        row = Batch(
            batch=file.batch,
            kind=file.kind,
            source=file.source,
            name=file.hand_in.name[:200],
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
