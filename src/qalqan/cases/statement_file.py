"""A bank's statement as a file that somebody sent by hand: what it says (REQ-19, 42).

Taken: camt.053, a printed sheet (xlsx) or its csv with labels around the table, and a csv or sheet
of payments alone. The bank's own mapping is used where there is one, else the spellings that banks
use (`data/statement.toml`). Nothing is written here.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import pyarrow as pa

from qalqan.errors import InputRejected
from qalqan.exchange import csv_table, mapping, statement_sheet, xlsx_table
from qalqan.exchange.given import Given, Places
from qalqan.exchange.mapping import Label, Mapping, Source, names_in, spelling
from qalqan.exchange.xlsx_table import Sheet

MOST_ROWS = 100_000
_LENGTHS = {19: ("%d.%m.%Y %H:%M:%S", "%Y-%m-%d %H:%M:%S"), 16: ("%d.%m.%Y %H:%M",) * 2,
            10: ("%d.%m.%Y", "%Y-%m-%d")}  # fmt: skip
_NEEDED = frozenset({"at_us", "counter_account", "account", "from_us", "to_us"})
_SUMS = frozenset({"debit", "credit", "amount"})


@dataclass(frozen=True)
class Told:
    """What a file says: the statement (one record; None for payments alone) and its lines."""

    form: str
    """camt.053, sheet, csv, payments"""
    head: Given | None
    lines: Given
    query: str = ""
    """The order that a message says it answers."""


def read(data: bytes, own: Mapping | None) -> Told:
    """Read a file; `own` is the bank's mapping, if it has one.

    Raises:
        InputRejected: no statement that we can read, or what is missing in it.
    """
    if data.lstrip()[:5] in (b"<?xml", b"<Docu") or b"camt.053" in data[:2000]:
        return _message(data)
    is_book = zipfile.is_zipfile(io.BytesIO(data)) or data[:4] == b"\xd0\xcf\x11\xe0"
    if own is not None and not own.lines:
        return _payments(data, own, is_book)
    sheet = xlsx_table.sheet(data, own.file.sheet if own else None) if is_book else _text(data, own)
    if own is None and _is_ours(sheet):
        return _payments(data, None, is_book)
    head, lines = statement_sheet.of_sheet(sheet, own or fitting(usual(), sheet))
    return Told("sheet" if is_book else "csv", head, lines)


def own_mapping(home: Path, partner: str) -> Mapping | None:
    """The bank's own mapping: `<home>/mappings/<partner>.toml`.

    Raises:
        InputRejected: it is no mapping.
    """
    file = home / "mappings" / f"{partner}.toml"
    return mapping.load(file.read_text("utf-8")) if file.is_file() else None


@cache
def usual() -> Mapping:
    """The spellings that banks use."""
    text = (files("qalqan.cases") / "data" / "statement.toml").read_text(encoding="utf-8")
    return mapping.load(text)


def fitting(ours: Mapping, sheet: Sheet) -> Mapping:
    """The mapping without what the sheet lacks, and with the sheet's way to write times and sums.

    Raises:
        InputRejected: there is no table, or one without sums.
    """
    header = xlsx_table.header_row(sheet, names_in(ours))
    titles = {spelling(str(cell)): at for at, cell in enumerate(sheet.rows[header]) if cell}
    lines: dict[str, Source] = {}
    for name, source in ours.lines.items():
        found = [title for title in source.from_ if spelling(title) in titles]
        if found or name in _NEEDED:
            place = titles[spelling(found[0])] if found else -1
            lines[name] = _as_written(source, sheet, header, place)
    if not lines.keys() & _SUMS:
        raise InputRejected("file", "", "statement.sums")
    if lines.keys() & {"debit", "credit"}:
        lines.pop("amount", None)
    around = [str(cell) for row in sheet.rows for cell in row if isinstance(cell, str)]
    head = {
        name: label
        for name, label in ours.head.items()
        if not label.label or name in _NEEDED or _is_there(label, around)
    }
    return ours.model_copy(update={"lines": lines, "head": head})


def _is_there(label: Label, around: Iterable[str]) -> bool:
    wanted = tuple(map(spelling, label.label))
    return any(spelling(cell).startswith(wanted) for cell in around)


def _as_written(source: Source, sheet: Sheet, header: int, place: int) -> Source:
    """The source with the pattern of times, or the decimal sign, that its first value has."""
    values = [row[place] for row in sheet.rows[header + 1 :] if 0 <= place < len(row)]
    texts = [value.strip() for value in values if isinstance(value, str) and value.strip()]
    if source.time is not None:
        patterns = _LENGTHS.get(len(texts[0])) if texts else None
        is_iso = bool(texts) and texts[0][4:5] == "-"
        return source.model_copy(update={"time": patterns[is_iso]}) if patterns else source
    if source.unit == "major":
        decimal = "," if any("," in text for text in texts) else "."
        return source.model_copy(update={"decimal": decimal})
    return source


def _message(data: bytes) -> Told:
    from qalqan.exchange.iso20022 import statements

    told = list(statements.read(io.BytesIO(data)))
    if len(told) != 1:
        raise InputRejected("Document", "", "iso.one_statement", found=len(told))
    return Told("camt.053", told[0].head, told[0].lines, told[0].query)


def _payments(data: bytes, own: Mapping | None, is_book: bool) -> Told:
    """Payments alone: nobody says what period they cover."""
    if is_book:
        given = xlsx_table.read(data, own.file.sheet if own else None, names_in(own))
    else:
        shape = own.file if own else mapping.FileShape()
        pieces = list(
            csv_table.read(
                io.BytesIO(data),
                delimiter=shape.delimiter,
                encoding=shape.encoding,
                header=shape.header,
            )
        )
        given = _whole(pieces)
    return Told("payments", None, mapping.apply(own, given) if own else given)


def _whole(pieces: list[Given]) -> Given:
    if len(pieces) == 1:
        return pieces[0]
    if not pieces:
        raise InputRejected("file", "", "file.empty")
    tables = [piece.table for piece in pieces]
    broken = tuple(one for piece in pieces for one in piece.broken)
    return Given(pa.concat_tables(tables), Places(":{}", first=2), broken)


def _is_ours(sheet: Sheet) -> bool:
    """Whether the first row names our own columns of a payment."""
    first = {str(cell) for row in sheet.rows[:1] for cell in row if cell is not None}
    return {"payer_account", "payee_account", "amount"} <= first


def _text(data: bytes, own: Mapping | None) -> Sheet:
    """A csv file as cells; UTF-8, or the Windows page that older programs write."""
    try:
        text = data.decode(own.file.encoding if own else "utf-8-sig")
    except (UnicodeDecodeError, LookupError):
        text = data.decode("cp1251", "replace")
    text = text.replace("\x00", "")
    delimiter = own.file.delimiter if own and own.file.delimiter else _delimiter(text)
    rows = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            rows.append([cell.strip() or None for cell in row])
            if len(rows) > MOST_ROWS:
                raise InputRejected("file", "", "iso.lines", most=MOST_ROWS)
    except csv.Error as error:
        raise InputRejected("file", "", "file.csv") from error
    return Sheet("", rows)


def _delimiter(text: str) -> str:
    return max(";,\t|", key=text[:20_000].count)
