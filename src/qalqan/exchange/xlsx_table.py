"""A sheet of a workbook (xlsx) as one batch, wherever in the sheet the table stands.

Other kinds that the reader knows (xls, ods, xlsb) are refused before it opens them: they can ask
for any amount of memory in a few bytes, by repeating a cell or by cells far apart.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import pyarrow as pa
from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum

from qalqan.errors import InputRejected
from qalqan.exchange.given import Given, Places, column_of
from qalqan.exchange.mapping import spelling

MOST_UNPACKED = 256 << 20
"""Bytes a workbook may unpack to: more is a mistake or a trap, and would fill memory."""
MOST_CELLS = 1 << 23
"""Cells between the first and the last filled one, empty ones too: the reader makes room for all
of them, so two cells in opposite corners of a sheet would fill memory."""

# A row or a cell says its place by the attribute r, such as "B12"; most writers put it first.
_COLUMN = re.compile(rb"""r\s*=\s*["']\s*([A-Za-z]+)[0-9]""")
_LINE = re.compile(rb"""r\s*=\s*["']\s*[A-Za-z]*([0-9]+)""")
_ROW = re.compile(rb"[<:]row\b")
_CELL = re.compile(rb"[<:]c[\s/>]")
_CELL_PLACED = re.compile(rb"[<:]c\s+(?:[^>]*\s)?r\s*=")
_ANOTHER_CELL = re.compile(rb"c(?<=[<:]c)(?! r=)[\s/>]")
_DAMAGED = (
    CalamineError, zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError,
)  # fmt: skip


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
    book = _opened(data)
    name = next(iter(book.sheet_names), None) if name is None else name
    if name not in book.sheet_names:
        raise InputRejected("file", name, "file.sheet", sheet=name)
    return _sheet(book, name)


def sheets(data: bytes) -> list[Sheet]:
    """All sheets of a workbook that have cells. Raises `InputRejected` as `sheet`."""
    book = _opened(data)
    kinds = {one.name: one.typ for one in book.sheets_metadata}
    return [_sheet(book, name) for name, kind in kinds.items() if kind == SheetTypeEnum.WorkSheet]


def _opened(data: bytes) -> CalamineWorkbook:
    try:
        counted = _counted(data)
        book = CalamineWorkbook.from_filelike(counted) if counted is not None else None
    except _DAMAGED as error:
        raise InputRejected("file", "", "file.xlsx") from error
    if book is None:
        most = MOST_UNPACKED >> 20
        raise InputRejected("file", "", "file.unpacks_sheet", most=most, cells=MOST_CELLS)
    return book


def _sheet(book: CalamineWorkbook, name: str) -> Sheet:
    try:
        # Rows above the first filled one count: places name the sheet's own rows.
        rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except _DAMAGED as error:
        raise InputRejected("file", "", "file.xlsx") from error
    return Sheet(name, [[_cell(value) for value in row] for row in rows])


def _counted(data: bytes) -> io.BytesIO | None:
    """The workbook with its parts as they were counted, so that the reader unpacks nothing else: a
    directory may say less than a part holds. None if it unpacks to too much, or has a sheet whose
    corners are too far apart.

    Raises:
        InputRejected, or one of `_DAMAGED`: no xlsx, or a part that is not what its directory says.
    """
    sink = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as packed, zipfile.ZipFile(sink, "w") as counted:
        parts = packed.infolist()
        names = [part.filename.lower().replace("\\", "/") for part in parts]
        if not _is_xlsx(names):
            raise InputRejected("file", "", "file.xlsx")
        # The binary form hides where its cells stand.
        if any(name.endswith(".bin") and "workbook" in name for name in names):
            return None
        if sum(part.file_size for part in parts) > MOST_UNPACKED:
            return None
        cells = 0
        for part in parts:
            body = packed.read(part)
            cells += _area(body)
            if cells > MOST_CELLS:
                return None
            counted.writestr(part.filename, body)
    sink.seek(0)
    return sink


def _is_xlsx(names: Sequence[str]) -> bool:
    """Whether the reader will take it for one, and not for a kind that hides behind its name."""
    unique = set(names)
    if len(unique) != len(names):
        return False
    return "xl/workbook.xml" in unique and not {"content.xml", "mimetype"} & unique


def _area(part: bytes) -> int:
    """Cells of the rectangle that a sheet's XML spans, or a little more."""
    if b"sheetData" not in part:
        return 0
    placed = max(map(_column_number, set(_COLUMN.findall(part))), default=0)
    unplaced = max(map(_unplaced, _ROW.split(part))) if _ANOTHER_CELL.search(part) else 0
    rows = max(map(int, set(_LINE.findall(part))), default=0)
    return max(rows, part.count(b"<row") + part.count(b":row")) * (placed + unplaced)


def _unplaced(row: bytes) -> int:
    """Cells of a row that don't say where they stand: each follows the one before."""
    return len(_CELL.findall(row)) - len(_CELL_PLACED.findall(row))


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


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
    shape = found.name + "!{}" if found.name else ":{}"  # a file of text has lines, no sheets
    return Given(pa.table(columns), Places(shape, numbers=numbers))
