"""Who changes the centre's tables of calls, one at a time, and the row of changes that edges
follow (REQ-45).

Beside the tables stand a lock, which any number of web processes and workers of the machine wait
for, and the row of changes of the tables' version. A change is written to the row, then done in
the tables, then counted there, each on the disk before the next begins: whoever is killed in
between leaves what the next one does to its end. Followers read up to what the tables count. Tables
that are made anew begin a row of their own. Numbers stand in it in clear, as in the tables.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from qalqan.errors import Unavailable
from qalqan.screening.calls import changes
from qalqan.screening.calls.changes import Change, Changing

LONGEST = 2_000_000
"""Changes of a row (48 MB); past them the tables are made anew."""


@contextmanager
def alone(tables: Path) -> Iterator[None]:
    """Nobody else changes these tables meanwhile."""
    tables.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(
        tables.with_name(f"{tables.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
    )
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


@contextmanager
def changing(tables: Path) -> Iterator[Feed]:
    """The tables, for whoever has them `alone`.

    Raises:
        Unavailable: there are none, or they are damaged (`calls.none`); a program of somebody
            else's keeps them (`calls.kept`). Full: they must be made anew.
    """
    try:
        keeper = Changing(tables)
    except BlockingIOError:
        raise Unavailable("another program keeps the tables of calls", "calls.kept") from None
    except (OSError, ValueError) as error:
        raise Unavailable(f"no tables of calls: {type(error).__name__}", "calls.none") from None
    with keeper, Feed(tables, keeper) as feed:
        yield feed


class Feed:
    """Open tables with their row of changes."""

    def __init__(self, tables: Path, keeper: Changing) -> None:
        self.keeper = keeper
        self._row = os.open(
            row_of(tables, keeper.version), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600
        )
        try:
            self._finish()
        except BaseException:
            os.close(self._row)
            raise

    def __enter__(self) -> Feed:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._row)

    def _finish(self) -> None:
        """Do what was written down and not done; drop what was not written to its end. Where the
        row was lost, a hole stands for it, which whoever needs it notices."""
        place, size = self.keeper.place, os.fstat(self._row).st_size
        if size == place * changes.SIZE:
            return
        body = os.pread(self._row, max(0, size - place * changes.SIZE), place * changes.SIZE)
        left = list(changes.unpacked(body, place))
        os.ftruncate(self._row, (place + len(left)) * changes.SIZE)
        if left:
            self._do(left, place)

    def make(self, made: Sequence[Change]) -> None:
        """Make changes: the next call here sees them, followers are told.

        Raises:
            Full: the tables must be made anew; the row has the changes, and nobody is told of them.
        """
        if not made:
            return
        place = self.keeper.place
        body, done = changes.packed(made, place), 0
        while done < len(body):
            done += os.pwrite(self._row, body[done:], place * changes.SIZE + done)
        os.fdatasync(self._row)
        self._do(made, place)

    def _do(self, made: Sequence[Change], place: int) -> None:
        self.keeper.do(made)
        self.keeper.remember(place + len(made))


def row_of(tables: Path, version: int) -> Path:
    """Where the changes of a version stand."""
    return tables.with_name(f"{tables.name}.changes-{version}")


def told(tables: Path, version: int, after: int, until: int) -> bytes:
    """Records behind the first `after`, at most `changes.MOST`; empty where the row is lost."""
    count = min(until - after, changes.MOST)
    try:
        row = os.open(row_of(tables, version), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return b""
    try:
        return os.pread(row, count * changes.SIZE, after * changes.SIZE)
    finally:
        os.close(row)


def length(tables: Path, version: int) -> int | None:
    """Changes that were written down; None where the row was lost."""
    try:
        return row_of(tables, version).stat().st_size // changes.SIZE
    except FileNotFoundError:
        return None


def forget(tables: Path, version: int) -> None:
    """Drop the rows of all other versions."""
    mine = row_of(tables, version)
    for row in tables.parent.glob(f"{tables.name}.changes-*"):
        if row != mine:
            row.unlink(missing_ok=True)
