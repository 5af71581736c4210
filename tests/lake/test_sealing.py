"""Seals: strictly increasing, every accepted fact under exactly one (REQ-18)."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable
from deltalake.exceptions import CommitFailedError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from qalqan.errors import Conflict, ContractBroken
from qalqan.lake import landing, sealing, table
from qalqan.lake.landing import Staged
from qalqan.lake.receipt import Receipt
from qalqan.lake.sealing import newest_seal, seal
from qalqan.register.database import Database
from qalqan.register.leases import hold
from qalqan.register.orm import Landing, Lease, Seal

AT = 1_767_225_600_000_000  # 2026-01-01
DAY = 86_400_000_000

Give = Callable[..., Receipt]
Lake = Callable[[str], list[dict[str, Any]]]


def session_fact(fact: str, day: int = 0) -> dict[str, Any]:
    return {"id": fact, "at_us": AT + day * DAY, "remote_access": False, "outcome": "failed"}


def loan(fact: str) -> dict[str, Any]:
    amount = {"amount": 1, "currency": "KZT", "decision": "applied"}
    return {"id": fact, "at_us": AT, "applicant": "850101300005", **amount}


def test_nothing_landed_is_no_seal(database: Database, lake_root: str) -> None:
    assert seal(database, lake_root) == 0


def test_one_seal_a_kind_and_nothing_is_left_behind(
    give: Give, database: Database, lake_root: str, lake: Lake
) -> None:
    give(session_fact("1"), session_fact("2", day=1), kind="session")
    give(loan("1"), kind="loan")
    assert seal(database, lake_root) == 2
    assert {fact["seal"] for fact in lake("session")} == {1}
    assert {fact["seal"] for fact in lake("loan")} == {2}
    with database.session() as session:
        assert session.scalars(select(Landing)).all() == []
        assert newest_seal(session) == 2


def test_many_years_at_once_keep_nobody_s_today_from_being_seen(
    give: Give, database: Database, lake_root: str, lake: Lake
) -> None:
    """A seal takes a year's days, the newest first; the others follow, each fact once."""
    days = 2 * sealing.DAYS_A_SEAL + 1
    give(*(session_fact(f"old {n}", day=-n) for n in range(1, days)), kind="session")
    give(session_fact("today"), kind="session")
    give(loan("1"), kind="loan")
    assert seal(database, lake_root) == 4
    seals = {fact["id"]: fact["seal"] for fact in lake("session")}
    assert len(seals) == len(lake("session")) == days
    assert seals["today"] == seals[f"old {sealing.DAYS_A_SEAL - 1}"] == 1
    assert seals[f"old {sealing.DAYS_A_SEAL}"] == 3
    assert seals[f"old {days - 1}"] == 4
    assert {fact["seal"] for fact in lake("loan")} == {2}, "other kinds take turns with it"
    with database.session() as session:
        assert landing.is_empty(session)


def test_what_a_seal_leaves_for_the_next_has_waited_since_it_landed(
    give: Give, database: Database, lake_root: str
) -> None:
    days = 2 * sealing.DAYS_A_SEAL + 1
    give(*(session_fact(str(n), day=-n) for n in range(days)), kind="session")
    with database.session() as session:
        landed_us = session.scalar(select(Landing.landed_us))
    seen: list[int] = []

    def noticed(session: Session, *_: Any) -> None:
        asked = select(Landing.landed_us).where(Landing.batch == landing.LATER)
        seen.extend(session.scalars(asked))

    assert seal(database, lake_root, noticed) == 3
    assert set(seen) == {landed_us}


@pytest.mark.parametrize("forgotten", [[2], [1, 2]], ids=["the newest seal", "all seals"])
def test_a_register_older_than_the_lake_loses_nothing(
    give: Give, database: Database, lake_root: str, lake: Lake, forgotten: list[int]
) -> None:
    """A standby that lagged took over, or an old copy was put back: the log has these numbers."""
    for name in ("1", "2"):
        give(session_fact(name), kind="session")
        seal(database, lake_root)
    with database.write() as session:
        session.execute(delete(Seal).where(Seal.seal.in_(forgotten)))
    give(session_fact("3"), kind="session")
    for _ in range(2):
        with pytest.raises(ContractBroken) as told:
            seal(database, lake_root)
        assert told.value.code == "lake.ahead"
    with database.session() as session:
        assert landing.unsealed(session) == 1
    assert {fact["id"] for fact in lake("session")} == {"1", "2"}


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(st.sampled_from(["session", "loan", "seal"]), max_size=10))
def test_whatever_the_order_every_fact_has_one_seal_and_seals_grow(
    give: Give, database: Database, lake_root: str, lake: Lake, steps: list[str]
) -> None:
    make = {"session": session_fact, "loan": loan}
    given_ids: dict[str, set[str]] = {"session": set(), "loan": set()}
    newest = seal(database, lake_root)
    before = {kind: len(lake(kind)) for kind in given_ids}
    for step in steps:
        if step == "seal":
            found = seal(database, lake_root)
            assert found >= newest
            newest = found
        else:
            fact = uuid.uuid4().hex
            given_ids[step].add(fact)
            give(make[step](fact), kind=step)
    newest = seal(database, lake_root)
    for kind, ids in given_ids.items():
        rows = lake(kind)
        assert len(rows) == before[kind] + len(ids)
        assert ids <= {row["id"] for row in rows}
    with database.session() as session:
        seals = session.execute(select(Seal.seal, Seal.kind, Seal.rows).order_by(Seal.seal)).all()
    assert [one.seal for one in seals] == list(range(1, newest + 1))
    for one in seals:
        assert sum(row["seal"] == one.seal for row in lake(one.kind)) == one.rows


