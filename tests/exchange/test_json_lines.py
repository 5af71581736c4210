"""JSON Lines and JSON lists."""

import io

from qalqan.exchange import json_lines


def test_each_line_is_a_record_with_its_place() -> None:
    (found,) = json_lines.read(io.BytesIO(b'{"id": "1", "amount": 5}\n\n{"id": "2"}\n'))
    assert found.table.to_pydict() == {"id": ["1", "2"], "amount": [5, None]}
    assert list(found.places) == [":1", ":3"]


def test_what_is_no_object_is_broken_and_the_rest_goes_on() -> None:
    lines = b'{"id": 1}\n[1]\n{"id":\nNaN\n{"id": NaN}\n"text"\n\xff\n' + b"[" * 100_000 + b"\n"
    (found,) = json_lines.read(io.BytesIO(lines))
    assert found.table["id"].to_pylist() == [1]
    assert [one.place for one in found.broken] == [f":{line}" for line in range(2, 9)]
    assert {one.expected for one in found.broken} == {"file.json"}


def test_values_of_different_types_become_texts() -> None:
    facts = [{"a": 5}, {"a": "x"}, {"a": True}, {"a": 10**30}, {"a": 2.0}, {"a": "\ud800"}]
    found = json_lines.records(facts)
    texts = found.table["a"].to_pylist()
    assert texts[:5] == ["5", "x", "\x00true", str(10**30), "2"]
    assert "\ufffd" in texts[5]


def test_a_list_or_an_object_is_no_plain_text() -> None:
    found = json_lines.records([{"a": {"b": 1}}, {"a": "x"}])
    assert found.table["a"].to_pylist()[0].startswith("\x00")


def test_records_of_a_body() -> None:
    found = json_lines.records([{"id": "1"}, 7])
    assert (found.read, list(found.places), found.broken[0].place) == (2, ["[1]"], "[2]")
    assert json_lines.records([]).read == 0
