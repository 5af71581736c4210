"""Other files in the place of those that a table names, in one commit or not at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from qalqan.lake.upkeep.named import named, readable, replace
from qalqan.register.database import Database

Sealed = Callable[..., int]
Fact = Callable[..., dict[str, Any]]
Rows = Callable[[str], list[dict[str, Any]]]


def test_each_file_with_its_day_and_bounds(
    sealed: Sealed, session_fact: Fact, lake_root: str
) -> None:
    assert named(lake_root, "session") == []
    sealed(session_fact("a", 0), session_fact("b", 1))
    sealed(session_fact("c", 1))
    found = sorted(named(lake_root, "session"), key=lambda one: (one.day, one.first_seal))
    assert [(str(one.day), one.rows, one.first_seal, one.last_seal) for one in found] == [
        ("2026-01-01", 1, 1, 1), ("2026-01-02", 1, 1, 1), ("2026-01-02", 1, 2, 2),
    ]  # fmt: skip
    addresses = readable(lake_root, "session", [one.path for one in found])
    assert all(f"{lake_root}/session/day=" in address for address in addresses)


def test_without_others_the_rows_leave_once(
    sealed: Sealed, session_fact: Fact, database: Database, lake_root: str, lake: Rows
) -> None:
    sealed(session_fact("a", 0), session_fact("b", 1))
    first = [one for one in named(lake_root, "session") if str(one.day) == "2026-01-01"]
    assert replace(database, lake_root, "session", first)
    assert [row["id"] for row in lake("session")] == ["b"]
    every = [*first, *named(lake_root, "session")]
    assert not replace(database, lake_root, "session", every)
    assert [row["id"] for row in lake("session")] == ["b"]


@pytest.mark.parametrize("says", [True, False])
def test_whoever_must_agree_is_asked_in_a_write_and_may_write(
    says: bool, sealed: Sealed, session_fact: Fact, database: Database, lake_root: str, lake: Rows
) -> None:
    sealed(session_fact("a"))
    asked: list[bool] = []

    def agreed(session: Session) -> bool:
        asked.append(session.in_transaction())
        return says

    assert replace(database, lake_root, "session", named(lake_root, "session"), (), agreed) == says
    assert asked == [True]
    assert len(lake("session")) == (not says)
