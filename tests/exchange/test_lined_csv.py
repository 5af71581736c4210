"""Small CSV files with named columns."""

from __future__ import annotations

import pytest

from qalqan.errors import InputRejected
from qalqan.exchange import lined_csv


def test_lines_have_their_columns_whatever_the_order_case_and_delimiter() -> None:
    body = "\ufeffB;A\n 2 ;1\n;\n".encode()
    assert list(lined_csv.read(body, ("a", "b", "c"), ("a",))) == [
        (2, {"b": "2", "a": "1"}),
        (3, {"b": "", "a": ""}),
    ]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"\xff", "file.columns"),
        (b"", "file.columns"),
        (b"b\n1\n", "file.columns"),
        (b"a,a\n1,2\n", "file.columns"),
        (b"a,c\n1,2\n", "file.columns"),
        (b"a\n" + b"1\n" * (lined_csv.MOST + 1), "file.lines"),
        (b"a\n" + b"1" * 200_000, "file.csv"),
    ],
)
def test_what_is_no_such_file_is_refused(body: bytes, expected: str) -> None:
    with pytest.raises(InputRejected) as caught:
        list(lined_csv.read(body, ("a", "b"), ("a",)))
    assert caught.value.expected == expected
