"""What a reader hands on: columns of whatever came, and where each record stood."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qalqan.exchange.given import NESTED, Broken, Given, Places, column_of, encodable, texts_of

values = st.lists(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.lists(st.integers(), max_size=2)
    | st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
    max_size=6,
)


@given(values)
def test_anything_makes_a_column_and_its_texts(held: list[object]) -> None:
    column = column_of(held)
    texts = texts_of(column)
    assert len(column) == len(texts) == len(held)
    assert texts.type == pa.string()
    assert [text is None for text in texts.to_pylist()] == [one is None for one in held]


def test_values_of_one_type_keep_it() -> None:
    assert column_of([1, None]).type == pa.int64()
    assert column_of(["a"]).type == pa.string()
    assert column_of([datetime.date(2026, 1, 1)]).type == pa.date32()


@pytest.mark.parametrize(
    ("held", "texts"),
    [
        ([1, "a"], ["1", "a"]),
        ([2**70, 5], [str(2**70), "5"]),
        ([True, False, "x"], ["\x00true", "\x00false", "x"]),
        ([3.0, "x", 2.5], ["3", "x", "2.5"]),
        ([{"a": 1}], [NESTED + "{'a': 1}"]),
        ([[1]], [NESTED + "[1]"]),
    ],
)
def test_values_that_disagree_become_their_texts(held: list[object], texts: list[str]) -> None:
    assert column_of(held).to_pylist() == texts


@pytest.mark.parametrize(
    ("column", "texts"),
    [
        (pa.array([1.0, 2.5, None, float("nan")]), ["1", "2.5", None, "nan"]),
        (pa.array([1e300]), ["1e+300"]),
        (pa.array([True]), ["true"]),
        (pa.array([Decimal("1.50")]), ["1.50"]),
        (pa.array([[1]]), [NESTED + "[1]"]),
        (pa.array([b"ab"]), ["ab"]),
        (pa.array(["a"]).dictionary_encode(), ["a"]),
    ],
)
def test_a_typed_column_as_texts(column: pa.Array, texts: list[str | None]) -> None:
    assert texts_of(column).to_pylist() == texts


def test_a_lone_surrogate_is_no_text() -> None:
    assert encodable("a\ud800b").encode() == "a\ufffd\ufffd\ufffdb".encode()
    assert "\ufffd" in column_of(["\ud800", 1]).to_pylist()[0]


def test_places_are_numbered_as_a_reader_counts() -> None:
    assert Places()[0] == "[1]"
    assert Places(":{}", 2)[15] == ":17"
    assert Places("Лист1!{}", numbers=[4, 9])[1] == "Лист1!9"


def test_broken_records_were_read_too() -> None:
    broken = Broken(":2", "x", "file.fields")
    assert Given(pa.table({"id": ["1"]}), Places(), (broken,)).read == 2
