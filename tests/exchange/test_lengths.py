"""REQ-19: lengths as partners write them, in whole seconds."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qalqan.exchange.lengths import between, from_milliseconds

moments = st.integers(-(10**17), 10**17)


@given(st.lists(st.tuples(moments, moments)))
def test_between_two_moments(pairs: list[tuple[int, int]]) -> None:
    begins, ends = (pa.array([pair[end] for pair in pairs], pa.int64()) for end in (0, 1))
    wanted = [(end - begin) // 1_000_000 for begin, end in pairs]
    assert between(begins, ends, None).to_pylist() == wanted
    texts = [column.cast(pa.string()) for column in (begins, ends)]
    assert between(*texts, None).to_pylist() == wanted


@pytest.mark.parametrize(
    ("begins", "ends", "found"),
    [
        ([None, 0], [None, 1_500_000], [7, 1]),
        ([None], [1_500_000], [7]),  # it never began
        ([0], [None], [None]),
        ([1], [0], [-1]),
        (["0", "кеше"], ["2000000", "2000000"], ["2", "кеше"]),
        (["0", None], ["soon", None], ["soon", "7"]),
        ([None], ["soon"], ["soon"]),
    ],
)
def test_what_is_missing_or_strange(begins: list[Any], ends: list[Any], found: list[Any]) -> None:
    assert between(pa.array(begins), pa.array(ends), 7).to_pylist() == found


def test_empty_columns() -> None:
    assert between(pa.nulls(1), pa.nulls(1), None).to_pylist() == [None]
    assert from_milliseconds(pa.nulls(2)).to_pylist() == [None, None]
    assert from_milliseconds(pa.array([], pa.string())).to_pylist() == []


@pytest.mark.parametrize(
    ("values", "found"),
    [
        ([0, 999, 1_000, None], [0, 0, 1, None]),
        ([" 61999", "+1000"], [61, 1]),
        ([-1, -1_000], [-1, -1]),
        ([5_000.0], [5]),
        (["1000", "12.5", "x", None], ["1", "12.5", "x", None]),
        (["9" * 40], ["9" * 40]),
    ],
)
def test_milliseconds(values: list[Any], found: list[Any]) -> None:
    assert from_milliseconds(pa.array(values)).to_pylist() == found
