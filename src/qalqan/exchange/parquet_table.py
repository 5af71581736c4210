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
from qalqan.exchange.given import BATCH_ROWS as ROWS
from qalqan.exchange.given import NESTED, Given, Places, refuse_doubles, sound_texts
from qalqan.exchange.parquet_pages import MOST_PAGE, Chunk, Damaged, Trap, bytes_a_row

BATCH_ROWS = 2 * ROWS
"""Columns take less room than lines do, and larger batches make fewer files."""

MOST_FOOTER = 32 << 20
MOST_BYTES = 64 << 20
"""Of one column in a batch."""

_MAGIC = b"PAR1"
_BUFFER = 1 << 20

Wanted = Callable[[str], bool]


def read(
    source: BinaryIO, *, wanted: Wanted = lambda _: True, first_row: int = 0
) -> Iterator[Given]:
    """Batches of the file's rows from `first_row` on (counted from 0, and the first of a batch);
    columns that are not wanted are only named.

    Raises:
        InputRejected: it is no Parquet, a part of it is damaged, or it unpacks to too much. What
            stood before that part has been handed on.
    """
    file = _opened(source)
    names = file.schema_arrow.names
    refuse_doubles(names)
    asked = [name for name in names if wanted(name)]
    unknown = tuple(name for name in names if not wanted(name))
    row = first_row
    try:
        for table in _gathered(_slices(file, source, asked or names[:1], first_row)):
            yield Given(table, Places("[{}]", row + 1), unknown=unknown)
            row += table.num_rows
    except Trap as error:
        most = MOST_PAGE >> 20
        raise InputRejected("file", "", "file.unpacks", row=row + 1, most=most) from error
    except (pa.ArrowException, OSError, Damaged) as error:
        raise InputRejected("file", "", "file.parquet_part", row=row + 1) from error


def rows(source: BinaryIO) -> int:
    """How many rows the file says it has; leaves the file at its start. Raises as `read`."""
    counted = _opened(source).metadata.num_rows
    source.seek(0)
    return int(counted)


def _opened(source: BinaryIO) -> pq.ParquetFile:
    try:
        size = source.seek(0, 2)
        source.seek(max(size - 8, 0))
        tail = source.read(8)
        footer = int.from_bytes(tail[:4], "little")
        if tail[4:] != _MAGIC or footer > min(size, MOST_FOOTER):
            raise InputRejected("file", "", "file.parquet")
        source.seek(0)
        first = pq.ParquetFile(source)
        texts = [one.name for one in first.schema_arrow if _is_text(one.type)]
        return pq.ParquetFile(
            source,
            metadata=first.metadata,
            read_dictionary=texts,
            pre_buffer=False,
            buffer_size=_BUFFER,
        )
    except (pa.ArrowException, OSError) as error:
        raise InputRejected("file", "", "file.parquet") from error


def _is_text(kind: pa.DataType) -> bool:
    return any(
        is_one(kind)
        for is_one in (pa.types.is_string, pa.types.is_large_string, pa.types.is_binary)
    )


def _slices(
    file: pq.ParquetFile, source: BinaryIO, names: list[str], first_row: int
) -> Iterator[pa.Table]:
    """Pieces of the row groups, none of which takes too much room."""
    schema = file.schema_arrow
    flat = [name for name in names if not pa.types.is_nested(schema.field(name).type)]
    before = 0
    for group in range(file.num_row_groups):
        held = file.metadata.row_group(group).num_rows
        skipped = max(first_row - before, 0)
        if skipped < held:
            most = _rows_at_once(file, source, flat, group)
            for table in _of_group(file, flat, group, most, skipped):
                yield from _parted(_with_nested(sound_texts(table), names))
        before += held


def _of_group(
    file: pq.ParquetFile, names: list[str], group: int, most: int, skipped: int
) -> Iterator[pa.Table]:
    held = file.metadata.row_group(group).num_rows
    read = 0
    for batch in file.iter_batches(most, row_groups=[group], columns=names):
        start, read = max(skipped - read, 0), read + batch.num_rows
        if start < batch.num_rows:
            yield pa.table(batch.slice(start))
    if read != held:
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


def _parted(table: pa.Table) -> Iterator[pa.Table]:
    """The table, or its halves, if its text would take too much room without a dictionary."""
    texts = [values for values in table.columns if pa.types.is_dictionary(values.type)]
    if table.num_rows < 2 or max(map(_spelled_out, texts), default=0) <= MOST_BYTES:
        yield table
        return
    half = table.num_rows // 2
    yield from _parted(table.slice(0, half))
    yield from _parted(table.slice(half))


def _spelled_out(values: pa.ChunkedArray) -> int:
    lengths = (pc.binary_length(one.dictionary).take(one.indices) for one in values.chunks)
    return sum(pc.sum(one).as_py() or 0 for one in lengths)


def _rows_at_once(file: pq.ParquetFile, source: BinaryIO, names: list[str], group: int) -> int:
    """How many rows of this group fit in a batch. Raises `Damaged` or `Trap`."""
    about = file.metadata.row_group(group)
    widest = 1
    for number in range(about.num_columns):
        column = about.column(number)
        if column.path_in_schema not in names:
            continue
        start = column.data_page_offset
        if column.has_dictionary_page and column.dictionary_page_offset:
            start = min(start, column.dictionary_page_offset)
        chunk = Chunk(start, column.total_compressed_size, about.num_rows)
        widest = max(widest, bytes_a_row(source, chunk))
    return max(min(BATCH_ROWS, MOST_BYTES // widest), 1)


def _gathered(slices: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """Small slices together, up to a batch."""
    held: list[pa.Table] = []
    for one in slices:
        held.append(one)
        with_another = sum(table.num_rows for table in held) + one.num_rows
        if with_another > BATCH_ROWS or sum(table.nbytes for table in held) >= MOST_BYTES:
            yield pa.concat_tables(held)
            held = []
    if held:
        yield pa.concat_tables(held)
