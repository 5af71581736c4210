"""Whole files of facts: tables, sheets and messages, millions of rows of them (REQ-19).

A file goes through the same intake as a POST, batch by batch, so memory is bounded by a batch.
A short file lands as a POST does; a long one goes straight to the lake (`bulk`). A file is known
by its contents: cut off, it goes on where it stopped; handed in twice, it counts nothing twice.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Collection, Iterator
from functools import partial, reduce
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
from sqlalchemy.exc import IntegrityError

from qalqan.errors import InputRejected
from qalqan.exchange import mapping, statement_sheet
from qalqan.exchange.given import Given, Places
from qalqan.exchange.mapping import Mapping
from qalqan.lake import intake, messages, statements
from qalqan.lake.bulk import Done, done_of, take_pieces
from qalqan.lake.checked import Terms
from qalqan.lake.hand_in import Centre, HandIn
from qalqan.lake.readers import format_of, pieces, rows_in, whole
from qalqan.lake.receipt import Receipt
from qalqan.lake.rules import OwnBanks
from qalqan.lake.schemas import SCHEMAS
from qalqan.register.database import Database
from qalqan.register.orm import Batch

Progress = Callable[[int, int | None], None]
"""Called with rows read so far and, if the format tells, rows in all."""

SHORT = 20_000
"""Records of a file that lands as a POST does; identities of more would weigh on the register."""

READING = "3"
"""Part of a file's id: raise it when the same file would be read differently."""

_CHANGED = "file.changed"
_State = tuple[int, int]


def take_file(
    centre: Centre,
    kind: str,
    path: Path,
    *,
    source: str | None = None,
    mapping: Path | Mapping | None = None,
    own_banks: OwnBanks = None,
    keeps: Collection[str] = (),
    progress: Progress | None = None,
) -> Receipt:
    """Take a file of facts; its format by the mapping or by its name's ending. Handed in a
    second time, its receipt says that everything was a duplicate. `keeps` are the banks whose
    books the sender keeps, for a message (ISO 20022) that does not say whose books tell it.

    Raises:
        InputRejected: no such format, a damaged file, one that changes while it is read, a
            column that the mapping needs is missing, or nobody says whose facts these are. What
            was taken before stays taken.
        Unavailable: another process seals for longer than a minute; handing in again goes on.
    """
    ours = mapping_of(mapping, kind)
    whose = source or (ours.source if ours else None)
    if not whose:
        raise InputRejected("source", source, "fact.missing")
    if path.exists() and not (path.is_file() or path.is_dir()):  # a pipe or a device never ends
        raise InputRejected("file", path.name, "file.regular")
    with path.open("rb") as file:
        before = _state(file)
        is_message = not (ours and ours.lines) and format_of(path, ours) == "xml"
        terms = Terms(own_banks, dict(ours.minimum) if ours else {}, retold=is_message)
        batch = _batch_id(file, kind, whose, ours, keeps if is_message else ())
        hand_in = HandIn(kind, whose, path.name, terms, batch)
        if is_message and kind == "statement":
            return _statements(centre, hand_in, file, progress)
        if (receipt := _finished(centre.database, batch)) is not None:
            return intake.forgotten(receipt)
        after = partial(pieces, file, path, kind, ours, keeps)
        try:
            return _read(centre, hand_in, file, path, ours, before, progress, after)
        except IntegrityError:  # the same file at the same moment
            if (receipt := _finished(centre.database, batch)) is not None:
                return intake.forgotten(receipt)
            raise


def _read(
    centre: Centre,
    hand_in: HandIn,
    file: io.BufferedReader,
    path: Path,
    ours: Mapping | None,
    before: _State,
    progress: Progress | None,
    after: Callable[[Done], Iterator[Given]],
) -> Receipt:
    """Read the file on from where it stopped, and take what it holds."""
    if ours and ours.lines:
        return _statement(centre, hand_in, whole(file), ours)
    begun = done_of(centre.database, str(hand_in.batch))
    done = begun if begun.pieces else Done()
    turned = under_our_names(after(done), ours, hand_in.kind, done.records)
    still = _unchanged(turned, file, before)
    counted = _counted(still, done.records, rows_in(file, path, ours), progress)
    try:
        return _taken(centre, hand_in, counted, done, is_new=begun == Done())
    except InputRejected as error:
        if error.expected == _CHANGED:
            _begin_anew(centre.database, str(hand_in.batch))
        raise


def _state(file: io.BufferedReader) -> _State:
    about = os.fstat(file.fileno())
    return about.st_size, about.st_mtime_ns


