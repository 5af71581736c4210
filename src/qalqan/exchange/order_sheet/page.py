"""Sheets drawn from rows of plain values: headings, widths, cells, drop-down lists.

Every text is written as a text into a column of texts, so that no value is ever a formula
("=…", "+…", "-…", "@…"), loses its zeros in front or turns into a date.
"""

from __future__ import annotations

import io
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import xlsxwriter

from qalqan.clock import SECOND
from qalqan.exchange.order_sheet.columns import WORDED, Column, Shape, heading, word
from qalqan.model.money import MINOR_DIGITS
from qalqan.text.show import ALMATY

Values = Mapping[str, Any]
"""A row by name of column: minor units, µs UTC, codes and texts; None is an empty cell."""
Row = tuple[Values, Collection[str]]
"""A row, and the names of its cells that are to be filled in."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_YEAR = 1901
"""Sheets count days from 1900, and not well at first."""
_LONGEST = 32_767
"""Letters that a cell takes."""
_HEAD = {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1}
_TO_FILL = {"bg_color": "#FFF8DC", "border": 1, "border_color": "#D8D2BC"}
_TEXT, _TIME = "@", "yyyy-mm-dd hh:mm:ss"


class Book:
    """A workbook under way, in one language; `made_us` is when its contents were."""

    def __init__(self, language: str, made_us: int) -> None:
        self._sink = io.BytesIO()
        self._book = xlsxwriter.Workbook(self._sink, {"in_memory": True})
        self._book.set_properties({"created": _local(made_us).replace(tzinfo=None)})
        self._formats: dict[tuple[str, bool, bool], Any] = {}
        self._language = language

    def done(self) -> bytes:
        """The finished file."""
        self._book.close()
        return self._sink.getvalue()

    def sheet(
        self, title: str, columns: Sequence[Column], rows: Iterable[Row], to_fill: Collection[str]
    ) -> Any:
        """A sheet with these rows under its headings; what is to be filled in stands out."""
        page = self._book.add_worksheet(title)
        page.freeze_panes(1, 1)
        for place, column in enumerate(columns):
            page.set_column(place, place, column.width, self._format(_number(column, None)))
            head = self._format(_TEXT, column.name in to_fill, is_head=True)
            page.write_string(0, place, heading(column.name, self._language), head)
        for number, (values, open_cells) in enumerate(rows, start=1):
            for place, column in enumerate(columns):
                self._cell(page, (number, place), column, values, column.name in open_cells)
        return page

    def choose(
        self, page: Any, place: int, rows: tuple[int, int], shape: Shape, codes: Iterable[str]
    ) -> None:
        """Let the cells of a column be one of few words; `rows` are the first and the last."""
        words = [word(shape, code, self._language) for code in codes]
        page.data_validation(rows[0], place, rows[1], place, {"validate": "list", "source": words})

    def _format(self, number: str, to_fill: bool = False, *, is_head: bool = False) -> Any:
        key = (number, to_fill, is_head)
        if key not in self._formats:
            look = {"num_format": number, **(_HEAD if is_head else {"valign": "top"})}
            self._formats[key] = self._book.add_format(look | (_TO_FILL if to_fill else {}))
        return self._formats[key]

    def _cell(
        self, page: Any, at: tuple[int, int], column: Column, values: Values, to_fill: bool
    ) -> None:
        value, currency = values.get(column.name), values.get("currency")
        look = self._format(_number(column, currency), to_fill)
        if value is None:
            page.write_blank(*at, None, look)
        elif column.shape is Shape.SUM:
            page.write_number(*at, Decimal(value).scaleb(-_digits(currency)), look)
        elif column.shape in (Shape.TIME, Shape.MOMENT):
            _write_time(page, at, value, column.shape, look)
        else:
            page.write_string(*at, self._said(column.shape, value)[:_LONGEST], look)

    def _said(self, shape: Shape, value: Any) -> str:
        if shape is Shape.DATA:
            return ", ".join(word(shape, code, self._language) for code in value)
        return word(shape, value, self._language) if shape in WORDED else str(value)


def _write_time(page: Any, at: tuple[int, int], us: int, shape: Shape, look: Any) -> None:
    """A date that the sheet knows as one; what it could not keep exactly is a text."""
    local = _local(us - us % SECOND if shape is Shape.MOMENT else us)
    if local.microsecond or local.fold or local.year < _FIRST_YEAR:
        page.write_string(*at, local.isoformat(" "), look)
    else:
        page.write_datetime(*at, local.replace(tzinfo=None), look)


def _local(us: int) -> datetime:
    return (_EPOCH + timedelta(microseconds=us)).astimezone(ALMATY)


def _digits(currency: str | None) -> int:
    return MINOR_DIGITS.get(currency or "", 2)


def _number(column: Column, currency: str | None) -> str:
    """How the sheet shows the column's values."""
    if column.shape is Shape.SUM:
        digits = _digits(currency)
        return f"#,##0.{'0' * digits}" if digits else "#,##0"
    return _TIME if column.shape in (Shape.TIME, Shape.MOMENT) else _TEXT
