"""CSV as a stream of batches, every field as text.

A line with too many or too few fields, or bytes that are no text, harm only themselves; what a
batch takes is bounded whatever stands in the file.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.csv as pacsv

from qalqan.errors import InputRejected
from qalqan.exchange.given import (
    BATCH_ROWS,
    Broken,
    Given,
    Places,
    Rows,
    refuse_doubles,
    sound_texts,
)
from qalqan.exchange.utf8 import MOST_LINE, Utf8

_BLOCK = 4 << 20
_BATCH_BYTES = 32 << 20
_MOST_BROKEN = 100_000
"""Broken lines in a row of blocks: then it is no CSV under this header, and reading stops."""
_SHOWN = 1 << 16
_DELIMITERS = ",;\t|"


def read(
    source: BinaryIO,
    *,
    delimiter: str | None = None,
    encoding: str = "utf-8",
    header: Sequence[str] = (),
) -> Iterator[Given]:
    """Batches of the file's records under the names of its first line; under those of `header`
    if there are any: then the first line is a record.

    Raises:
        InputRejected: no header, a column named twice, or bytes that are no CSV at all. What
            stood before the line it names has been handed on.
    """
    stream = Utf8(source, encoding)
    head = stream.head
    if not head.strip():
        raise InputRejected("file", "", "file.empty")
    delimiter = delimiter or max(_DELIMITERS, key=head.split("\n", 1)[0].count)
    names, lines = (list(header), 0) if header else _first_line(head, delimiter)
    refuse_doubles(names)
    yield from _Reading(stream, names, lines, delimiter).batches()


def _first_line(head: str, delimiter: str) -> tuple[list[str], int]:
    """The names of a file's columns, and over how many lines they stand."""
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
    try:
        return [name.strip() for name in next(reader)], reader.line_num
    except csv.Error as error:  # a field longer than the header may be
        raise InputRejected("file", "", "file.csv") from error


@dataclass(frozen=True)
class _Piece:
    """Some records, their numbers (a header is 1), and the broken ones among them."""

    table: pa.Table
    numbers: Rows
    broken: list[pacsv.InvalidRow]


class _Reading:
    """One pass over a file."""

    def __init__(self, stream: Utf8, names: list[str], header_lines: int, delimiter: str) -> None:
        self._source, self._names, self._delimiter = stream, names, delimiter
        self._header_lines = header_lines
        self._broken: list[pacsv.InvalidRow] = []
        self._first = self._last = int(header_lines > 0)
        """Numbers of the header, and of the last record that was sorted into a piece."""

    def batches(self) -> Iterator[Given]:
        held: list[_Piece] = []
        try:
            for piece in chain(self._pieces(), self._left()):
                held.append(piece)
                if _is_batch(held):
                    yield _together(held)
                    held = []
        except InputRejected:  # what stood before is not lost with it
            if held:
                yield _together(held)
            raise
        if held:
            yield _together(held)

    def _pieces(self) -> Iterator[_Piece]:
        try:
            for batch in self._open():
                table = sound_texts(pa.table(batch))
                yield _Piece(table, *self._sorted(batch.num_rows))
        except pa.ArrowInvalid as error:
            code = "file.csv" if self._last == self._first else "file.csv_part"
            if len(self._broken) > _MOST_BROKEN:
                code = "file.csv_lines"
            row = self._last + 1
            raise InputRejected("file", "", code, row=row, columns=len(self._names)) from error

    def _sorted(self, rows: int) -> tuple[Rows, list[pacsv.InvalidRow]]:
        """Numbers of so many next sound records, and the broken ones before the last of them;
        the reader is ahead of what it hands on."""
        every = np.arange(self._last + 1, self._last + 1 + rows + len(self._broken))
        bad = np.array([row.number for row in self._broken], np.int64)
        numbers = every[~np.isin(every, bad)][:rows]
        if rows:
            self._last = int(numbers[-1])
        mine = int(np.searchsorted(bad, self._last))
        broken, self._broken[:mine] = self._broken[:mine], []
        return numbers, broken

    def _left(self) -> Iterator[_Piece]:
        """Broken lines after the last sound one."""
        if self._broken:
            none = pa.table({name: pa.array([], pa.string()) for name in self._names})
            yield _Piece(none, np.array([], np.int64), self._broken)

    def _keep(self, row: pacsv.InvalidRow) -> str:
        self._broken.append(row)
        return "skip" if len(self._broken) <= _MOST_BROKEN else "error"

    def _open(self) -> Iterator[pa.RecordBatch]:
        try:
            return iter(self._opened())
        except pa.ArrowInvalid as error:
            if "Empty CSV file" in str(error):
                return iter(())
            raise

    def _opened(self) -> Any:
        return pacsv.open_csv(
            # Buffered: a block that came short would cut lines in more than two.
            pa.PythonFile(io.BufferedReader(self._source, _BLOCK), mode="r"),
            read_options=pacsv.ReadOptions(
                use_threads=False,  # only then is a broken row's number known
                block_size=_BLOCK,
                skip_rows=self._header_lines,
                column_names=self._names,
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=self._delimiter,
                newlines_in_values=True,
                invalid_row_handler=self._keep,
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(self._names, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
            ),
        )


def _is_batch(pieces: list[_Piece]) -> bool:
    rows = sum(len(one.numbers) + len(one.broken) for one in pieces)
    return rows >= BATCH_ROWS or sum(one.table.nbytes for one in pieces) >= _BATCH_BYTES


def _together(pieces: list[_Piece]) -> Given:
    table = pa.concat_tables([one.table for one in pieces])
    numbers = np.concatenate([one.numbers for one in pieces])
    broken = tuple(_as_broken(row) for one in pieces for row in one.broken)
    return Given(table, Places(":{}", numbers=numbers), broken)


def _as_broken(row: pacsv.InvalidRow) -> Broken:
    if len(row.text) >= MOST_LINE:
        most: dict[str, object] = {"most": MOST_LINE >> 10}
        return Broken(f":{row.number}", row.text[:_SHOWN], "file.line_long", most)
    counts: dict[str, object] = {"columns": row.expected_columns, "given": row.actual_columns}
    return Broken(f":{row.number}", row.text[:_SHOWN], "file.fields", counts)
