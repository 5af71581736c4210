"""CSV as a stream of batches, every field as text.

A line with too many or too few fields, or bytes that are no text, harm only themselves.
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from itertools import count, filterfalse
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.csv as pacsv

from qalqan.errors import InputRejected
from qalqan.exchange.given import Broken, Given, Places

_BLOCK = 16 << 20
_PIECE = 1 << 20
_DELIMITERS = ",;\t|"


def read(
    source: BinaryIO, *, delimiter: str | None = None, encoding: str = "utf-8"
) -> Iterator[Given]:
    """Batches of the file's records under the names of its first line.

    Raises:
        InputRejected: no header, a column named twice, or bytes that are no CSV at all.
    """
    stream = _Utf8(source, encoding)
    head = stream.head
    if not head.strip():
        raise InputRejected("file", "", "file.empty")
    delimiter = delimiter or max(_DELIMITERS, key=head.split("\n", 1)[0].count)
    reader = csv.reader(io.StringIO(head, newline=""), delimiter=delimiter)
    names = [name.strip() for name in next(reader)]
    _refuse_doubles(names)
    broken: list[pacsv.InvalidRow] = []
    yield from _batches(_open(stream, names, reader.line_num, delimiter, broken), broken)


def _refuse_doubles(names: list[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise InputRejected("file", name, "file.column_twice", column=name)


class _Utf8(io.RawIOBase):
    """A file of any encoding as valid UTF-8: what is no text becomes U+FFFD, which the intake
    refuses in its own record (the parser would drop the whole file for it)."""

    def __init__(self, source: BinaryIO, encoding: str) -> None:
        name = "utf-8-sig" if encoding.lower().replace("-", "") == "utf8" else encoding
        self._decoder = codecs.getincrementaldecoder(name)(errors="replace")
        self._source = source
        self.head = self._text()
        self._held = memoryview(self.head.encode())

    def _text(self) -> str:
        text, ended = "", False
        while not text and not ended:
            piece = self._source.read(_PIECE)
            ended = not piece
            text = self._decoder.decode(piece, final=ended)
        return text

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._held:
            self._held = memoryview(self._text().encode())
        taken = self._held[: len(buffer)]
        buffer[: len(taken)] = taken
        self._held = self._held[len(taken) :]
        return len(taken)


def _open(
    source: io.RawIOBase,
    names: list[str],
    header_lines: int,
    delimiter: str,
    broken: list[pacsv.InvalidRow],
) -> pacsv.CSVStreamingReader:
    def keep(row: pacsv.InvalidRow) -> str:
        broken.append(row)
        return "skip"

    try:
        return pacsv.open_csv(
            pa.PythonFile(source, mode="r"),
            read_options=pacsv.ReadOptions(
                use_threads=False,  # only then is a broken row's number known
                block_size=_BLOCK,
                skip_rows=header_lines,
                column_names=names,
            ),
            parse_options=pacsv.ParseOptions(
                delimiter=delimiter, newlines_in_values=True, invalid_row_handler=keep
            ),
            convert_options=pacsv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                null_values=[""],
                strings_can_be_null=True,
            ),
        )
    except pa.ArrowInvalid as error:
        if "Empty CSV file" in str(error):
            return iter(())
        raise InputRejected("file", "", "file.csv") from error


def _batches(stream: Iterator[pa.RecordBatch], broken: list[pacsv.InvalidRow]) -> Iterator[Given]:
    number = 1  # of the last record handed on; the header is record 1
    try:
        for batch in stream:
            bad, broken[:] = tuple(broken), []
            skipped = {row.number for row in bad}
            numbers = filterfalse(skipped.__contains__, count(number + 1))
            held = [next(numbers) for _ in range(batch.num_rows)] if skipped else None
            yield Given(pa.table(batch), Places(":{}", number + 1, held), _as_broken(bad))
            number += batch.num_rows + len(bad)
        if broken:
            empty = pa.table({})
            yield Given(empty, Places(":{}", number + 1), _as_broken(tuple(broken)))
    except pa.ArrowInvalid as error:
        raise InputRejected("file", "", "file.csv") from error


def _as_broken(rows: tuple[pacsv.InvalidRow, ...]) -> tuple[Broken, ...]:
    return tuple(
        Broken(
            f":{row.number}",
            row.text,
            "file.fields",
            {"columns": row.expected_columns, "given": row.actual_columns},
        )
        for row in rows
    )
