"""JSON Lines (and lists of JSON objects) as batches of records."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, BinaryIO

import pyarrow as pa

from qalqan.errors import InputRejected
from qalqan.exchange import json_columns
from qalqan.exchange.given import (
    BATCH_ROWS,
    Broken,
    Given,
    Places,
    column_of,
    encodable,
    sound_texts,
)

MOST_LINE = 1 << 20
"""Bytes of a line; of a longer one only the beginning is kept."""

_BATCH_BYTES = 16 << 20
_SHOWN = 1 << 16
_MANY = 100
"""Lines that are worth a reader of columns."""

_MOST_NAMES = 1_000
"""Fields of a batch that are looked at: each takes a place in every record."""

Found = tuple[int, Any, Broken | None]
"""A record's number, its value, and what it is if it is no JSON."""


def read(source: BinaryIO, *, wanted: Callable[[str], bool] = lambda _: True) -> Iterator[Given]:
    """Batches of the objects that stand one a line; empty lines don't count. Fields that are
    not wanted are only named."""
    number = 1
    while lines := _some(source):
        numbered = [one for one in enumerate(lines, number) if one[1].strip()]
        given = _at_once(numbered, wanted) or _gather(":{}", _each(numbered), wanted)
        yield replace(given, table=sound_texts(given.table))
        number += len(lines)


def _at_once(numbered: list[tuple[int, bytes]], wanted: Callable[[str], bool]) -> Given | None:
    """The lines as columns, if that gives what each for itself would."""
    if len(numbered) < _MANY or any(len(line) > MOST_LINE for _, line in numbered):
        return None
    table = json_columns.read([line for _, line in numbered])
    if table is None or table.num_columns > _MOST_NAMES:
        return None
    names = [name for name in table.column_names if wanted(name)]
    unknown = tuple(name for name in table.column_names if not wanted(name))
    places = Places(":{}", numbers=[number for number, _ in numbered])
    return Given(table.select(names), places, unknown=unknown) if names else None


def _each(numbered: list[tuple[int, bytes]]) -> Iterator[Found]:
    return (_parsed(number, line) for number, line in numbered)


def _some(source: BinaryIO) -> list[bytes]:
    """The next lines, as many as a batch can bear."""
    lines: list[bytes] = []
    size = 0
    while len(lines) < BATCH_ROWS and size < _BATCH_BYTES:
        line = source.readline(MOST_LINE + 1)
        if not line:
            break
        lines.append(line)
        size += len(line)
        if len(line) > MOST_LINE:
            _drop_rest(source, line)
    return lines


def _drop_rest(source: BinaryIO, line: bytes) -> None:
    while line and not line.endswith(b"\n"):
        line = source.readline(MOST_LINE)


def records(facts: Sequence[Any]) -> Given:
    """A list from a JSON body as one batch; what is no object is broken."""
    return _gather("[{}]", ((number, fact, None) for number, fact in enumerate(facts, start=1)))


def parse(text: str | bytes) -> Any:
    """One JSON value; NaN and the infinities are no JSON.

    Raises:
        InputRejected: it is none.
    """
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise InputRejected("record", text, "file.json") from error


def _no_constant(name: str) -> None:
    raise ValueError(name)


def _parsed(number: int, raw: bytes) -> Found:
    if len(raw) > MOST_LINE:
        return number, None, _bad(number, raw, "file.line_long", most=MOST_LINE >> 10)
    try:
        return number, parse(raw), None
    except InputRejected:
        return number, None, _bad(number, raw, "file.json")


def _bad(number: int, raw: bytes, expected: str, **params: object) -> Broken:
    return Broken(f":{number}", raw[:_SHOWN].decode("utf-8", "replace"), expected, params)


def _gather(
    shape: str, found: Iterable[Found], wanted: Callable[[str], bool] = lambda _: True
) -> Given:
    numbers, rows, broken = [], [], []
    for number, value, bad in found:
        if isinstance(value, dict):
            numbers.append(number)
            rows.append(value)
        else:
            place = shape.format(number)
            broken.append(bad or Broken(place, json.dumps(value)[:_SHOWN], "file.json"))
    every = dict.fromkeys(name for row in rows for name in row)
    names = [name for name in every if wanted(name)][:_MOST_NAMES]
    columns = {encodable(name): column_of(row.get(name) for row in rows) for name in names}
    table = pa.table(columns) if columns else pa.table({"id": pa.nulls(len(rows), pa.string())})
    unknown = tuple(encodable(name) for name in every if not wanted(name))[:_MOST_NAMES]
    return Given(table, Places(shape, numbers=numbers), tuple(broken), unknown)
