"""The register's tables as a screen sees them, on SQLite and PostgreSQL; what changed is read."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import trails
from qalqan.clock import DAY
from qalqan.register import indicators
from qalqan.register.database import Database
from qalqan.register.orm import Case, CaseAccount, FindingRow
from qalqan.screening.listed import Found, Listed
from qalqan.work.screens import lists


@pytest.fixture
def server(either_server: str | None) -> str | None:
    return either_server


def finding(subject: str, score: float, **more: Any) -> FindingRow:
    return FindingRow(
        **{"detector": "payments.passes_through", "subject_kind": "account", "subject": subject,
           "window_from_us": int(score * 100), "window_to_us": 100, "score": score, "evidence": {},
           "version": "1", "seal": 1, "shadow": False, "state": "new", "first_us": 0,
           "updated_us": 1, **more}
    )  # fmt: skip


def test_only_what_has_changed_is_read_again(database: Database) -> None:
    now_us = clock.now_us()
    with database.session() as session:
        before = lists.mark(session)
        assert lists.read(session, now_us) == Listed()
    with database.write() as session:
        for account, grade in (("b", indicators.BLOCK), ("w", indicators.WATCH)):
            entry = indicators.Entry(
                "account", account, grade, "kz.payments.hold", "seen", "case", now_us + DAY
            )
            indicators.put(session, entry, ["asel", "daniyar"])
    with database.session() as session:
        after = lists.mark(session)
        changed = [name for name in after if after[name] != before[name]]
        assert changed == ["indicators"]
        kept = Listed(found={"kept": Found(0.5, "x")})
        told = lists.read(session, now_us, kept, changed)
    assert (told.indicators.keys(), told.watched, told.found) == ({"b"}, {"w"}, kept.found)


def test_findings_count_once_people_let_them(database: Database) -> None:
    with database.write() as session:
        session.add_all([
            finding("a", 0.7), finding("a", 0.8), finding("a", 0.9, state="dismissed"),
            finding("b", 0.6, shadow=True),
        ])  # fmt: skip
    assert told(database).found == {"a": Found(0.8, "payments.passes_through")}
    with database.session() as session:
        before = lists.mark(session)
    with database.write() as session:
        session.execute(update(FindingRow).values(shadow=False))
    with database.session() as session:
        assert lists.mark(session)["found"] != before["found"], "a detector was promoted"
    assert told(database).found.keys() == {"a", "b"}


def test_an_account_is_followed_while_its_case_is_open(database: Database) -> None:
    with database.write() as session:
        session.add(Case(id="C-1", region="KZ-75", opened_us=1))
        session.flush()
        session.add(CaseAccount(case_id="C-1", account="d", bank="223", first_us=1))
    assert told(database).followed == {"d"}
    with database.session() as session:
        before = lists.mark(session)
    with database.write() as session:
        session.execute(update(Case).values(state="closed"))
    with database.session() as session:
        assert lists.mark(session)["followed"] != before["followed"]
    assert told(database).followed == frozenset()


def test_a_newest_case_that_is_followed_on_is_read_again(database: Database) -> None:
    def keep(session: Session, now_us: int, *accounts: str) -> None:
        nodes = [
            {"account": each, "bank": "223", "first_us": 1, "here": {"fifo": {"R": 1}}}
            for each in accounts
        ]
        document = {"seal": 1, "policy": "trail/1", "currency": "KZT", "nodes": nodes}
        trails.keep(session, "C-1", [document], now_us)

    with database.write() as session:
        session.add(Case(id="C-1", region="KZ-75", opened_us=1))
        session.flush()
        keep(session, 1, "d")
    with database.session() as session:
        before = lists.mark(session)
    with database.write() as session:
        keep(session, 2, "d", "e")
    with database.session() as session:
        assert lists.mark(session)["followed"] != before["followed"]
        assert len(trails.newest(session, "C-1")) == 1
    assert told(database).followed == {"d", "e"}


def told(database: Database) -> Listed:
    with database.session() as session:
        return lists.read(session, clock.now_us())
