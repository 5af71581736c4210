"""Receipts and quarantined records go when their term is over, and nothing else does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from qalqan.clock import DAY, HOUR, SharedClock
from qalqan.errors import Conflict
from qalqan.lake.receipt import Receipt
from qalqan.lake.upkeep import expiry, policy
from qalqan.lake.upkeep.expiry import Expired, expire
from qalqan.lake.upkeep.folding import fold
from qalqan.lake.upkeep.policy import RetentionPolicy
from qalqan.lake.upkeep.retention import Hold
from qalqan.register.database import Database
from qalqan.register.leases import Held
from qalqan.register.orm import Batch, Identity, Quarantined

Give = Callable[..., Receipt]
Fact = Callable[..., dict[str, Any]]
DAYS = dict.fromkeys(policy.default_body(), 100)
POLICY = RetentionPolicy(3, DAYS)
AT = 1_767_250_800_000_000
"""Where the clock stands: noon of 1 January 2026 in Almaty."""


@pytest.fixture
def run(database: Database, held: Held, lake_root: str) -> Callable[..., Any]:
    """Folds, so that rows of identities hold nothing back, then drops what is due."""

    def run(*holds: Hold, rule: RetentionPolicy = POLICY) -> Any:
        fold(database, lake_root, held, 7 * DAY, fewest=1)
        told: list[tuple[str, str, int]] = []
        done = expire(database, held, rule, lambda _: holds, lambda _, *one: told.append(one))
        assert sum(one.rows for one in done) == sum(rows for _, _, rows in told)
        return done

    return run


def sums(database: Database) -> tuple[int, ...]:
    columns = (Batch.read, Batch.accepted, Batch.duplicate, Batch.quarantined)
    with database.session() as session:
        return tuple(session.execute(select(*(func.sum(one) for one in columns))).one())


def batches(database: Database) -> list[str]:
    """Names of those that are no sums of others."""
    with database.session() as session:
        names = session.scalars(select(Batch.batch).where(~Batch.batch.startswith("t-")))
        return sorted(names)


def test_a_receipt_goes_after_its_term_and_its_key_is_new_again(
    give: Give, session_fact: Fact, stopped_clock: SharedClock, database: Database,
    run: Callable[..., Any],
) -> None:  # fmt: skip
    stopped_clock.set(AT)
    first = give(session_fact("a"), kind="session", key="k")
    stopped_clock.set(AT + 100 * DAY)
    later = give(session_fact("b"), session_fact("b", outcome="?"), kind="session")
    assert run() == []
    assert give(session_fact("a"), kind="session", key="k") == first
    before = sums(database)
    stopped_clock.set(AT + 100 * DAY + 1)
    assert run() == [Expired("batch", 1)]
    assert batches(database) == [later.batch]
    assert sums(database) == before
    again = give(session_fact("a"), kind="session", key="k")
    assert again.batch != first.batch
    assert (again.accepted, again.duplicate) == (0, 1)
    other = give(session_fact("c"), kind="session", key="k2")
    stopped_clock.set(AT + 300 * DAY)
    assert Expired("batch", 3) in run()
    assert other.batch not in batches(database)
    with database.session() as session:
        (added,) = session.scalars(select(Batch))
    assert (added.read, added.accepted, added.duplicate, added.quarantined) == (5, 3, 1, 1)
    assert added.started_us == AT, "no batch of this week"


def test_a_batch_stays_while_identities_name_it(
    give: Give, session_fact: Fact, stopped_clock: SharedClock, database: Database, held: Held,
) -> None:  # fmt: skip
    """Else nobody would look for them when a file of the same partner comes."""
    stopped_clock.set(AT)
    kept = give(session_fact("a"), kind="session")
    stopped_clock.set(AT + 200 * DAY)
    assert expire(database, held, POLICY, lambda _: [], lambda *_: None) == []
    assert batches(database) == [kept.batch]
    with database.session() as session:
        assert session.scalars(select(Identity.batch)).all() == [kept.batch]


def test_a_file_that_nobody_finished_goes_too(
    database: Database, stopped_clock: SharedClock, run: Callable[..., Any]
) -> None:
    with database.write() as session:
        session.add(
            Batch(batch="f-1", kind="session", source="bank-a", name="x", started_us=AT, read=3)
        )
    stopped_clock.set(AT + 101 * DAY)
    assert run() == [Expired("batch", 1)]


def quarantined(database: Database) -> list[str]:
    with database.session() as session:
        return list(session.scalars(select(Quarantined.kind).order_by(Quarantined.id)))


@pytest.mark.parametrize(
    ("hold", "left"),
    [
        (None, []),
        (Hold("h", None, None, None), ["session", "payment"]),
        (Hold("h", "session", None, None), ["session"]),
        (Hold("h", None, date(2026, 1, 3), date(2026, 1, 3)), []),
        (Hold("h", None, date(2026, 1, 2), date(2026, 1, 2)), ["session", "payment"]),
        (Hold("h", None, date(2025, 6, 1), date(2025, 6, 2)), ["session", "payment"]),
    ],
)
def test_a_quarantined_record_goes_unless_a_hold_may_be_about_it(
    hold: Hold | None, left: list[str], give: Give, session_fact: Fact,
    stopped_clock: SharedClock, database: Database, run: Callable[..., Any],
) -> None:  # fmt: skip
    """A record comes after the day of which it tells, or, by a fast clock, a day before."""
    stopped_clock.set(AT + HOUR)
    give(session_fact("a", outcome="?"), kind="session")
    give({"id": "b"})
    stopped_clock.set(AT + 101 * DAY)
    done = run(*([hold] if hold else []))
    assert quarantined(database) == left
    assert done[1:] == ([Expired("quarantine", 2 - len(left))] if len(left) < 2 else [])


def test_what_a_policy_leaves_out_stays(
    give: Give, session_fact: Fact, stopped_clock: SharedClock, database: Database,
    run: Callable[..., Any],
) -> None:  # fmt: skip
    stopped_clock.set(AT)
    give(session_fact("a", outcome="?"), kind="session", key="k")
    stopped_clock.set(AT + 3_000 * DAY)
    others = {kind: days for kind, days in DAYS.items() if kind not in ("batch", "quarantine")}
    assert run(rule=RetentionPolicy(1, others)) == []


def test_many_go_in_portions_each_safe_by_itself(
    give: Give, session_fact: Fact, stopped_clock: SharedClock, database: Database,
    run: Callable[..., Any], held: Held, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    stopped_clock.set(AT)
    monkeypatch.setattr(expiry, "AT_ONCE", 3)
    for number in range(7):
        give(session_fact(f"{number}", outcome="?"), kind="session", key=f"{number}")
    before = sums(database)
    stopped_clock.set(AT + 101 * DAY)
    told: list[int] = []

    def dies(_: Session, __: str, ___: str, rows: int) -> None:
        told.append(rows)
        if len(told) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        expire(database, held, POLICY, lambda _: [], dies)
    assert (told, len(batches(database)), sums(database)) == ([3, 3], 4, before)
    assert run() == [Expired("batch", 4), Expired("quarantine", 7)]
    assert sums(database) == before
    monkeypatch.setattr(expiry, "LONGEST_S", 0.0)
    give(session_fact("8", outcome="?"), kind="session")
    stopped_clock.set(AT + 300 * DAY)
    assert run() == []


def test_whoever_lost_the_lease_drops_nothing(
    give: Give, session_fact: Fact, stopped_clock: SharedClock, database: Database
) -> None:
    stopped_clock.set(AT)
    give(session_fact("a", outcome="?"), kind="session")
    stopped_clock.set(AT + 101 * DAY)
    lost = Held("upkeep", "somebody who died", 60.0)
    with pytest.raises(Conflict):
        expire(database, lost, POLICY, lambda _: [], lambda *_: None)
    assert quarantined(database) == ["session"]
