"""CSV: a bad line harms only itself."""

from __future__ import annotations

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qalqan.errors import InputRejected
from qalqan.exchange import csv_table
from qalqan.exchange.given import Given


def read(data: bytes, **more: Any) -> list[Given]:
    return list(csv_table.read(io.BytesIO(data), **more))


def only(data: bytes, **more: Any) -> Given:
    (found,) = read(data, **more)
    return found


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_seen_in_the_header(delimiter: str) -> None:
    text = f"id{delimiter}amount\n1{delimiter}5\n"
    assert only(text.encode()).table.to_pydict() == {"id": ["1"], "amount": ["5"]}


def test_bom_quotes_and_line_breaks_inside_quotes() -> None:
    found = only('\ufeffid;purpose\n"1";"за\nобед; ""два"""\n'.encode())
    assert found.table.to_pydict() == {"id": ["1"], "purpose": ['за\nобед; "два"']}


def test_other_encodings() -> None:
    found = only("id;имя\n1;Абай\n".encode("cp1251"), encoding="cp1251")
    assert found.table["имя"].to_pylist() == ["Абай"]


def test_lines_with_other_numbers_of_fields_are_broken_and_the_rest_goes_on() -> None:
    found = only(b"id;amount\n1;5\n2\n3;6;7\n4;8\n")
    assert found.table["id"].to_pylist() == ["1", "4"]
    assert [found.places[0], found.places[1]] == [":2", ":5"]
    assert [(one.place, one.params["given"]) for one in found.broken] == [(":3", 1), (":4", 3)]
    assert found.read == 4


def test_bytes_that_are_no_text_stay_in_their_own_record() -> None:
    found = only(b"id;purpose\n1;ok\n2;\xff\xfe\n3\xd0\n")
    assert found.table["purpose"].to_pylist() == ["ok", "\ufffd\ufffd"]
    assert len(found.broken) == 1


def test_an_unclosed_quote_takes_the_rest_with_it() -> None:
    (found,) = read(b'id;amount\n1;5\n"2;6\n3;7\n')
    assert found.read == 2
    assert len(found.broken) == 1


@pytest.mark.parametrize(
    ("data", "expected"),
    [(b"", "file.empty"), (b" \n", "file.empty"), (b"id;id\n1;2\n", "file.column_twice")],
)
def test_a_file_without_a_usable_header_is_refused(data: bytes, expected: str) -> None:
    with pytest.raises(InputRejected) as caught:
        read(data)
    assert caught.value.expected == expected


def test_a_header_alone_is_no_record() -> None:
    assert sum(found.read for found in read(b"id;amount\n")) == 0


@given(
    st.lists(
        st.tuples(
            st.text(st.characters(codec="utf-8", exclude_characters="\x00\r"), max_size=6),
            st.integers(),
        ),
        min_size=1,
    )
)
def test_what_is_written_is_read(rows: list[tuple[str, int]]) -> None:
    lines = ['"{}";{}'.format(text.replace('"', '""'), number) for text, number in rows]
    (found,) = read(("text;number\n" + "\n".join(lines) + "\n").encode())
    assert found.table["text"].to_pylist() == [text or None for text, _ in rows]
    assert found.table["number"].to_pylist() == [str(number) for _, number in rows]


def test_a_file_without_a_line_of_names_has_those_that_it_is_given() -> None:
    data = b"1,x\n2\n3,z\n"
    [given] = list(csv_table.read(io.BytesIO(data), header=("a", "b")))
    assert given.table.to_pylist() == [{"a": "1", "b": "x"}, {"a": "3", "b": "z"}]
    assert [given.places[row] for row in range(2)] == [":1", ":3"]
    assert [(one.place, one.expected) for one in given.broken] == [(":2", "file.fields")]
    [first] = list(csv_table.read(io.BytesIO(b"1\n1,x\n"), header=("a", "b")))
    assert [one.place for one in first.broken] == [":1"]
    with pytest.raises(InputRejected):
        list(csv_table.read(io.BytesIO(data), header=("a", "a")))
