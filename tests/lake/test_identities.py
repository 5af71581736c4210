"""Identities: equal marks for equal facts, for ever."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import event

from qalqan.lake import identities
from qalqan.lake.identities import Marks, first_of_each, marks
from qalqan.register.database import Database
from qalqan.trust.keys import Keys


def fixed_keys() -> Keys:
    return Keys(token_keys={"document": bytes(range(32))}, box_keys={}, signing_seed=bytes(32))


def facts(*rows: dict[str, Any]) -> pa.Table:
    schema = pa.schema(
        [("id", pa.string()), ("source", pa.string()), ("at_us", pa.int64()), ("note", pa.string())]
    )
    return pa.Table.from_pylist([{"source": "s", **row} for row in rows], schema)


def test_marks_never_change() -> None:
    """Millions of stored identities depend on these four numbers: if a library changes them,
    every fact would count again."""
    found = marks(fixed_keys(), facts({"id": "1", "at_us": 5, "note": "Қалқан"}))
    assert found.identity.tolist() == [[PINNED[0], PINNED[1]]]
    assert found.content.tolist() == [[PINNED[2], PINNED[3]]]


PINNED = (
    6_874_124_526_119_012_611,
    4_110_727_475_946_782_870,
    6_665_429_442_794_733_385,
    5_376_835_786_344_490_557,
)


def test_what_makes_a_fact_another_one() -> None:
    found = marks(
        fixed_keys(),
        facts(
            {"id": "1", "at_us": 5},
            {"id": "1", "at_us": 5},
            {"id": "1", "at_us": 6},
            {"id": "1", "at_us": 5, "note": "n"},
            {"id": "2", "at_us": 5},
            {"id": "1", "at_us": 5, "source": "t"},
        ),
    )
    names = {tuple(one) for one in found.identity.tolist()}
    contents = {tuple(one) for one in found.content.tolist()}
    assert (len(names), len(contents)) == (3, 3)


def test_a_column_added_later_changes_no_old_mark() -> None:
    old = facts({"id": "1", "at_us": 5})
    new = old.append_column("colour", pa.nulls(1, pa.string()))
    assert (marks(fixed_keys(), old).content == marks(fixed_keys(), new).content).all()


small = st.integers(0, 3)


def as_marks(pairs: list[tuple[int, int]], content: int = 0) -> Marks:
    identity = np.array(pairs, "<u8").reshape(-1, 2)
    return Marks(identity, np.full_like(identity, content))


@given(st.lists(st.tuples(small, small)))
def test_the_first_of_each(pairs: list[tuple[int, int]]) -> None:
    """Halves collide here on purpose."""
    first, leader = first_of_each(as_marks(pairs))
    for row, pair in enumerate(pairs):
        assert leader[row] == pairs.index(pair)
        assert first[row] == (pairs.index(pair) == row)


def test_many_are_taken_back_by_few_statements(database: Database) -> None:
    names = [str(number) for number in range(identities._ASKED_AT_ONCE + 7)]
    found = marks(fixed_keys(), facts(*({"id": name} for name in names)))
    with database.write() as session:
        identities.claim(session, "call", "b-1", found)
        identities.claim(session, "payment", "b-2", found.of([0]))
    said: list[str] = []
    event.listen(database.engine, "before_cursor_execute", lambda *given: said.append(given[2]))
    with database.write() as session:
        identities.unclaim(session, "call", found.of(np.arange(1, len(found))))
    assert len([one for one in said if one.startswith("DELETE")]) == 2
    with database.session() as session:
        assert identities.known_rows(session, "call", found).seen.nonzero()[0].tolist() == [0]
        assert identities.known_rows(session, "payment", found).seen.sum() == 1
