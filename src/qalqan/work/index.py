"""The index of payments kept in step with the lake: after each seal, and anew where it must be.

It is built anew where there is none, where a file of it is damaged, where retention took days out
of the lake, and where it was made of another history than the register's: of another centre, or
from before a restore. All else it only takes in what was sealed since (REQ-39, REQ-44).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qalqan.clock import DAY, SECOND
from qalqan.errors import Unavailable
from qalqan.lake.engine import Engine
from qalqan.lake.fresh import rows_after
from qalqan.lake.sealing import newest_seal
from qalqan.register.database import Database
from qalqan.register.orm import RetentionDrop, Seal
from qalqan.trail.index.columns import KEPT
from qalqan.trail.index.manifest import Manifest, read, remove
from qalqan.trail.index.runfile import Damaged
from qalqan.trail.index.statements import COLUMNS
from qalqan.trail.index.writing import Writer, writing

ROWS_AT_ONCE = 1_000_000
"""Facts that are read from the lake at once; a day with more is read in parts."""
FEW = 20_000
"""So many new facts are read from their files, without the engine."""
_BUSY_S = 120.0
_PAUSE_S = 0.02

Told = Callable[[int, int], None]
"""Told of progress: facts taken in, and how many there are."""


def folder_of(home: Path) -> Path:
    """Where a home keeps its index."""
    return home / "index"


def _silent(done: int, of: int) -> None:
    """Nobody watches."""


@dataclass(frozen=True)
class History:
    """What the register says of the log up to a seal; an index of another history is no use."""

    seal: int
    rows: int
    """Payments sealed after the index's position."""
    fits: dict[str, Any]
    """What an index of this history has to say of itself."""


def history(session: Session, up_to: int, after: int = 0) -> History:
    """The log up to `up_to`; payments after `after` are counted."""
    rows = session.scalar(
        select(func.sum(Seal.rows)).where(
            Seal.kind == "payment", Seal.seal > after, Seal.seal <= up_to
        )
    )
    return History(up_to, rows or 0, _told_of(session, up_to))


def _told_of(session: Session, up_to: int) -> dict[str, Any]:
    newest = session.scalar(
        select(Seal).where(Seal.seal <= up_to).order_by(Seal.seal.desc()).limit(1)
    )
    dropped = session.scalar(
        select(func.max(RetentionDrop.id)).where(
            RetentionDrop.kind.in_(("payment", "statement")),
            RetentionDrop.state.in_(("dropped", "done")),
        )
    )
    last = [newest.seal, newest.kind, newest.rows, newest.at_us] if newest else []
    return {"last": last, "dropped": dropped or 0}


def fits(session: Session, found: Manifest | None) -> bool:
    """Whether an index is of the register's history, with nothing in it that retention took."""
    if found is None:
        return False
    return _told_of(session, found.seal) == found.fits


def lag(database: Database, folder: Path, up_to: int | None = None) -> int | None:
    """How many payments sealed up to there (None: the newest) an index lacks; None: there is none
    that is sound and of the register's history."""
    with database.session() as session:
        wanted = newest_seal(session) if up_to is None else up_to
        try:
            found = read(folder)
        except Damaged:
            return None
        if found is None or not fits(session, found):
            return None if wanted else 0
        return history(session, wanted, found.seal).rows if wanted > found.seal else 0


