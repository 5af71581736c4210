"""Which reader reads a file, and the file's batches after those that are done (REQ-19)."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from qalqan.errors import InputRejected
from qalqan.exchange import csv_table, json_lines, mapping, parquet_table, xlsx_table
from qalqan.exchange.given import Given
from qalqan.exchange.mapping import Mapping
from qalqan.lake.bulk import Done
from qalqan.lake.schemas import SCHEMAS

MOST_WHOLE = 64 << 20
"""Bytes of a workbook or a statement, which are read whole."""

_FORMATS = {
    ".csv": "csv", ".tsv": "csv", ".txt": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl",
    ".parquet": "parquet", ".xlsx": "xlsx", ".xml": "xml",
}  # fmt: skip


def format_of(path: Path, ours: Mapping | None) -> str:
    """The file's format, by the mapping or by its name's ending.

    Raises:
        InputRejected: none that we read.
    """
    found = (ours.file.format if ours else None) or _FORMATS.get(path.suffix.lower())
    if found is None:
        raise InputRejected("file", path.name, "file.format")
    return found


def pieces(
    file: BinaryIO,
    path: Path,
    kind: str,
    ours: Mapping | None,
    keeps: Collection[str],
    done: Done,
) -> Iterator[Given]:
    """The file's batches after those that are done. Parquet goes straight there; of lines nobody
    knows where a record starts without reading those before, so they are split, but not checked.
    """
    found = format_of(path, ours)
    if found == "parquet":
        return parquet_table.read(file, wanted=_wanted(kind, ours), first_row=done.records)
    if found == "xml":
        return islice(_message(file, kind, keeps), done.pieces, None)
    return islice(_from_the_start(found, file, kind, ours), done.pieces, None)


def _message(file: BinaryIO, kind: str, keeps: Collection[str]) -> Iterator[Given]:
    """An ISO 20022 message: payments alone come so, statements by `_statements`."""
    if kind != "payment":
        raise InputRejected("kind", kind, "iso.kind")
    from qalqan.exchange.iso20022 import payments  # lxml: for those who bring a message

    return payments.read(file, keeps)


def _from_the_start(found: str, file: BinaryIO, kind: str, ours: Mapping | None) -> Iterator[Given]:
    shape = ours.file if ours else mapping.FileShape()
    if found == "csv":
        return csv_table.read(
            file, delimiter=shape.delimiter, encoding=shape.encoding, header=shape.header
        )
    if found == "jsonl":
        return json_lines.read(file, wanted=_wanted(kind, ours))
    return iter([xlsx_table.read(whole(file), shape.sheet, mapping.names_in(ours))])


def whole(file: BinaryIO) -> bytes:
    """All of a file that is read whole. Raises `InputRejected` where it is too large for that."""
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


def rows_in(file: BinaryIO, path: Path, ours: Mapping | None) -> int | None:
    """How many records it has, if its format tells."""
    return parquet_table.rows(file) if format_of(path, ours) == "parquet" else None
