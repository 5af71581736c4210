from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from qalqan.lake import identities, runs
from qalqan.lake.receipt import Receipt
from qalqan.lake.upkeep import folding
from qalqan.lake.upkeep.folding import fold
from qalqan.register.database import Database
from qalqan.register.leases import Held
from qalqan.register.orm import Identity, IdentityRun

Give = Callable[..., Receipt]
Fact = Callable[..., dict[str, Any]]


def rows(database: Database) -> int:
    with database.session() as session:
        return session.scalar(select(func.count()).select_from(Identity)) or 0


def test_old_rows_become_a_run_and_are_known_as_before(
    give: Give, session_fact: Fact, database: Database, lake_root: str, held: Held
) -> None:
    facts = [session_fact(str(number)) for number in range(20)]
    give(*facts[:12], kind="session")
    give(*facts[12:], kind="session")
    assert fold(database, lake_root, held, 3_600_000_000, fewest=2) == []  # too young
    (done,) = fold(database, lake_root, held, -1, fewest=2)
    assert (done.kind, done.source, done.rows) == ("session", "bank-a", 20)
    assert rows(database) == 0
    again = give(*facts, session_fact("new"), kind="session")
    assert (again.duplicate, again.accepted) == (20, 1)
    other = give(session_fact("3", remote_access=True), kind="session")
    assert (other.quarantined, other.refusals[0].expected) == (1, "fact.conflict")
    assert rows(database) == 1


def test_few_rows_are_not_worth_a_run(
    give: Give, session_fact: Fact, database: Database, lake_root: str, held: Held
) -> None:
    give(*[session_fact(str(number)) for number in range(5)], kind="session")
    assert fold(database, lake_root, held, -1, fewest=6) == []
    assert rows(database) == 5


def test_many_rows_become_several_runs(
    give: Give,
    session_fact: Fact,
    database: Database,
    lake_root: str,
    held: Held,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(folding, "AT_ONCE", 4)
    monkeypatch.setattr(identities, "_ASKED_AT_ONCE", 3)
    facts = [session_fact(str(number)) for number in range(10)]
    give(*facts, kind="session")
    assert fold(database, lake_root, held, -1, fewest=1)[0].rows == 10
    with database.session() as session:
        names = session.scalars(select(IdentityRun.name)).all()
    assert len(names) == 3
    assert give(*facts, kind="session").duplicate == 10


@pytest.mark.parametrize("dies", ["before the run counts", "before the rows go"])
def test_whoever_dies_in_between_doubles_nothing(
    give: Give,
    session_fact: Fact,
    database: Database,
    lake_root: str,
    held: Held,
    monkeypatch: pytest.MonkeyPatch,
    dies: str,
) -> None:
    facts = [session_fact(str(number)) for number in range(6)]
    give(*facts, kind="session")

    def death(*_: Any) -> Any:
        raise KeyboardInterrupt

    if dies == "before the run counts":
        write = runs.write
        monkeypatch.setattr(runs, "write", lambda *given: (write(*given), death()))
    else:
        monkeypatch.setattr(folding, "forget", death)
    with pytest.raises(KeyboardInterrupt):
        fold(database, lake_root, held, -1, fewest=1)
    monkeypatch.undo()
    assert give(*facts, kind="session").duplicate == 6
    fold(database, lake_root, held, -1, fewest=1)
    assert rows(database) == 0
    assert give(*facts, kind="session").duplicate == 6


def test_claims_at_the_same_time_are_neither_lost_nor_doubled(
    give: Give, session_fact: Fact, database: Database, lake_root: str, held: Held
) -> None:
    """Two partners' threads send the same facts again and again while they are folded."""
    facts = [session_fact(str(number)) for number in range(40)]
    accepted: list[int] = []

    def send() -> None:
        for start in range(0, 40, 5):
            accepted.append(give(*facts[start : start + 5], kind="session").accepted)

    threads = [threading.Thread(target=send) for _ in range(3)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        fold(database, lake_root, held, -1, fewest=1)
    assert sum(accepted) == 40
    assert give(*facts, kind="session").duplicate == 40