class Indexing:
    """The writer of a home's index; kept between its turns, by one thread."""

    def __init__(
        self, database: Database, engine: Engine, home: Path, busy_s: float = _BUSY_S
    ) -> None:
        self.folder = folder_of(home)
        self._busy_s = busy_s
        self._database = database
        self._engine = engine
        self._writer = Writer(self.folder)

    def refresh(self, up_to: int | None = None, told: Told = _silent) -> int:
        """Bring the index to this seal (None: the newest) or beyond; its seal.

        Raises:
            Unavailable: another process writes it for longer than `busy_s`, or the lake does not
                answer.
        """
        until = time.monotonic() + self._busy_s
        while True:
            with self._database.session() as session:
                wanted = newest_seal(session) if up_to is None else up_to
                found = self._found()
                if found is not None and found.seal >= wanted and fits(session, found):
                    return found.seal
            try:
                with writing(self.folder):
                    return self._turn(told)
            except Unavailable as busy:
                if busy.code != "index.busy" or time.monotonic() > until:
                    raise
                time.sleep(_PAUSE_S)

    def discard(self) -> None:
        """Let nobody read it any more, for a file of it is damaged; it will be built anew.

        Raises:
            Unavailable: another process writes it.
        """
        with writing(self.folder):
            remove(self.folder)

    def rebuild(self, told: Told = _silent) -> int:
        """Build it anew from the lake; readers go on with the one before meanwhile. Its seal.

        Raises:
            Unavailable: another process writes it, or the lake does not answer.
        """
        with writing(self.folder):
            return self._built(told)

    def _found(self) -> Manifest | None:
        try:
            return read(self.folder)
        except Damaged:
            return None

    def _turn(self, told: Told) -> int:
        try:
            self._writer.begin()
            with self._database.session() as session:
                if self._writer.manifest.seal and fits(session, self._writer.manifest):
                    return self._taken_in(self._writer.manifest.seal, told)
        except (Damaged, FileNotFoundError):
            self._writer = Writer(self.folder)
        return self._built(told)

    def _built(self, told: Told) -> int:
        self._writer.begin(anew=True)
        return self._taken_in(0, told)

    def _taken_in(self, after: int, told: Told) -> int:
        with self._database.session() as session:
            known = history(session, newest_seal(session), after)
        if known.seal == after:
            return after
        done = 0
        for part in self._parts(known, after):
            self._writer.take(part)
            done += len(part)
            told(done, known.rows)
        if len(rows := self._statements(known, after)):
            self._writer.take_statements(rows)
        self._writer.publish(known.seal, known.fits)
        return known.seal

    def _parts(self, known: History, after: int) -> Iterator[pa.Table]:
        """Payments sealed after a position, in parts that fit into memory."""
        if not known.rows:
            return
        if after and known.rows <= FEW:
            fresh = rows_after(self._engine.lake_root, "payment", KEPT, after, known.seal)
            if fresh is not None and len(fresh):
                yield fresh
            return
        sealed = self._engine.table("payment", None, None, known.seal, after)
        if known.rows <= ROWS_AT_ONCE:
            yield from self._read(sealed)
            return
        counts = self._engine.run(sealed.group_by("day").agg(n=sealed.count()).order_by("day"))
        for day, n in zip(counts["day"].to_pylist(), counts["n"].to_pylist(), strict=True):
            table = self._engine.table("payment", day, day, known.seal, after)
            for first_us, last_us in _periods(day, n):
                yield from self._read(table.filter(table.at_us.between(first_us, last_us)))

    def _statements(self, known: History, after: int) -> pa.Table:
        if after and known.rows <= FEW:
            wanted = (*COLUMNS, "complete")
            fresh = rows_after(self._engine.lake_root, "statement", wanted, after, known.seal)
            return (
                pa.table({})
                if fresh is None
                else fresh.filter(pc.field("complete")).select(COLUMNS)
            )
        told = self._engine.table("statement", None, None, known.seal, after)
        return self._engine.run(told.filter(told.complete).select(*COLUMNS))

    def _read(self, table: ibis.Table) -> Iterator[pa.Table]:
        rows = self._engine.run(table.select(*KEPT))
        if len(rows):
            yield rows


def _periods(day: date, rows: int) -> Iterator[tuple[int, int]]:
    """A day in as many equal parts as keep each below `ROWS_AT_ONCE`, by and large."""
    first = datetime.combine(day, datetime.min.time(), UTC)
    first_us = int((first - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(seconds=1)) * SECOND
    parts = -(-rows // ROWS_AT_ONCE)
    for part in range(parts):
        yield first_us + DAY * part // parts, first_us + DAY * (part + 1) // parts - 1