def _unchanged(pieces: Iterator[Given], file: io.BufferedReader, before: _State) -> Iterator[Given]:
    """The batches of a file that stayed as it was: what is known by its contents must hold them."""
    yield from pieces
    if _state(file) != before:
        raise InputRejected("file", "", _CHANGED)


def _begin_anew(database: Database, batch: str) -> None:
    """Nobody knows which contents the counted batches had: if the file with this id comes again,
    it is read from its start, and what is known of it are duplicates."""
    with database.write() as session:
        if (row := session.get(Batch, batch)) is not None and row.finished_us is None:
            row.receipt = {**row.receipt, "pieces": 0}


def mapping_of(given: Path | Mapping | None, kind: str) -> Mapping | None:
    """A mapping file, read. Raises `InputRejected` if it is of another kind of fact."""
    if given is None:
        return None
    ours = given if isinstance(given, Mapping) else mapping.load(given.read_text("utf-8"))
    if ours.kind != kind:
        raise InputRejected("mapping", ours.kind, "mapping.kind", kind=kind)
    return ours


def _batch_id(
    file: io.BufferedReader, kind: str, source: str, ours: Mapping | None, keeps: Collection[str]
) -> str:
    digest = hashlib.file_digest(file, "sha256")
    file.seek(0)
    terms = ours.model_dump_json() if ours else ""
    digest.update("\x1f".join((kind, source, terms, READING, *sorted(keeps))).encode())
    return f"f-{digest.hexdigest()[:32]}"


def _finished(database: Database, batch: str) -> Receipt | None:
    with database.session() as session:
        found = [session.get(Batch, one) for one in statements.batches(batch)]
    receipts = [
        Receipt.from_json(row.receipt["receipt"])
        for row in found
        if row is not None and row.finished_us is not None
    ]
    return reduce(Receipt.plus, receipts) if receipts else None


def _statement(centre: Centre, hand_in: HandIn, data: bytes, ours: Mapping) -> Receipt:
    """A bank's statement as a sheet: itself and its lines."""
    head, lines = statement_sheet.read(data, ours)
    taken = statements.take_statement(centre, hand_in, head, lines)
    return taken[0].plus(taken[1])


def _statements(
    centre: Centre, hand_in: HandIn, file: BinaryIO, progress: Progress | None
) -> Receipt:
    """A bank's statements as a message (camt.053): themselves and their lines."""

    def finished(batch: str) -> Receipt | None:
        found = _finished(centre.database, batch)
        return None if found is None else intake.forgotten(found)

    def shown(read: int) -> None:
        if progress is not None:
            progress(read, None)

    taken = messages.take_statements(centre, hand_in, file, finished, shown)
    return taken[0].plus(taken[1])


def under_our_names(
    pieces: Iterator[Given], ours: Mapping | None, kind: str, done: int = 0
) -> Iterator[Given]:
    """The batches under our names; a column that every fact must have is missed at once, not
    once a row."""
    first_row = done + 1
    for given in pieces:
        turned = mapping.apply(ours, given, first_row) if ours else given
        first_row += given.read
        if turned.table.num_rows:
            _refuse_without_columns(turned.table, kind)
        yield turned


def _refuse_without_columns(table: pa.Table, kind: str) -> None:
    later = {"payer_bank", "bank", "at_us"} if kind in ("payment", "statement") else set()
    for column in SCHEMAS[kind].given:
        if column.required and column.name not in table.column_names and column.name not in later:
            raise InputRejected("file", "", "file.column_missing", column=column.name)


def _counted(
    pieces: Iterator[Given], read: int, rows: int | None, progress: Progress | None
) -> Iterator[Given]:
    for given in pieces:
        yield given
        read += given.read
        if progress is not None:
            progress(read, rows)


def _taken(
    centre: Centre, hand_in: HandIn, pieces: Iterator[Given], done: Done, is_new: bool
) -> Receipt:
    if not is_new:
        return take_pieces(centre, hand_in, pieces, done)
    head = list(islice(pieces, 1))
    try:
        head += islice(pieces, 1)
    except InputRejected as torn:  # behind the first batch, which is not lost with it
        return take_pieces(centre, hand_in, chain(head, _refused(torn)))
    if len(head) == 2 or (head and head[0].read > SHORT):
        return take_pieces(centre, hand_in, chain(head, pieces))
    given = head[0] if head else Given(pa.table({"id": pa.array([], pa.string())}), Places())
    return intake.take(centre, hand_in, given)


def _refused(error: InputRejected) -> Iterator[Given]:
    raise error
    yield
