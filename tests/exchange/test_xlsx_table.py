"""Sheets: the table wherever it stands."""

import contextlib
import io
import struct
import zipfile
import zlib
from datetime import datetime
from typing import Any

import pytest
import xlsxwriter

from qalqan.errors import InputRejected
from qalqan.exchange import xlsx_table


def workbook(rows: list[list[Any]]) -> bytes:
    sink = io.BytesIO()
    book = xlsxwriter.Workbook(sink, {"in_memory": True})
    page = book.add_worksheet("Шоттар")
    day = book.add_format({"num_format": "dd.mm.yyyy"})
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            if isinstance(cell, datetime):
                page.write_datetime(row, column, cell, day)
            elif cell is not None:
                page.write(row, column, cell)
    book.close()
    return sink.getvalue()


ROWS: list[list[Any]] = [
    [],
    ["Кім үшін: Орталық"],
    [None, "Нөмір ", "Сома"],
    [None, "a", 5],
    [],
    [None, 12345678901, 7.5, "no column"],
]


def test_the_header_is_found_by_its_names() -> None:
    found = xlsx_table.read(workbook(ROWS), columns={"нөмір", "сома"})
    assert found.table.to_pydict() == {"Нөмір": ["a", "12345678901"], "Сома": [5.0, 7.5]}
    assert [found.places[0], found.places[1]] == ["Шоттар!4", "Шоттар!6"]


def test_without_names_the_first_filled_row_is_the_header() -> None:
    found = xlsx_table.read(workbook([[], ["id", "at"], ["1", datetime(2026, 1, 2)]]))
    assert found.table.to_pydict() == {"id": ["1"], "at": [datetime(2026, 1, 2)]}


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"id;amount\n1;2\n"])
def test_another_file_is_refused(data: bytes) -> None:
    with pytest.raises(InputRejected) as caught:
        xlsx_table.read(data)
    assert caught.value.expected == "file.xlsx"


def test_a_sheet_without_a_table_and_a_column_twice_are_refused() -> None:
    for rows, expected in (([], "file.column_missing"), ([["a", "a"]], "file.column_twice")):
        with pytest.raises(InputRejected) as caught:
            xlsx_table.read(workbook(rows))
        assert caught.value.expected == expected


def test_a_workbook_that_would_fill_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/workbook.xml", b"0" * 10_000)
    monkeypatch.setattr(xlsx_table, "MOST_UNPACKED", 9_999)
    with pytest.raises(InputRejected) as caught:
        xlsx_table.read(sink.getvalue())
    assert caught.value.expected == "file.unpacks_sheet"


def test_a_workbook_that_lies_about_its_size_is_refused() -> None:
    """Its directory says less than a part unpacks to."""
    data = bytearray(workbook([["id"], *([number] for number in range(5_000))]))
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        size = packed.getinfo("xl/worksheets/sheet1.xml").file_size.to_bytes(4, "little")
    while (place := data.find(size)) >= 0:
        data[place : place + 4] = (1_000).to_bytes(4, "little")
    with pytest.raises(InputRejected) as caught:
        xlsx_table.read(bytes(data))
    assert caught.value.expected == "file.xlsx"


def repacked(data: bytes, part: str, xml: bytes) -> bytes:
    """The workbook with one part replaced."""
    sink = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as before, zipfile.ZipFile(sink, "w") as packed:
        for name in before.namelist():
            packed.writestr(name, xml if name == part else before.read(name))
    return sink.getvalue()


CORNERS = [
    b'<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
    b"<row><c s='1'  r = 'a1'><v>1</v></c></row><row><c r='xfd1048576'><v>1</v></c></row>",
    b'<row r="1">' + b"<c/>" * 16383 + b'<c><v>1</v></c></row><row r="9999"><c><v>1</v></c></row>',
    b"<row/>" * 9999 + b'<row><c r="A10000"><v>1</v></c><c r="XFD2"><v>1</v></c></row>',
]
"""Small files whose filled cells stand far apart."""


@pytest.mark.parametrize("rows", CORNERS)
def test_cells_in_opposite_corners_do_not_fill_memory(rows: bytes) -> None:
    xml = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b"<sheetData>" + rows + b"</sheetData></worksheet>"
    )
    with pytest.raises(InputRejected) as caught:
        xlsx_table.read(repacked(workbook(ROWS), "xl/worksheets/sheet1.xml", xml))
    assert caught.value.expected == "file.unpacks_sheet"


def test_what_only_looks_like_a_workbook_is_not_opened() -> None:
    """A few hundred bytes of OpenDocument may ask for any number of cells."""
    cell = '<table:table-cell table:number-columns-repeated="1000" office:value-type="string"/>'
    content = f'<table:table-row table:number-rows-repeated="90000">{cell}</table:table-row>'
    both, alone = io.BytesIO(workbook(ROWS)), io.BytesIO()
    for file in (both, alone):
        with zipfile.ZipFile(file, "a") as packed:
            packed.writestr("content.xml", content)
    for data in (
        both.getvalue(),
        alone.getvalue(),
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512),
    ):
        with pytest.raises(InputRejected) as caught:
            xlsx_table.sheet(data)
        assert caught.value.expected == "file.xlsx"


def test_all_sheets_are_read_and_a_damaged_file_is_refused() -> None:
    data = workbook(ROWS)
    assert [(one.name, len(one.rows)) for one in xlsx_table.sheets(data)] == [("Шоттар", 6)]
    for at in range(0, len(data), 97):
        damaged = data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]
        with contextlib.suppress(InputRejected):
            xlsx_table.sheets(damaged)


def test_the_reader_unpacks_no_more_than_was_counted() -> None:
    """A directory that tells of the first bytes of a part alone, with their right CRC."""
    strings = b"<sst>" + b"<si><t>A</t></si>" * 500_000 + b"</sst>"
    file = io.BytesIO(workbook(ROWS))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/more.xml", strings)
    data = bytearray(file.getvalue())
    at = data.rfind(b"PK\x01\x02")
    data[at + 16 : at + 20] = struct.pack("<I", zlib.crc32(strings[:5]))
    data[at + 24 : at + 28] = struct.pack("<I", 5)
    counted = xlsx_table._counted(bytes(data))
    assert counted is not None
    assert len(counted.getvalue()) < 100_000
    assert xlsx_table.sheet(bytes(data)).rows
