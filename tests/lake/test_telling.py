"""Which requests are checked together, and what a repeated one is known by."""

from __future__ import annotations

from typing import Any

import pytest

from qalqan.lake.telling import Telling, alike, digest_of


def told(*facts: Any, source: str = "bank-a", kind: str = "payment") -> Telling:
    return Telling(kind, source, "AAA", list(facts))


def groups(*tellings: Telling) -> list[list[int]]:
    return [[tellings.index(one) for one in group] for group in alike(tellings)]


def test_the_same_columns_with_the_same_types_go_together() -> None:
    assert groups(told({"id": "1", "amount": 5}), told({"id": "2", "amount": 7})) == [[0, 1]]


def test_a_column_that_only_one_has_is_no_hindrance() -> None:
    assert groups(told({"id": "1"}), told({"uetr": "x"}), told({"id": None}), told()) == [
        [0, 1, 2, 3]
    ]


@pytest.mark.parametrize("other", ["5", 5.0, True, 2**63, [5], {"a": 5}])
def test_another_type_goes_apart(other: Any) -> None:
    assert groups(told({"amount": 5}), told({"amount": other}), told({"amount": 6})) == [
        [0, 2],
        [1],
    ]


def test_several_types_in_one_column_go_alone() -> None:
    mixed = told({"amount": 5}, {"amount": "5"})
    assert groups(told({"amount": 5}), mixed, told({"amount": "5"}), mixed) == [[0], [2], [1], [1]]


def test_kinds_go_apart_and_partners_together() -> None:
    assert groups(told({"id": "1"}), told({"id": "1"}, kind="session")) == [[0], [1]]
    assert groups(told({"id": "1"}), told({"id": "1"}, source="bank-b")) == [[0, 1]]


def test_what_nobody_asked_for_has_no_say() -> None:
    assert groups(told({"colour": 5}), told({"colour": "red"}), told(7)) == [[0, 1, 2]]


def test_what_is_no_fact_has_its_place_too() -> None:
    telling = told({"id": "1"}, 7, {"id": "2"}, None)
    assert [place for place, _ in telling.records] == ["[1]", "[3]"]
    assert telling.broken == [("[2]", "7"), ("[4]", "null")]


def test_a_digest_knows_contents_not_their_order() -> None:
    assert digest_of([{"a": 1, "b": 2}]) == digest_of([{"b": 2, "a": 1}])
    assert digest_of([{"a": 1}]) != digest_of([{"a": "1"}])
    assert told({"a": "\ud800"}).digest == digest_of([{"a": "\ud800"}])
