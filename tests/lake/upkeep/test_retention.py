from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan.clock import DAY, SharedClock
from qalqan.errors import Conflict
from qalqan.exchange import parquet_table
from qalqan.lake.files import take_file
from qalqan.lake.hand_in import Centre
from qalqan.lake.receipt import Receipt
from qalqan.lake.upkeep import history, policy, retention
from qalqan.lake.upkeep.compaction import NOW, compact
from qalqan.lake.upkeep.policy import RetentionPolicy
from qalqan.lake.upkeep.retention import Hold
from qalqan.lake.upkeep.vacuum import vacuum
from qalqan.register.database import Database
from qalqan.register.leases import Held
from qalqan.register.orm import IdentityRun, RetentionDrop
from qalqan.trust.keys import Keys

Sealed = Callable[..., int]
Fact = Callable[..., dict[str, Any]]
Give = Callable[..., Receipt]
AT = 1_767_225_600_000_000
POLICY = RetentionPolicy(3, dict.fromkeys(policy.default_body(), 100))


@pytest.fixture(autouse=True)
def later(stopped_clock: SharedClock) -> None:
    """It is the 103rd day of the year: days 0 and 1 are past their term of 100 days, 2 is not."""
    stopped_clock.set(AT + 102 * DAY)


def none(_: Session) -> Sequence[Hold]:
    return []


@pytest.fixture
def drop(database: Database, keys: Keys, lake_root: str, held: Held) -> Callable[..., Any]:
    """Plans and carries out; answers the days dropped, the days kept, and what was noted."""

    def run(holds: Callable[[Session], Sequence[Hold]] = none) -> Any:
        notes: list[str] = []
        _, kept = retention.plan(database, lake_root, POLICY, holds)
        gone = retention.carry_out(
            database, keys, lake_root, held, holds, lambda _, row: notes.append(str(row.day))
        )
        return [(row.kind, row.day) for row in gone], kept, notes

    return run


def test_days_past_their_term_go_and_history_says_so(
    sealed: Sealed, session_fact: Fact, drop: Callable[..., Any], database: Database,
    lake_root: str, lake: Callable[[str], list[dict[str, Any]]],
) -> None:  # fmt: skip
    sealed(session_fact("old", 0), session_fact("edge", 2))
    sealed(session_fact("older", 1), session_fact("new", 50))
    gone, kept, notes = drop()
    assert gone == [("session", date(2026, 1, 1)), ("session", date(2026, 1, 2))]
    assert (kept, notes) == ([], ["2026-01-01", "2026-01-02"])
    assert {row["id"] for row in lake("session")} == {"edge", "new"}
    with database.session() as session:
        lost = history.lost(session)
        assert [(one.rows, one.first_seal, one.last_seal, one.at_seal) for one in lost] == [
            (1, 1, 1, 2), (1, 2, 2, 2),
        ]  # fmt: skip
        assert lost[0].policy == "retention/3: 100 days"
        assert [one.lost for one in history.seals(session, lake_root)] == [True, True]
        assert history.lost(session, up_to=1) == lost[:1]
        assert history.lost(session, ["payment"]) == []
    assert drop() == ([], [], [])


@pytest.mark.parametrize(
    ("hold", "stays"),
    [
        (Hold("h", "session", date(2026, 1, 1), date(2026, 1, 1)), {"a"}),
        (Hold("h", None, None, None), {"a", "b"}),
        (Hold("h", None, date(2026, 1, 2), None), {"b"}),
        (Hold("h", "payment", None, None), set()),
        (Hold("h", "session", None, date(2025, 12, 31)), set()),
    ],
)
def test_what_is_held_stays(
    sealed: Sealed, session_fact: Fact, drop: Callable[..., Any], hold: Hold, stays: set[str],
    lake: Callable[[str], list[dict[str, Any]]],
) -> None:  # fmt: skip
    sealed(session_fact("a", 0), session_fact("b", 1))
    _, kept, _ = drop(lambda _: [hold])
    assert {row["id"] for row in lake("session")} == stays
    assert len(kept) == len(stays)
    assert all(one.hold == "h" for one in kept)