def test_many_at_once_seal_everything_once(
    give: Give, database: Database, lake_root: str, lake: Lake
) -> None:
    def work(worker: int) -> None:
        for number in range(4):
            give(session_fact(f"{worker}-{number}"), kind="session")
            seal(database, lake_root)

    threads = [threading.Thread(target=work, args=(worker,)) for worker in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({row["id"] for row in lake("session")}) == len(lake("session")) == 12


def test_a_holder_who_lost_the_lease_changes_nothing(
    give: Give, database: Database, lake_root: str, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It wakes up after another has sealed the same facts."""
    give(session_fact("1"), kind="session")
    written = table.write_files

    def slowly(*args: Any) -> Any:
        monkeypatch.setattr(sealing, "write_files", written)
        files = written(*args)
        with database.write() as session:
            session.execute(delete(Lease))
        assert seal(database, lake_root) == 1
        return files

    monkeypatch.setattr(sealing, "write_files", slowly)
    with pytest.raises(Conflict):
        seal(database, lake_root)
    assert len(lake("session")) == 1


def test_a_commit_that_meets_another_fails_and_the_next_try_adds_it(
    give: Give, database: Database, lake_root: str, lake: Lake
) -> None:
    give(session_fact("1"), kind="session")
    seal(database, lake_root)
    give(session_fact("2"), kind="session")
    with database.session() as session:
        (row, facts), *_ = landing.landed(session, "session", 10)
    files = table.write_files(lake_root, "session", facts, 2)
    log = table.Log(lake_root, "session")
    stale = DeltaTable(str(Path(lake_root, "session")))
    log.commit(files, {sealing.MARK: 2})
    with pytest.raises(CommitFailedError):
        stale.create_write_transaction(
            [table.added(one) for one in files],
            mode="append",
            schema=stale.schema(),
            partition_by=["day"],
            commit_properties=table._once({sealing.MARK: 2}),
        )
    with hold(database, "seal", 5) as held:
        with database.write() as session:
            landing.stage(session, Staged("session", 2, 1, files, {}, [row]))
        sealing.finish(database, lake_root, held)
    assert [fact["seal"] for fact in lake("session")] == [1, 2]


def test_what_was_written_to_another_lake_is_not_named_in_this_one(
    give: Give, database: Database, lake_root: str, lake: Lake, tmp_path: Path
) -> None:
    """By a worker with another setting, who died before the commit; the facts stay landed."""
    give(session_fact("1"), kind="session")
    seal(database, lake_root)
    receipt = give(loan("1"), kind="loan")
    assert receipt.accepted == 1
    with database.session() as session:
        (row, facts), *_ = landing.landed(session, "loan", 10)
    other = str(tmp_path / "other")
    files = table.write_files(other, "loan", facts, 2)
    with database.write() as session:
        landing.stage(session, Staged("loan", 2, 1, files, {}, [row]))
    for _ in range(2):
        with pytest.raises(ContractBroken, match="not in this lake"):
            seal(database, lake_root)
    with database.session() as session:
        assert landing.unsealed(session) == 1
    with database.session() as session, pytest.raises(ContractBroken, match="lacks seal 1"):
        sealing.check_lake(session, other, "loan")
    path = Path("loan", files[0].path)
    Path(lake_root, path).parent.mkdir(parents=True)
    Path(other, path).rename(Path(lake_root, path))
    assert seal(database, lake_root) == 2
    assert [fact["seal"] for fact in lake("loan")] == [2]


def test_a_lake_that_goes_while_it_is_open_gets_nothing(
    give: Give, database: Database, lake_root: str, lake: Lake, tmp_path: Path
) -> None:
    """As a disk that is not mounted any more: nobody writes beneath its place."""
    for number in range(2):
        give(session_fact(str(number)), kind="session")
        seal(database, lake_root)
    Path(lake_root).rename(tmp_path / "unmounted")
    give(session_fact("2"), kind="session")
    give(loan("1"), kind="loan")
    with pytest.raises(ContractBroken, match="lacks seal 2"):
        seal(database, lake_root)
    assert not Path(lake_root).exists()
    (tmp_path / "unmounted").rename(lake_root)
    assert seal(database, lake_root) == 4
    assert [fact["seal"] for fact in lake("session")] == [1, 2, 3]
