from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan.clock import DAY, SharedClock
from qalqan.errors import Conflict, InputRejected, NotFound
from qalqan.lake.hand_in import Centre, HandIn
from qalqan.lake.intake import take
from qalqan.lake.sealing import seal
from qalqan.lake.upkeep import keeping, retention
from qalqan.lake.upkeep.named import named
from qalqan.lake.upkeep.policy import RetentionPolicy, default_body
from qalqan.lake.upkeep.retention import Hold
from qalqan.register.database import Database
from qalqan.register.orm import Audit, Case, Report, RetentionDrop, Root
from qalqan.trust.keys import Keys
from qalqan.work import legal_holds
from qalqan.work.legal_holds import Scope

JUNE = date(2026, 6, 1)
AT = 1_780_272_000_000_000  # 2026-06-01


def covering(database: Database, kind: str, day: date) -> list[str]:
    with database.session() as session:
        return [hold.name for hold in legal_holds.holds(session) if hold.covers(kind, day)]


def test_a_hold_on_days_of_a_kind_holds_until_it_is_lifted(database: Database) -> None:
    with database.write() as session:
        placed = legal_holds.place(session, "aigul", "court 12-3", Scope("call", JUNE, JUNE)).id
    assert covering(database, "call", JUNE) == ["legal hold 1"]
    assert covering(database, "payment", JUNE) == []
    assert covering(database, "call", date(2026, 6, 2)) == []
    with database.write() as session:
        legal_holds.lift(session, "daniyar", placed, "the court is done")
    assert covering(database, "call", JUNE) == []
    with pytest.raises(Conflict), database.write() as session:
        legal_holds.lift(session, "daniyar", placed, "again")
    with database.session() as session:
        acts = session.execute(select(Audit.actor, Audit.action, Audit.purpose)).all()
    assert [tuple(act) for act in acts] == [
        ("aigul", "legal_hold.place", "court 12-3"),
        ("daniyar", "legal_hold.lift", "the court is done"),
    ]


def test_a_hold_lapses_by_its_date(database: Database, stopped_clock: SharedClock) -> None:
    now = stopped_clock.now_us()
    with database.write() as session:
        legal_holds.place(session, "aigul", "a week", until_us=now + 7 * DAY)
    stopped_clock.set(now + 7 * DAY - 1)
    assert covering(database, "call", JUNE) == ["legal hold 1"]
    stopped_clock.set(now + 7 * DAY)
    assert covering(database, "call", JUNE) == []


def add_case(database: Database, case: str, state: str, at_us: int) -> None:
    with database.write() as session:
        _add_case(session, case, state, at_us)


def _add_case(session: Session, case: str, state: str, at_us: int) -> None:
    session.add(Case(id=case, state=state, region="KZ-75", opened_us=0))
    session.flush()
    session.add(
        Report(
            id=f"R{case}", case_id=case, channel="x", receipt_hash=case, methods={},
            methods_version="1", region="KZ-75", language="kk", victim="v",
            payer_account="a", payer_bank="b", amount=1, currency="KZT", crime_us=at_us,
            discovered_us=at_us, reported_us=at_us,
        )
    )  # fmt: skip
    session.flush()
    session.add(
        Root(
            id=f"T{case}", case_id=case, report_id=f"R{case}", payer_account="a",
            payer_bank="b", payee_account="c", payee_bank="d", amount=1, currency="KZT",
            at_us=at_us,
        )
    )  # fmt: skip


def test_an_open_case_holds_from_its_first_payment_and_a_closed_one_if_asked(
    database: Database,
) -> None:
    add_case(database, "C-26-000001", "open", AT + DAY)
    add_case(database, "C-26-000002", "closed", AT)
    assert covering(database, "payment", JUNE) == []
    assert covering(database, "session", date(2026, 6, 2)) == ["open cases"]
    with database.write() as session:
        legal_holds.place(session, "aigul", "appeal", Scope(case_id="C-26-000002"))
    assert covering(database, "payment", JUNE) == ["legal hold 1"]
    assert covering(database, "payment", date(2026, 5, 31)) == []