def test_a_hold_that_comes_after_the_plan_is_heeded(
    sealed: Sealed, session_fact: Fact, database: Database, keys: Keys, lake_root: str, held: Held,
    lake: Callable[[str], list[dict[str, Any]]],
) -> None:  # fmt: skip
    """The first day takes its time; meanwhile a prosecutor holds the second."""
    sealed(session_fact("a", 0), session_fact("b", 1))
    holds: list[Hold] = []
    planned, _ = retention.plan(database, lake_root, POLICY, lambda _: holds)
    assert len(planned) == 2
    gone = retention.carry_out(
        database, keys, lake_root, held, lambda _: holds,
        lambda *_: holds.append(Hold("h", "session", date(2026, 1, 2), None)),
    )  # fmt: skip
    assert [row.day for row in gone] == [date(2026, 1, 1)]
    assert {row["id"] for row in lake("session")} == {"b"}
    with database.session() as session:
        assert [row.state for row in session.scalars(select(RetentionDrop))] == ["done"]


def test_a_dropped_fact_sent_again_is_new_and_goes_again(
    sealed: Sealed, give: Give, session_fact: Fact, drop: Callable[..., Any],
    lake: Callable[[str], list[dict[str, Any]]],
) -> None:  # fmt: skip
    sealed(session_fact("old"), session_fact("new", 50))
    assert give(session_fact("old"), kind="session").duplicate == 1
    drop()
    assert give(session_fact("new", 50), kind="session").duplicate == 1
    sealed(session_fact("old"))
    assert len(lake("session")) == 2
    assert len(drop()[0]) == 1
    assert len(lake("session")) == 1


