"""Parquet as a stream of batches, columns in their own types, text dictionary-encoded.

What a batch takes is bounded whatever the file claims: pages are looked at before they are
unpacked (`parquet_pages`), a value that repeats stands in memory once, and columns that nobody
asks for are not read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from qalqan.errors import InputRejected
from qalqan.exchange.given import BATCH_ROWS, NESTED, Given, Places, refuse_doubles, sound_texts
from qalqan.exchange.parquet_pages import MOST_PAGE, Damaged, Group, Trap, bytes_a_row, groups

MOST_BYTES = 64 << 20
"""Of one column in a batch."""

_DAMAGE = (pa.ArrowException, OSError, ValueError, Damaged)
_BUFFER = 1 << 20

Wanted = Callable[[str], bool]
Sized = tuple[pa.Table, int]
"""Some rows, and the bytes of their widest text column without a dictionary."""


def read(
    source: BinaryIO, *, wanted: Wanted = lambda _: True, first_row: int = 0
) -> Iterator[Given]:
    """Batches of the file's rows from `first_row` on (counted from 0, and the first of a batch);
    columns that are not wanted are only named.

    Raises:
        InputRejected: it is no Parquet, a part of it is damaged, or it unpacks to too much. What
            stood before that part has been handed on.
    """
    file, found = _opened(source)
    names = file.schema_arrow.names
    refuse_doubles(names)
    asked = [name for name in names if wanted(name)]
    unknown = tuple(name for name in names if not wanted(name))
    row = first_row
    try:
        for table in _gathered(_slices(file, found, source, asked or names[:1], first_row)):
            yield Given(table, Places("[{}]", row + 1), unknown=unknown)
            row += table.num_rows
    except Trap as error:
        most = MOST_PAGE >> 20
        raise InputRejected("file", "", "file.unpacks", row=row + 1, most=most) from error
    except _DAMAGE as error:
        raise InputRejected("file", "", "file.parquet_part", row=row + 1) from error


def rows(source: BinaryIO) -> int:
    """How many rows the file says it has; leaves the file at its start. Raises as `read`."""
    _, found = _opened(source)
    source.seek(0)
    return sum(group.rows for group in found)


def _opened(source: BinaryIO) -> tuple[pq.ParquetFile, list[Group]]:
    try:
        found = groups(source)
        source.seek(0)
        first = pq.ParquetFile(source)
        texts = [one.name for one in first.schema_arrow if _is_text(one.type)]
        file = pq.ParquetFile(
            source,
            metadata=first.metadata,
            read_dictionary=texts,
            pre_buffer=False,
            buffer_size=_BUFFER,
        )
    except _DAMAGE as error:
        raise InputRejected("file", "", "file.parquet") from error
    counted = sum(group.rows for group in found)
    if (file.num_row_groups, file.metadata.num_rows) != (len(found), counted):
        raise InputRejected("file", "", "file.parquet")
    return file, found


def _is_text(kind: pa.DataType) -> bool:
    return any(
        is_one(kind)
        for is_one in (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary)
    )


def _slices(
    file: pq.ParquetFile, found: list[Group], source: BinaryIO, names: list[str], first_row: int
) -> Iterator[Sized]:
    """Pieces of the row groups, none of which takes too much room."""
    schema = file.schema_arrow
    flat = [name for name in names if not pa.types.is_nested(schema.field(name).type)]
    before = 0
    for number, group in enumerate(found):
        skipped = max(first_row - before, 0)
        if skipped < group.rows:
            most = _rows_at_once(source, group, flat)
            for table in _of_group(file, number, group, flat, most, skipped):
                yield from _parted(_with_nested(sound_texts(table), names))
        before += group.rows


def _of_group(
    file: pq.ParquetFile, number: int, group: Group, names: list[str], most: int, skipped: int
) -> Iterator[pa.Table]:
    read = 0
    for batch in file.iter_batches(most, row_groups=[number], columns=names):
        start, read = max(skipped - read, 0), read + batch.num_rows
        if start < batch.num_rows:
            yield pa.table(batch.slice(start))
    if read != group.rows:
        raise Damaged


def _with_nested(table: pa.Table, names: list[str]) -> pa.Table:
    """Lists and objects are no value of any fact: they are not read, only refused."""
    for name in names:
        if name not in table.column_names:
            nested = pa.DictionaryArray.from_arrays(
                np.zeros(table.num_rows, np.int32), pa.array([NESTED])
            )
            table = table.append_column(name, nested)
    return table


def _parted(table: pa.Table) -> Iterator[Sized]:
    """The table, or its halves, if its text would take too much room without a dictionary."""
    texts = [values for values in table.columns if pa.types.is_dictionary(values.type)]
    room = max(map(_spelled_out, texts), default=0)
    if table.num_rows < 2 or room <= MOST_BYTES:
        yield table, room
        return
    half = table.num_rows // 2
    yield from _parted(table.slice(0, half))
    yield from _parted(table.slice(half))


def _spelled_out(values: pa.ChunkedArray) -> int:
    lengths = (pc.binary_length(one.dictionary).take(one.indices) for one in values.chunks)
    return sum(pc.sum(one).as_py() or 0 for one in lengths)


def _rows_at_once(source: BinaryIO, group: Group, names: list[str]) -> int:
    """How many rows of this group fit in a batch. Raises `Damaged` or `Trap`."""
    if not set(names) <= set(group.columns):
        raise Damaged
    widest = max((bytes_a_row(source, group.columns[name]) for name in names), default=1)
    return max(min(BATCH_ROWS, MOST_BYTES // max(widest, 1)), 1)


def _gathered(slices: Iterator[Sized]) -> Iterator[pa.Table]:
    """Small slices together, up to a batch; those before a damaged one are not lost with it."""
    held: list[Sized] = []
    try:
        for one in slices:
            if held and _too_much([*held, one]):
                yield _together(held)
                held = []
            held.append(one)
    except (*_DAMAGE, Trap):
        if held:
            yield _together(held)
        raise
    if held:
        yield _together(held)


def _too_much(slices: list[Sized]) -> bool:
    rows = sum(table.num_rows for table, _ in slices)
    return rows > BATCH_ROWS or sum(room for _, room in slices) > MOST_BYTES


def _together(slices: list[Sized]) -> pa.Table:
    return pa.concat_tables([table for table, _ in slices])
