"""What the worker keeps, and that findings replay as they were whatever it did."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from sqlalchemy import select

from qalqan.clock import DAY, SharedClock
from qalqan.errors import Conflict, ContractBroken, InputRejected, NotFound
from qalqan.lake.engine import DuckEngine, frozen_files
from qalqan.lake.hand_in import Centre, HandIn
from qalqan.lake.intake import take
from qalqan.lake.sealing import seal
from qalqan.lake.upkeep import compaction, keeping, policy
from qalqan.register import jobs
from qalqan.register.database import Database
from qalqan.register.orm import Audit, FindingRow, Job
from qalqan.settings import Settings
from qalqan.trust.keys import Keys
from qalqan.work import legal_holds, loop, upkeep
from qalqan.work.detection import detect
from qalqan.work.replay import replay, replay_finding

CODE = "payments.passes_through"
AT = 1_767_225_600_000_000  # 2026-01-01


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


@pytest.fixture
def pay(database: Database, keys: Keys, settings: Settings) -> Callable[..., int]:
    """Payments (id, payer, payee, microseconds since 2026) taken and sealed; the newest seal."""

    def paid(*rows: tuple[str, str, str, int]) -> int:
        table = pa.Table.from_pylist(
            [
                {
                    "id": name, "side": "both", "at_us": AT + at_us,
                    "payer_account": f"AAA:{payer}", "payee_account": f"AAA:{payee}",
                    "amount": 50_000_000, "currency": "KZT", "instrument": "transfer",
                }
                for name, payer, payee, at_us in rows
            ]
        )  # fmt: skip
        centre = Centre(database, keys, settings.lake_root)
        receipt = take(centre, HandIn("payment", "bank", "test"), table)
        assert receipt.accepted == len(rows)
        return seal(database, settings.lake_root)

    return paid


def approve(database: Database) -> None:
    """Two people put the policy that comes with the software in force."""
    with database.write() as session:
        policy.install(session, policy.default_body(), ["aigul", "daniyar"])


@pytest.fixture
def engine(settings: Settings) -> Iterator[DuckEngine]:
    with closing(DuckEngine(settings.lake_root)) as opened:
        yield opened


def test_a_finding_replays_equal_after_later_seals_and_compaction(
    pay: Callable[..., int], database: Database, keys: Keys, settings: Settings, engine: DuckEngine
) -> None:
    pay(("1", "100", "200", DAY))
    first = pay(("2", "200", "300", DAY + 1))
    detect(database, engine, [CODE])
    with database.session() as session:
        recorded = {row.id: row.evidence for row in session.scalars(select(FindingRow))}
    assert len(recorded) == 1
    (number,) = recorded
    before = replay(database, engine, first, [CODE])
    # a fan-out of the same account on the same day changes what is found now, not what was
    pay(*[(f"x{n}", "200", str(400 + n), DAY + 2 + n) for n in range(5)])
    pay(("4", "500", "200", DAY + 9))
    upkeep.keep(database, keys, settings, compaction.NOW)
    assert len(frozen_files(settings.lake_root, "payment")) == 1
    after = replay(database, engine, first, [CODE])
    assert after == before
    assert [one.seal for one in after.findings] == [first]
    again = replay_finding(database, engine, number)
    assert again.same
    assert again.same_version
    assert again.found is not None
    assert again.found.evidence == recorded[number]
    assert again.lost == []
    assert replay(database, engine, 0, [CODE]).findings == []


def test_a_replay_says_what_retention_took(
    pay: Callable[..., int], database: Database, keys: Keys, settings: Settings,
    engine: DuckEngine, stopped_clock: SharedClock,
) -> None:  # fmt: skip
    pay(("1", "100", "200", DAY), ("2", "200", "300", DAY + 1))
    detect(database, engine, [CODE])
    with database.session() as session:
        number = session.scalars(select(FindingRow.id)).one()
    stopped_clock.set(AT + 2_000 * DAY)
    approve(database)
    done = upkeep.keep(database, keys, settings)
    assert [(one["kind"], one["day"]) for one in done.dropped] == [("payment", date(2026, 1, 2))]
    again = replay_finding(database, engine, number)
    assert not again.same
    assert again.found is None
    assert [(one.kind, one.day, one.rows) for one in again.lost] == [
        ("payment", date(2026, 1, 2), 2)
    ]
    with database.session() as session:
        act = session.scalars(select(Audit).where(Audit.action == "retention.drop")).one()
    assert (act.object, act.purpose) == ("payment 2026-01-02", "retention/1: 1826 days")


def test_what_does_not_exist_is_not_replayed(
    pay: Callable[..., int], database: Database, engine: DuckEngine
) -> None:
    pay(("1", "100", "200", DAY))
    with pytest.raises(InputRejected):
        replay(database, engine, 2)
    with pytest.raises(NotFound):
        replay_finding(database, engine, 5)
    with pytest.raises(NotFound):
        replay(database, engine, 1, ["payments.rumour"])


def test_a_legal_hold_is_kept_and_told(
    pay: Callable[..., int], database: Database, keys: Keys, settings: Settings,
    stopped_clock: SharedClock,
) -> None:  # fmt: skip
    pay(("1", "100", "200", DAY))
    stopped_clock.set(AT + 2_000 * DAY)
    approve(database)
    with database.write() as session:
        legal_holds.place(session, "aigul", "court", legal_holds.Scope("payment"))
    done = upkeep.keep(database, keys, settings)
    assert done.dropped == []
    assert [(one.kind, one.hold) for one in done.held_back] == [("payment", "legal hold 1")]
    assert done.as_dict()["held_back"][0]["hold"] == "legal hold 1"


def test_an_idle_keeper_queues_the_night_and_a_look_at_busy_days(
    pay: Callable[..., int], database: Database, keys: Keys, settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(upkeep, "_LOOK_S", 0.0)
    monkeypatch.setattr(upkeep, "SEALS_A_LOOK", 2)
    keeper = upkeep.Keeper(database, keys, settings)

    def queued() -> list[str]:
        with database.session() as session:
            return sorted(session.scalars(select(Job.kind).where(Job.kind != "seal")))

    keeper.look()
    assert queued() == ["compact", "keep"]
    lane = loop.Lane("keep", keeper.handlers)
    assert loop._one(database, lane, "w", threading.Event())
    assert queued() == ["keep"]
    pay(("1", "100", "200", DAY))
    keeper.look()
    assert queued() == ["keep"]
    pay(("2", "100", "200", DAY))
    keeper.look()
    assert queued() == ["compact", "keep"]
    with database.session() as session:
        due = session.scalars(select(Job.due_us).where(Job.kind == "keep")).one()
    assert due % DAY == 21 * 3_600_000_000


def test_the_night_s_run_queues_the_next(
    database: Database, keys: Keys, settings: Settings, stopped_clock: SharedClock
) -> None:
    keeper = upkeep.Keeper(database, keys, settings)
    keeper.look()
    stopped_clock.set(stopped_clock.now_us() + DAY)
    while loop._one(database, loop.Lane("keep", keeper.handlers), "w", threading.Event()):
        pass
    with database.session() as session:
        (job,) = session.scalars(select(Job))
    assert (job.kind, job.state) == ("keep", "queued")
    assert stopped_clock.now_us() < job.due_us <= stopped_clock.now_us() + DAY


def test_while_another_keeps_the_lake_the_job_waits_without_blame(
    database: Database, keys: Keys, settings: Settings
) -> None:
    keeper = upkeep.Keeper(database, keys, settings)
    with database.write() as session:
        jobs.put(session, upkeep.COMPACT, "lake")
    with keeping(database):
        assert loop._one(database, loop.Lane("keep", keeper.handlers), "w", threading.Event())
        with pytest.raises(Conflict):
            upkeep.keep(database, keys, settings)
    with database.session() as session:
        (job,) = session.scalars(select(Job))
    assert (job.state, job.attempts) == ("queued", 0)


def test_nothing_is_dropped_before_two_people_approved_a_policy(
    pay: Callable[..., int], database: Database, keys: Keys, settings: Settings,
    stopped_clock: SharedClock,
) -> None:  # fmt: skip
    pay(("1", "100", "200", DAY))
    stopped_clock.set(AT + 2_000 * DAY)
    assert upkeep.keep(database, keys, settings).dropped == []
    approve(database)
    assert len(upkeep.keep(database, keys, settings).dropped) == 1


def test_nothing_is_kept_in_a_lake_that_is_not_the_register_s(
    pay: Callable[..., int], database: Database, keys: Keys, settings: Settings, tmp_path: Path
) -> None:
    """What a worker with another setting folds or drops would be missed in the right lake."""
    pay(("p", "A", "B", 0))
    other = settings.model_copy(update={"lake": str(tmp_path / "other")})
    with pytest.raises(ContractBroken, match="in the lake 0"):
        upkeep.keep(database, keys, other)
    assert not (tmp_path / "other").exists()
    assert upkeep.keep(database, keys, settings).dropped == []