@pytest.mark.parametrize(
    "asked",
    [
        {"reason": " "},
        {"reason": "x" * 201},
        {"kind": "weather"},
        {"first_day": date(2026, 2, 1), "last_day": JUNE.replace(month=1)},
        {"case_id": "C-26-000009", "first_day": JUNE},
    ],
)
def test_what_can_t_be_held_is_refused(database: Database, asked: dict[str, Any]) -> None:
    reason = asked.get("reason", "court")
    scope = Scope(**{name: value for name, value in asked.items() if name != "reason"})
    with pytest.raises(InputRejected), database.write() as session:
        legal_holds.place(session, "aigul", reason, scope)


def test_a_case_or_hold_that_is_not_there_is_named(database: Database) -> None:
    with pytest.raises(NotFound), database.write() as session:
        legal_holds.place(session, "aigul", "court", Scope(case_id="C-26-000009"))
    with pytest.raises(NotFound), database.write() as session:
        legal_holds.lift(session, "aigul", 7, "court")


@pytest.fixture
def lake_root(tmp_path: Path) -> str:
    return str(tmp_path / "lake")


@pytest.fixture
def planned(database: Database, lake_root: str, stopped_clock: SharedClock) -> RetentionPolicy:
    """A day of sessions whose term is over, written down as to be dropped."""
    fact = {"id": "old", "at_us": AT, "remote_access": False, "outcome": "failed"}
    stopped_clock.set(AT)
    centre = Centre(database, Keys.new(), lake_root)
    take(centre, HandIn("session", "bank-a", "-"), pa.Table.from_pylist([fact]))
    seal(database, lake_root)
    stopped_clock.set(AT + 101 * DAY)
    rule = RetentionPolicy(1, dict.fromkeys(default_body(), 100))
    assert len(retention.plan(database, lake_root, rule, legal_holds.holds)[0]) == 1
    return rule


def dropped(database: Database, lake_root: str, holds: Any = legal_holds.holds_alone) -> list[date]:
    with keeping(database) as held:
        gone = retention.carry_out(database, Keys.new(), lake_root, held, holds, legal_holds.noted)
    return [row.day for row in gone]


@pytest.mark.usefixtures("planned")
@pytest.mark.parametrize("by", ["hold", "case"])
def test_a_hold_that_is_being_placed_when_the_day_goes_keeps_it(
    by: str, database: Database, lake_root: str
) -> None:
    """Its transaction is open: written, not committed. The drop waits for it."""
    with ThreadPoolExecutor(1) as other:
        with database.write() as session:
            if by == "hold":
                legal_holds.place(session, "aigul", "court", Scope("session"))
            else:
                _add_case(session, "C-26-000001", "open", AT)
            going = other.submit(dropped, database, lake_root)
            assert not wait([going], timeout=1.0).done
        assert going.result() == []
    assert len(named(lake_root, "session")) == 1
    with database.session() as session:
        assert session.scalars(select(RetentionDrop)).all() == []


@pytest.mark.usefixtures("planned")
def test_a_hold_that_comes_when_the_day_goes_already_says_so(
    database: Database, lake_root: str
) -> None:
    """It waits for the transaction that writes down that the day goes."""
    placing: list[Future[list[date]]] = []

    def place() -> list[date]:
        with database.write() as session:
            row = legal_holds.place(session, "aigul", "court", Scope("session"))
            return [one.day for one in legal_holds.gone(session, row)]

    def holds(session: Session) -> Sequence[Hold]:
        found = legal_holds.holds_alone(session)
        placing.append(other.submit(place))
        assert not wait(placing, timeout=1.0).done
        return found

    with ThreadPoolExecutor(1) as other:
        gone = dropped(database, lake_root, holds)
    assert gone == [JUNE]
    assert placing[0].result() == gone


def test_a_hold_on_other_days_is_told_of_none(
    planned: RetentionPolicy, database: Database, lake_root: str
) -> None:
    assert dropped(database, lake_root) == [JUNE]
    for scope, late in (
        (Scope("call"), []),
        (Scope(None, JUNE, JUNE), [JUNE]),
        (Scope("session", None, date(2026, 5, 31)), []),
    ):
        with database.write() as session:
            row = legal_holds.place(session, "aigul", "court", scope)
            assert [one.day for one in legal_holds.gone(session, row)] == late
