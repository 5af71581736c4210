"""A whole list of who is abroad, in pieces cut anywhere."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qalqan.errors import InputRejected
from qalqan.exchange.call_places import SHOWN, WholeList

CSV = (
    '\ufeffnumber\r\n+77011111111\r\n77011111112\r\n\r\n"8 (701) 111-11-13"\nx\n+77011111114'
).encode()
JSON = b'{"number": "+77011111111"}\n{"number": 5}\n\n[]\n{"number": "87011111112", "x": 1}\n{'


def read(body: bytes, lines_of_json: bool, cuts: list[int]) -> WholeList:
    found, edges = WholeList(lines_of_json), [0, *sorted(cuts), len(body)]
    for start, end in pairwise(edges):
        found.take(body[start:end])
    found.end()
    return found


@given(st.lists(st.integers(0, len(CSV)), max_size=8))
def test_a_csv(cuts: list[int]) -> None:
    found = read(CSV, False, cuts)
    assert list(found.numbers) == [77_011_111_111 + n for n in range(4)]
    assert (found.refused, found.refusals[0][0]) == (1, ":6")


@given(st.lists(st.integers(0, len(JSON)), max_size=8))
def test_lines_of_json(cuts: list[int]) -> None:
    found = read(JSON, True, cuts)
    assert list(found.numbers) == [77_011_111_111, 77_011_111_112]
    assert [place for place, _ in found.refusals] == [":2", ":4", ":6"]


def test_other_columns_are_refused_and_few_bad_lines_named() -> None:
    with pytest.raises(InputRejected):
        read(b"msisdn\n+77011111111\n", False, [])
    found = read(b"number\n" + b"x\n" * 500, False, [])
    assert (found.refused, len(found.refusals)) == (500, SHOWN)
    assert list(read(b"number", False, []).numbers) == []