def test_identities_of_a_long_file_go_too(
    drop: Callable[..., Any], database: Database, keys: Keys, lake_root: str, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """They stand in runs, with those of facts that stay."""
    monkeypatch.setattr(parquet_table, "BATCH_ROWS", 100)
    numbers = range(300)
    table = pa.table(
        {
            "id": [str(n) for n in numbers],
            "at_us": [AT + (n % 3 * 40) * DAY for n in numbers],
            "remote_access": [False] * 300,
            "outcome": ["failed"] * 300,
        }
    )
    pq.write_table(table, tmp_path / "first.parquet")
    centre = Centre(database, keys, lake_root)
    take_file(centre, "session", tmp_path / "first.parquet", source="bank-a")
    with database.session() as session:
        before = session.scalars(select(IdentityRun.rows)).all()
    assert sum(before) == 300
    assert drop()[0] == [("session", date(2026, 1, 1))]
    with database.session() as session:
        assert sum(session.scalars(select(IdentityRun.rows)).all()) == 200
    pq.write_table(table.slice(0), tmp_path / "again.parquet", compression="none")
    again = take_file(centre, "session", tmp_path / "again.parquet", source="bank-a")
    assert (again.accepted, again.duplicate) == (100, 200)


@pytest.mark.parametrize("step", ["planned", "dropped", "forgotten"])
def test_whoever_dies_in_between_is_followed_by_one_who_finishes(
    sealed: Sealed, give: Give, session_fact: Fact, drop: Callable[..., Any], database: Database,
    lake_root: str, held: Held, lake: Callable[[str], list[dict[str, Any]]],
    step: str,
) -> None:  # fmt: skip
    sealed(session_fact("old"), session_fact("new", 50))

    def death(*_: Any, **__: Any) -> Any:
        raise KeyboardInterrupt

    forget = retention._forget
    deaths = {
        "planned": ("replace", death),
        "dropped": ("_forget", death),
        "forgotten": ("_forget", lambda *given: (forget(*given), death())),
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retention, *deaths[step])
        with pytest.raises(KeyboardInterrupt):
            drop()
    compact(database, lake_root, held, NOW, ("session",))
    assert vacuum(database, lake_root, held, "session", 0).files == 0  # its identities are needed
    drop()
    assert [row["id"] for row in lake("session")] == ["new"]
    with database.session() as session:
        assert session.scalars(select(RetentionDrop.state)).all() == ["done"]
    assert give(session_fact("old"), kind="session").accepted == 1
    assert vacuum(database, lake_root, held, "session", 0).files == 1


def test_a_hold_placed_after_a_plan_that_nobody_carried_out_holds(
    sealed: Sealed, session_fact: Fact, drop: Callable[..., Any], database: Database,
    lake_root: str, lake: Callable[[str], list[dict[str, Any]]],
) -> None:  # fmt: skip
    sealed(session_fact("old"))
    planned, _ = retention.plan(database, lake_root, POLICY, none)
    assert len(planned) == 1
    gone, kept, _ = drop(lambda _: [Hold("h", None, None, None)])
    assert (gone, len(kept)) == ([], 1)
    assert [row["id"] for row in lake("session")] == ["old"]


def test_facts_that_come_for_a_day_while_it_goes_stay(
    sealed: Sealed, session_fact: Fact, database: Database, keys: Keys, lake_root: str,
    held: Held, lake: Callable[[str], list[dict[str, Any]]],
) -> None:  # fmt: skip
    sealed(session_fact("old"))
    retention.plan(database, lake_root, POLICY, none)
    sealed(session_fact("late"))
    retention.carry_out(database, keys, lake_root, held, none, lambda *_: None)
    assert [row["id"] for row in lake("session")] == ["late"]


def test_a_day_that_went_halfway_is_asked_about_again(
    sealed: Sealed, session_fact: Fact, drop: Callable[..., Any], database: Database,
    lake_root: str, monkeypatch: pytest.MonkeyPatch, lake: Callable[[str], list[dict[str, Any]]],
) -> None:  # fmt: skip
    """Its worker died after it wrote down that the day goes, before the table let it go; then
    comes a hold, which is told of the day, and keeps it all the same."""
    sealed(session_fact("old"))
    with monkeypatch.context() as patch:
        patch.setattr(retention, "replace", _dies_once_agreed)
        with pytest.raises(KeyboardInterrupt):
            drop()
    with database.session() as session:
        assert session.scalars(select(RetentionDrop.state)).all() == ["going"]
        assert [one.day for one in history.lost(session)] == [date(2026, 1, 1)]
    gone, kept, _ = drop(lambda _: [Hold("h", None, None, None)])
    assert (gone, len(kept)) == ([], 1)
    assert [row["id"] for row in lake("session")] == ["old"]
    with database.session() as session:
        assert history.lost(session) == []
    gone, _, notes = drop()
    assert (gone, notes) == ([("session", date(2026, 1, 1))], ["2026-01-01"])


def _dies_once_agreed(database: Database, *_: Any, agreed: Callable[[Session], bool]) -> bool:
    with database.write() as session:
        assert agreed(session)
    raise KeyboardInterrupt


def test_whoever_lost_the_lease_drops_nothing(
    sealed: Sealed, session_fact: Fact, database: Database, keys: Keys, lake_root: str,
    lake: Callable[[str], list[dict[str, Any]]],
) -> None:  # fmt: skip
    """He slept through his term between his last look and the table; another keeps the lake."""
    sealed(session_fact("old"))
    retention.plan(database, lake_root, POLICY, none)
    lost = Held("upkeep", "somebody who died", 60.0)
    with database.session() as session:
        (row,) = session.scalars(select(RetentionDrop))
    with pytest.raises(Conflict):
        retention._drop(database, lake_root, lost, row, none, lambda *_: None)
    assert [row["id"] for row in lake("session")] == ["old"]
