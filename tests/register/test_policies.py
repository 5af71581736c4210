from __future__ import annotations

import pytest

from qalqan import clock
from qalqan.errors import NotAllowed
from qalqan.register import policies
from qalqan.register.database import Database
from qalqan.register.orm import Policy


def versions(database: Database, now_us: int) -> list[int | None]:
    with database.session() as session:
        found = [policies.in_force(session, name, now_us) for name in ("pursuit", "retention")]
    return [None if row is None else row.version for row in found]


def test_the_newest_version_of_each_policy_counts_from_its_day(database: Database) -> None:
    assert versions(database, clock.now_us()) == [None, None]
    before = clock.now_us() - clock.DAY
    with database.write() as session:
        for name, times in (("pursuit", 2), ("retention", 1)):
            for _ in range(times):
                number = policies.next_version(session, name)
                policies.put_in_force(session, name, number, {"n": number}, ["a", "b", "a"])
    assert versions(database, clock.now_us()) == [2, 1]
    assert versions(database, before) == [None, None]


def test_one_person_puts_nothing_in_force(database: Database) -> None:
    with pytest.raises(NotAllowed), database.write() as session:
        policies.put_in_force(session, "pursuit", 1, {}, ["a", "a"])
    with database.write() as session:  # as if it had come there by another way
        session.add(Policy(name="pursuit", version=1, body={}, valid_from_us=0, approved_by=["a"]))
    assert versions(database, clock.now_us()) == [None, None]
