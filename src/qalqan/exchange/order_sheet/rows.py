"""A filled workbook or csv file as rows with named cells, wherever the tables stand in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qalqan.errors import InputRejected
from qalqan.exchange import xlsx_table
from qalqan.exchange.mapping import spelling
from qalqan.exchange.order_sheet.columns import (
    ANSWERED,
    ASKED,
    LINES,
    heading,
    names_by_heading,
)
from qalqan.exchange.xlsx_table import Sheet
from qalqan.text.catalogue import LANGUAGES

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ZIP = b"PK\x03\x04"
_HEAD_ROWS = 50
"""The headings stand among the first rows."""
_DELIMITERS = ",;\t|"
_HEAD_LETTERS = 4_096

_ANSWERED = frozenset(column.name for column in ANSWERED)
_ASKED = frozenset(column.name for column in ASKED)
_LINE_ONLY = frozenset(column.name for column in LINES) - _ASKED


@dataclass(frozen=True)
class Row:
    """The filled cells of a row, by name of column."""

    place: str
    cells: Mapping[str, Any]
    is_answer: bool
    is_line: bool
    surplus: tuple[int, int] | None = None
    """Columns, and more filled fields than those: a separator inside a value moved the rest."""


def tables_of(data: bytes, content_type: str | None) -> list[list[Row]]:
    """Rows of all tables that have a column for orders; content type XLSX, CSV or unknown.

    Raises:
        InputRejected: no workbook and no csv, a column twice, or none for the answers.
    """
    found, answerable = [], False
    for sheet in _sheets(data, content_type):
        names = _names(sheet)
        if names is not None:
            answerable = answerable or "outcome" in names[1].values()
            found.append(list(_rows(sheet, *names)))
    if not answerable:
        wanted = " / ".join(heading("outcome", language) for language in LANGUAGES)
        raise InputRejected("file", "", "sheet.column", column=wanted)
    return found


def _sheets(data: bytes, content_type: str | None) -> list[Sheet]:
    if content_type == CSV or (content_type is None and not data.startswith(_ZIP)):
        return [_csv(data)]
    try:
        return xlsx_table.sheets(data)
    except InputRejected as error:
        raise InputRejected("file", "", "sheet.workbook") from error


def _csv(data: bytes) -> Sheet:
    text = data.decode(_encoding(data), "replace")
    head = text[:_HEAD_LETTERS]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(_DELIMITERS, key=head.count))
    try:
        return Sheet("", [[cell.strip() or None for cell in row] for row in reader])
    except csv.Error as error:
        raise InputRejected("file", "", "sheet.workbook") from error


def _encoding(data: bytes) -> str:
    """UTF-8, or one of the two in which Excel saves on a Russian Windows."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    try:
        data.partition(b"\n")[0].decode("utf-8")
    except UnicodeDecodeError:
        return "cp1251"
    return "utf-8-sig"


def _names(sheet: Sheet) -> tuple[int, dict[int, str]] | None:
    """Index of the header row, and column → name; None if the sheet has no table of ours."""
    known = names_by_heading()
    try:
        header = xlsx_table.header_row(Sheet(sheet.name, sheet.rows[:_HEAD_ROWS]), known)
    except InputRejected:
        return None
    names: dict[int, str] = {}
    for place, title in enumerate(sheet.rows[header]):
        name = known.get(spelling(title)) if isinstance(title, str) else None
        if name in names.values():
            raise InputRejected("file", title, "file.column_twice", column=title)
        if name is not None:
            names[place] = name
    return (header, names) if "order" in names.values() else None


def _rows(sheet: Sheet, header: int, names: dict[int, str]) -> Iterator[Row]:
    # Where no answer can stand, a sum belongs to a line even if its clerk wrote nothing else.
    lined = _LINE_ONLY if "outcome" in names.values() else _LINE_ONLY | {"amount"}
    width = len(sheet.rows[header])
    for number, row in enumerate(sheet.rows[header + 1 :], start=header + 2):
        cells = {
            names[place]: cell
            for place, cell in enumerate(row)
            if cell is not None and place in names
        }
        surplus = _surplus(row, width)
        if cells or surplus:
            yield Row(
                f"{sheet.name}!{number}" if sheet.name else f":{number}",
                cells,
                not _ANSWERED.isdisjoint(cells),
                not lined.isdisjoint(cells),
                surplus,
            )


def _surplus(row: Sequence[Any], width: int) -> tuple[int, int] | None:
    return (width, len(row)) if xlsx_table.any_filled(row[width:]) else None
