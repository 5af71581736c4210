"""One cell as a value, exactly or not at all: nothing is rounded or guessed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from qalqan.errors import InputRejected
from qalqan.exchange import sums, times
from qalqan.exchange.mapping import spelling
from qalqan.exchange.order_sheet.columns import BY_NAME, WORDED, Shape, codes
from qalqan.model.money import MINOR_DIGITS
from qalqan.text.show import ALMATY

_TIMES = ("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%d.%m.%Y")
"""Beside ISO 8601."""
_SHEETS_DIGITS = 10**15
"""Spreadsheets keep 15 digits of a number: a longer one is no longer what was typed."""
_SWAPPED = str.maketrans(",.", ".,")

EXPECTED = {
    Shape.SUM: "sheet.whole_number",
    Shape.TIME: "sheet.time",
    Shape.MOMENT: "sheet.time",
}
"""What is expected in a cell; in all others `sheet.value`."""


def value(cells: Mapping[str, Any], name: str, currency: str) -> Any:
    """The cell `name` of a row: text, a code or several, minor units of `currency`, or µs UTC.

    Raises:
        InputRejected: `sheet.whole_number`, `sheet.time`, `sheet.value`, `text.characters`.
    """
    cell, shape = cells[name], BY_NAME[name].shape
    found = _read(cell, shape, currency)
    if found is None:
        raise InputRejected(name, cell, EXPECTED.get(shape, "sheet.value"))
    if isinstance(found, str) and "\x00" in found:
        raise InputRejected(name, cell, "text.characters")
    return found


def _read(cell: Any, shape: Shape, currency: str) -> str | int | list[str] | None:
    if shape is Shape.SUM:
        return _sum(cell, MINOR_DIGITS.get(currency, 2))
    if shape in (Shape.TIME, Shape.MOMENT):
        return _time(cell)
    if shape in WORDED:
        return codes(shape).get(spelling(cell)) if isinstance(cell, str) else None
    return _codes(cell, shape) if shape is Shape.DATA else _text(cell)


def _codes(cell: Any, shape: Shape) -> list[str] | None:
    """The codes of words with commas between them; None if one of them is no word of ours."""
    words = cell.split(",") if isinstance(cell, str) else [""]
    found = [codes(shape).get(spelling(one)) for one in words]
    return None if None in found else [code for code in found if code is not None]


def _text(cell: Any) -> str | None:
    """A text, or a number that somebody typed as one; a date here is a text that the sheet took
    for a date, so what it was is lost."""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < _SHEETS_DIGITS:
        return str(int(cell))
    return cell if isinstance(cell, str) else None


def _sum(cell: Any, digits: int) -> int | None:
    """A number, or a text in which a lone mark is the decimal one and repeated ones group
    thousands: "1.234" is no sum of tenge, and nobody guesses."""
    if isinstance(cell, str):
        mark = "," if cell.rfind(",") > cell.rfind(".") else "."
        alone = cell.count(mark) == 1
        cell = cell.translate(_SWAPPED) if (mark == ",") == alone else cell
    return None if isinstance(cell, bool) else sums.exact(cell, digits)


def _time(cell: Any) -> int | None:
    if isinstance(cell, datetime):
        return times.micros_of(cell.isoformat(), "iso", ALMATY)
    if not isinstance(cell, str):
        return None
    found = (times.micros_of(cell, pattern, ALMATY) for pattern in _TIMES)
    return next((micros for micros in found if micros is not None), None)
