"""JSON Lines (and lists of JSON objects) as batches of records."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, BinaryIO

import pyarrow as pa

from qalqan.errors import InputRejected
from qalqan.exchange.given import Broken, Given, column_of, encodable

_LINES = 65_536


def read(source: BinaryIO) -> Iterator[Given]:
    """Batches of the objects that stand one a line; empty lines don't count."""
    lines = enumerate(source, start=1)
    while piece := list(islice(lines, _LINES)):
        yield _batch((f":{number}", line) for number, line in piece if line.strip())


def records(facts: Sequence[Any]) -> Given:
    """A list from a JSON body as one batch; what is no object is broken."""
    return _gather((f"[{number}]", fact, "") for number, fact in enumerate(facts, start=1))


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


def _batch(lines: Iterable[tuple[str, bytes]]) -> Given:
    return _gather(map(_parsed, lines))


def _parsed(line: tuple[str, bytes]) -> tuple[str, Any, str]:
    place, raw = line
    try:
        return place, parse(raw), ""
    except InputRejected:
        return place, None, raw.decode("utf-8", "replace")


def _gather(found: Iterable[tuple[str, Any, str]]) -> Given:
    places, rows, broken = [], [], []
    for place, value, text in found:
        if isinstance(value, dict):
            places.append(place)
            rows.append(value)
        else:
            broken.append(Broken(place, text or json.dumps(value), "file.json"))
    names = dict.fromkeys(name for row in rows for name in row)
    columns = {encodable(name): column_of(row.get(name) for row in rows) for name in names}
    table = pa.table(columns) if columns else pa.table({"id": pa.nulls(len(rows), pa.string())})
    return Given(table, places, tuple(broken))
