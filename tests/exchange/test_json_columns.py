"""Columns at once give what line by line gives, or nothing."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qalqan.exchange import json_columns, json_lines

plain: st.SearchStrategy[Any] = st.none() | st.booleans() | st.text(max_size=8)
plain |= st.integers(-(2**70), 2**70) | st.floats() | st.sampled_from(
    ["2026-01-01", "2026-01-01T10:00:00Z", "\ud800", "\x00", 2**53 - 1, 2**53, -0.0, 1e300]
)  # fmt: skip
of_one_kind = st.sampled_from([st.integers(-(2**40), 2**40), st.text(max_size=8), st.booleans()])
names = st.sampled_from(["id", "at_us", "ә", "x"])


def lines_of(records: list[Any]) -> bytes:
    return "".join(json.dumps(one) + "\n" for one in records).encode()


def both(data: bytes) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    found = []
    for many in (1, 10**9):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(json_lines, "_MANY", many)
            batches = list(json_lines.read(io.BytesIO(data)))
        columns = [
            {name: (str(one.table[name].type), repr(one.table[name].to_pylist())) for name in
             sorted(one.table.column_names)} for one in batches
        ]  # fmt: skip
        places = [[one.places[n] for n in range(one.table.num_rows)] for one in batches]
        broken = [[(bad.place, bad.text) for bad in one.broken] for one in batches]
        found.append([{"columns": columns, "places": places, "broken": broken}])
    return found[0], found[1]


@given(st.lists(st.dictionaries(names, plain), min_size=1, max_size=6))
def test_records_of_any_values_read_alike(records: list[Any]) -> None:
    at_once, each = both(lines_of(records))
    assert at_once == each


@given(st.data())
def test_records_of_one_shape_read_alike(data: st.DataObject) -> None:
    shape = {name: data.draw(of_one_kind) for name in ("id", "at_us", "x")}
    records = data.draw(st.lists(st.fixed_dictionaries({}, optional=shape), min_size=1, max_size=6))
    at_once, each = both(lines_of(records))
    assert at_once == each


@pytest.mark.parametrize(
    "odd",
    [
        b'{"a":1}{"a":2}', b'{"a":1} x', b'{"a":1,"a":2}', b'{"a":NaN}', b'{"a":"\xff"}', b"5",
        b"{", b'{"a":[1]}', b'{"a":{"b":1}}', b'{"a":"\\ud800"}', b'{"a":1e400}', b"",
        b'\xef\xbb\xbf{"a":1}', b'{"\xff":1}', b"{}", b'{"a":12345678901234567890}',
        b'{"a":"x\ty"}', b'{"a":-0}',
    ],
)  # fmt: skip
def test_odd_lines_read_alike(odd: bytes) -> None:
    at_once, each = both(b'{"a":1}\n' + odd + b'\n{"a":3}\n')
    assert at_once == each


def test_common_lines_are_read_at_once() -> None:
    records = [{"id": str(n), "at_us": n, "when": "2026-01-01", "sum": 1.5} for n in range(3)]
    table = json_columns.read(lines_of(records).splitlines(keepends=True))
    assert table is not None
    assert table.to_pylist() == records
