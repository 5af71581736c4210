from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from qalqan.clock import DAY, SharedClock
from qalqan.errors import Conflict, InputRejected, NotFound
from qalqan.register.database import Database
from qalqan.register.orm import Audit, Case, Report, Root
from qalqan.work import legal_holds

JUNE = date(2026, 6, 1)
AT = 1_780_272_000_000_000  # 2026-06-01


def covering(database: Database, kind: str, day: date) -> list[str]:
    with database.session() as session:
        return [hold.name for hold in legal_holds.holds(session) if hold.covers(kind, day)]


def test_a_hold_on_days_of_a_kind_holds_until_it_is_lifted(database: Database) -> None:
    with database.write() as session:
        placed = legal_holds.place(
            session, "aigul", "court 12-3", kind="call", first_day=JUNE, last_day=JUNE
        ).id
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
        legal_holds.place(session, "aigul", "appeal", case_id="C-26-000002")
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
    with pytest.raises(InputRejected), database.write() as session:
        legal_holds.place(session, "aigul", **{"reason": "court", **asked})


def test_a_case_or_hold_that_is_not_there_is_named(database: Database) -> None:
    with pytest.raises(NotFound), database.write() as session:
        legal_holds.place(session, "aigul", "court", case_id="C-26-000009")
    with pytest.raises(NotFound), database.write() as session:
        legal_holds.lift(session, "aigul", 7, "court")
