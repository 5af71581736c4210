"""Records of a message gathered into batches: sums in minor units, moments in microseconds.

A record whose sum has more digits than its currency, or whose moment is none, is broken: it is
named by the path of the element, its value, and what was expected there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from qalqan.exchange import sums, times
from qalqan.exchange.given import BATCH_ROWS, MOST_TEXT, Broken, Given, Places
from qalqan.exchange.mapping import Source
from qalqan.model.money import MINOR_DIGITS

ZONE = "Asia/Almaty"
"""Where a moment without a zone was written."""

MOST_BYTES = 32 << 20
"""Characters of a batch's texts."""

_MAJOR = Source.model_validate({"constant": "", "unit": "major"})
_PIECE = 8_192
_INTEGER = re.compile(r"[+-]?[0-9]+")


@dataclass(frozen=True)
class _Piece:
    """Some records, the number of each, and those that are broken."""

    table: pa.Table
    places: list[int]
    broken: tuple[Broken, ...]


@dataclass
class Records:
    """Records of one message until there are enough for a batch."""

    tag: str
    """Element of a record, which names its place: `CdtTrfTxInf[17]`."""
    at: Mapping[str, str]
    """Column → path of its element, for what is wrong with it."""
    _rows: list[Mapping[str, str]] = field(default_factory=list)
    _numbers: list[int] = field(default_factory=list)
    _pieces: list[_Piece] = field(default_factory=list)
    _size: int = 0

    def add(self, row: Mapping[str, str], number: int) -> bool:
        """Take one record, the element of that number; whether there are enough for a batch."""
        size = sum(map(len, row.values()))
        if size > MOST_TEXT:  # no column takes as much: the intake refuses what is left of it
            row = {name: text[:MOST_TEXT] for name, text in row.items()}
            size = sum(map(len, row.values()))
        self._rows.append(row)
        self._numbers.append(number)
        self._size += size
        if len(self._rows) == _PIECE:
            self._together()
        return self._size > MOST_BYTES or len(self) >= BATCH_ROWS

    def __len__(self) -> int:
        return sum(len(one.places) + len(one.broken) for one in self._pieces) + len(self._rows)

    def batch(self, *more: Broken) -> Given:
        """All that was taken since the last batch, as one."""
        if self._rows:
            self._together()
        pieces, self._pieces, self._size = self._pieces, [], 0
        broken = tuple(one for piece in pieces for one in piece.broken)
        table = joined([piece.table for piece in pieces])
        numbers = [number for piece in pieces for number in piece.places]
        return Given(table, Places(f"{self.tag}[{{}}]", numbers=numbers), (*broken, *more))

    def _together(self) -> None:
        rows, self._rows = self._rows, []
        numbers, self._numbers = np.array(self._numbers), []
        table = turned(rows)
        wrong = dict(_wrong(table, rows))
        broken = tuple(
            Broken(f"{self.tag}[{numbers[row]}]/{self.at[name]}", rows[row][name], expected, params)
            for row, (name, expected, params) in sorted(wrong.items())
        )
        fine = np.ones(len(rows), bool)
        fine[list(wrong)] = False
        table = _numbers(table if fine.all() else table.filter(pa.array(fine)))
        self._pieces.append(_Piece(table, numbers[fine].tolist(), broken))


def turned(rows: Sequence[Mapping[str, str]]) -> pa.Table:
    """Records as columns: `amount` in minor units of `currency`, `at_us` in UTC microseconds; a
    column in which one is none is of texts, that one as it stood."""
    columns = {name: pa.array([row[name] or None for row in rows], pa.string()) for name in rows[0]}
    columns["amount"] = sums.to_minor(columns["amount"], _MAJOR, columns["currency"])
    columns["at_us"] = times.from_moments(columns["at_us"], "iso", ZONE)
    return pa.table(columns)


def _numbers(table: pa.Table) -> pa.Table:
    """Without the records that could not be turned, columns are of numbers again; one that is too
    large for any stays a text, which the intake refuses."""
    for name in ("amount", "at_us"):
        if pa.types.is_string(table[name].type):
            with suppress(pa.ArrowInvalid):
                place = table.column_names.index(name)
                table = table.set_column(place, name, table[name].cast(pa.int64()))
    return table


_Why = tuple[str, str, dict[str, object]]
"""Column, what was expected, what fills its sentence."""


def _wrong(table: pa.Table, rows: Sequence[Mapping[str, str]]) -> Iterator[tuple[int, _Why]]:
    """Rows with a value that could not be turned; an absent one is the intake's business."""
    for name, expected in (("at_us", "iso.time"), ("amount", "iso.amount")):
        if not pa.types.is_string(table[name].type):
            continue
        for row, value in enumerate(table[name].to_pylist()):
            if value is not None and not _INTEGER.fullmatch(value):
                currency = rows[row]["currency"]
                digits = MINOR_DIGITS.get(currency, 2)
                params = {"currency": currency or "—", "digits": digits} if name == "amount" else {}
                yield row, (name, expected, params)


def together(given: Sequence[Given]) -> Given:
    """Batches as one, each record with its place."""
    places = [one.places[row] for one in given for row in range(one.table.num_rows)]
    broken = tuple(broken for one in given for broken in one.broken)
    return Given(joined([one.table for one in given]), places, broken)


def joined(tables: Sequence[pa.Table]) -> pa.Table:
    """Tables of records as one; a column that is of numbers in some and of texts in others is of
    texts."""
    if not tables:
        return pa.table({"id": pa.array([], pa.string())})
    held = list(tables)
    for name in ("amount", "at_us"):
        types = {table[name].type for table in held if name in table.column_names}
        if len(types) > 1:
            held = [_as_texts(table, name) for table in held]
    return pa.concat_tables(held, promote_options="permissive")


def _as_texts(table: pa.Table, name: str) -> pa.Table:
    if name not in table.column_names:
        return table
    place = table.column_names.index(name)
    return table.set_column(place, name, table[name].cast(pa.string()))
