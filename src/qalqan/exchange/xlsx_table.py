"""A sheet of a workbook (xlsx, xls, ods) as one batch, wherever in the sheet the table stands."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook, WorksheetNotFound

from qalqan.errors import InputRejected
from qalqan.exchange.given import Given, Places, column_of
from qalqan.exchange.mapping import spelling

MOST_UNPACKED = 512 << 20
"""Bytes a workbook may unpack to: more is a mistake or a trap, and would fill memory."""


@dataclass(frozen=True)
class Sheet:
    """A sheet's cells, rows as they stand, empty cells None."""

    name: str
    rows: list[list[Any]]


def sheet(data: bytes, name: str | None = None) -> Sheet:
    """One sheet of a workbook, the first unless named.

    Raises:
        InputRejected: no workbook, no such sheet, or too large to open.
    """
    _refuse_bomb(data)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        name = book.sheet_names[0] if name is None else name
        # Rows above the first filled one count: places name the sheet's own rows.
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except WorksheetNotFound as error:
        raise InputRejected("file", name, "file.sheet", sheet=name) from error
    except (CalamineError, IndexError, OSError, zipfile.BadZipFile) as error:
        raise InputRejected("file", "", "file.xlsx") from error
    return Sheet(name, [[_cell(value) for value in row] for row in rows])


def _refuse_bomb(data: bytes) -> None:
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED:
            raise InputRejected("file", "", "file.xlsx")


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, datetime | bool | int | float):
        return value
    if isinstance(value, date):
        return datetime(value.year, value.month, value.day)
    if isinstance(value, time | timedelta):
        return str(value)
    return value


def read(data: bytes, name: str | None = None, columns: Collection[str] = ()) -> Given:
    """The table of a sheet under its header row: the row that has most of `columns`, or, if
    none are named, the first row that is not empty. Empty rows don't count.

    Raises:
        InputRejected: as `sheet`, a sheet without a header, or a column named twice.
    """
    found = sheet(data, name)
    header = header_row(found, columns)
    below = range(header + 1, len(found.rows))
    return table_of(found, header, [row for row in below if any_filled(found.rows[row])])


def header_row(found: Sheet, columns: Collection[str]) -> int:
    """Index of the header row."""
    wanted = {spelling(name) for name in columns}
    best, most = None, 0
    for index, row in enumerate(found.rows):
        words = {spelling(cell) for cell in row if isinstance(cell, str)}
        hits = len(words & wanted) if wanted else int(any_filled(row))
        if hits > most:
            best, most = index, hits
        if best is not None and not wanted:
            break
    if best is None:
        raise InputRejected("file", "", "file.column_missing", column=" / ".join(sorted(columns)))
    return best


def any_filled(row: Sequence[Any]) -> bool:
    """Whether anything stands in the row."""
    return any(cell is not None for cell in row)


def table_of(found: Sheet, header: int, rows: Sequence[int]) -> Given:
    """Some rows of a sheet as records under the header row; unnamed columns are left out."""
    columns: dict[str, pa.Array] = {}
    for place, title in enumerate(found.rows[header]):
        if title is None:
            continue
        if str(title) in columns:
            raise InputRejected("file", str(title), "file.column_twice", column=str(title))
        columns[str(title)] = column_of(
            found.rows[row][place] if place < len(found.rows[row]) else None for row in rows
        )
    numbers = [row + 1 for row in rows]
    return Given(pa.table(columns), Places(found.name + "!{}", numbers=numbers))
