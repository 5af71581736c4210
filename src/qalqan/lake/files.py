"""Whole files of facts: CSV, JSON Lines, Parquet and sheets, millions of rows of them (REQ-19).

A file goes through the same intake as a POST, batch by batch, so memory is bounded by a batch.
A short file lands as a POST does; a long one goes straight to the lake (`bulk`). A file is known
by its contents: cut off, it goes on where it stopped; handed in twice, it counts nothing twice.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable, Iterator
from functools import reduce
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
from sqlalchemy.exc import IntegrityError

from qalqan.errors import InputRejected
from qalqan.exchange import (
    csv_table,
    json_lines,
    mapping,
    parquet_table,
    statement_sheet,
    xlsx_table,
)
from qalqan.exchange.given import Given, Places
from qalqan.exchange.mapping import Mapping
from qalqan.lake import intake, statements
from qalqan.lake.bulk import Done, done_of, take_pieces
from qalqan.lake.checked import Terms
from qalqan.lake.hand_in import Centre, HandIn
from qalqan.lake.receipt import Receipt
from qalqan.lake.rules import OwnBanks
from qalqan.lake.schemas import SCHEMAS
from qalqan.register.database import Database
from qalqan.register.orm import Batch

Progress = Callable[[int, int | None], None]
"""Called with rows read so far and, if the format tells, rows in all."""

SHORT = 20_000
"""Records of a file that lands as a POST does; identities of more would weigh on the register."""

READING = "2"
"""Part of a file's id: raise it when the same file would be read differently."""

MOST_WHOLE = 64 << 20
"""Bytes of a workbook or a statement, which are read whole."""

_CHANGED = "file.changed"
_State = tuple[int, int]
_FORMATS = {
    ".csv": "csv", ".tsv": "csv", ".txt": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl",
    ".parquet": "parquet", ".xlsx": "xlsx", ".xls": "xlsx", ".ods": "xlsx",
}  # fmt: skip


def take_file(
    centre: Centre,
    kind: str,
    path: Path,
    *,
    source: str | None = None,
    mapping: Path | Mapping | None = None,
    own_banks: OwnBanks = None,
    progress: Progress | None = None,
) -> Receipt:
    """Take a file of facts; its format by the mapping or by its name's ending. Handed in a
    second time, its receipt says that everything was a duplicate.

    Raises:
        InputRejected: no such format, a damaged file, one that changes while it is read, a
            column that the mapping needs is missing, or nobody says whose facts these are. What
            was taken before stays taken.
        Unavailable: another process seals for longer than a minute; handing in again goes on.
    """
    ours = _mapping(mapping, kind)
    whose = source or (ours.source if ours else None)
    if not whose:
        raise InputRejected("source", source, "fact.missing")
    if path.exists() and not (path.is_file() or path.is_dir()):  # a pipe or a device never ends
        raise InputRejected("file", path.name, "file.regular")
    with path.open("rb") as file:
        terms = Terms(own_banks, dict(ours.minimum) if ours else {})
        before = _state(file)
        batch = _batch_id(file, kind, whose, ours)
        hand_in = HandIn(kind, whose, path.name, terms, batch)
        if (receipt := _finished(centre.database, batch)) is not None:
            return intake.forgotten(receipt)
        try:
            return _read(centre, hand_in, file, path, ours, before, progress)
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
) -> Receipt:
    """Read the file on from where it stopped, and take what it holds."""
    if ours and ours.lines:
        return _statement(centre, hand_in, _whole(file), ours)
    begun = done_of(centre.database, str(hand_in.batch))
    done = begun if begun.pieces else Done()
    pieces = _ours(_pieces(file, path, hand_in.kind, ours, done), ours, hand_in.kind, done.records)
    still = _unchanged(pieces, file, before)
    counted = _counted(still, done.records, _rows_in(file, path, ours), progress)
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


def _mapping(given: Path | Mapping | None, kind: str) -> Mapping | None:
    if given is None:
        return None
    ours = given if isinstance(given, Mapping) else mapping.load(given.read_text("utf-8"))
    if ours.kind != kind:
        raise InputRejected("mapping", ours.kind, "mapping.kind", kind=kind)
    return ours


def _batch_id(file: io.BufferedReader, kind: str, source: str, ours: Mapping | None) -> str:
    digest = hashlib.file_digest(file, "sha256")
    file.seek(0)
    terms = ours.model_dump_json() if ours else ""
    digest.update("\x1f".join((kind, source, terms, READING)).encode())
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


def _format(path: Path, ours: Mapping | None) -> str:
    found = (ours.file.format if ours else None) or _FORMATS.get(path.suffix.lower())
    if found is None:
        raise InputRejected("file", path.name, "file.format")
    return found


def _pieces(
    file: BinaryIO, path: Path, kind: str, ours: Mapping | None, done: Done
) -> Iterator[Given]:
    """The file's batches after those that are done. Parquet goes straight there; of lines nobody
    knows where a record starts without reading those before, so they are split, but not checked.
    """
    found = _format(path, ours)
    if found == "parquet":
        return parquet_table.read(file, wanted=_wanted(kind, ours), first_row=done.records)
    return islice(_from_the_start(found, file, kind, ours), done.pieces, None)


def _from_the_start(found: str, file: BinaryIO, kind: str, ours: Mapping | None) -> Iterator[Given]:
    shape = ours.file if ours else mapping.FileShape()
    if found == "csv":
        return csv_table.read(file, delimiter=shape.delimiter, encoding=shape.encoding)
    if found == "jsonl":
        return json_lines.read(file, wanted=_wanted(kind, ours))
    return iter([xlsx_table.read(_whole(file), shape.sheet, mapping.names_in(ours))])


def _whole(file: BinaryIO) -> bytes:
    data = file.read(MOST_WHOLE + 1)
    if len(data) > MOST_WHOLE:
        raise InputRejected("file", "", "file.large", most=MOST_WHOLE >> 20)
    return data


def _wanted(kind: str, ours: Mapping | None) -> Callable[[str], bool]:
    """Which columns of a file are read at all."""
    if ours is None:
        return frozenset(column.name for column in SCHEMAS[kind].given).__contains__
    spelled = {mapping.spelling(name) for name in mapping.names_used(ours)}
    return lambda name: mapping.spelling(name) in spelled


def _rows_in(file: BinaryIO, path: Path, ours: Mapping | None) -> int | None:
    return parquet_table.rows(file) if _format(path, ours) == "parquet" else None


def _ours(pieces: Iterator[Given], ours: Mapping | None, kind: str, done: int) -> Iterator[Given]:
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
