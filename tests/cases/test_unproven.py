"""REQ-18; Law 94-V, art. 12: who was looked at and never proven is forgotten after ninety days; who
is tied to anything is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from cases.retained import POLICY, Retained
from qalqan.cases.named import TOLD
from qalqan.clock import SharedClock
from qalqan.register import orm, vault_check
from qalqan.register.database import Database
from qalqan.trust.keys import Keys
from qalqan.work import legal_holds


@pytest.fixture
def server(either_server: str | None) -> str | None:
    return either_server


@pytest.fixture
def kept(database: Database, keys: Keys, stopped_clock: SharedClock) -> Retained:
    retained = Retained(database, keys, stopped_clock)
    retained.approve()
    return retained


CLEAR = {"handle": "@somebody", "ip": "8.8.8.8", "imei": "490154203237518", "domain": "a.kz",
         "url": "https://a.kz/x"}  # fmt: skip


def lines(kept: Retained) -> set[tuple[str, str]]:
    with kept.database.session() as session:
        return {(row.kind, row.subject) for row in session.scalars(select(orm.CaseEntity))}


def test_what_an_officer_added_by_hand_and_nothing_ties_goes(kept: Retained) -> None:
    case = kept.case()
    for kind in TOLD:
        kept.identifier(case, kind)
    for kind, value in CLEAR.items():
        kept.identifier(case, kind, value)
    kept.later(89)
    assert kept.sweep() == {}
    kept.later(1)
    assert kept.sweep() == {"identifiers": len(TOLD) + 3}
    assert lines(kept) == {("domain", "a.kz"), ("url", "https://a.kz/x")}  # lead to nobody
    assert kept.there == set(kept.blocked) == {kept.token("account"), kept.token("phone")}
    with kept.database.session() as session:
        told = session.query(orm.Audit).filter_by(action="retention.drop").one()
        assert (told.object, told.detail) == (case, {"identifiers": len(TOLD) + 3})
        assert told.purpose == "vault_retention/1: 90 days unproven"
        assert list(vault_check.differences(session, kept.keys)) == []
    assert kept.sweep() == {}


def channel(kept: Retained, case: str, subject: str, of_drop: Any = None, **more: Any) -> None:
    """A drop, and a row beside it that names the subject."""
    kept.add(orm.Drop(id="D-26-000001", region="KZ-75", role="drop", status="cleared",
                      opened_by="a", opened_us=1, **more))  # fmt: skip
    if of_drop is not None:
        kept.add(of_drop)


def order(kept: Retained, case: str, subject: str) -> None:
    kept.add(
        orm.Partner(code="op", kind="operator", names={}, active=True),
        orm.Order(id="O-26-000001", case_id=case, kind="block", partner="op", state="closed",
                  ground="g", reason={}, drafted_by="a", idempotency_key="k", created_us=1,
                  subject=subject, subject_kind="phone"),
    )  # fmt: skip


def indicator(kept: Retained, case: str, subject: str) -> None:
    """One that ended long ago."""
    kept.add(
        orm.IndicatorRow(subject_kind="account", subject=subject, grade="watch", ground="g",
                         reason="r", source="s", approved_by=[], from_us=1, until_us=1)
    )  # fmt: skip


def hold(kept: Retained, case: str, subject: str) -> None:
    with kept.database.write() as session:
        legal_holds.place(session, "a", "a trial", legal_holds.Scope(case_id=case))


def reopen(kept: Retained, case: str, subject: str) -> None:
    with kept.database.write() as session:
        row = session.get_one(orm.Case, case)
        row.state, row.closed_us = "open", None


def add_lately(kept: Retained, case: str, subject: str) -> None:
    with kept.database.write() as session:
        session.get_one(orm.CaseEntity, (case, "phone", subject)).first_us = kept.clock.now_us()


OF_DROP = {"drop_id": "D-26-000001"}
TIES: dict[str, tuple[str, Callable[[Retained, str, str], Any]]] = {
    "open case": ("account", reopen),
    "hold": ("account", hold),
    "added lately": ("phone", add_lately),
    "another case": ("card", lambda kept, case, of: kept.identifier(kept.case(), "card")),
    "report": ("account", lambda kept, case, of: kept.report(case, payee_account=of)),
    "trail": ("account", lambda kept, case, of: kept.add(
        orm.CaseAccount(case_id=case, account=of, bank="1", first_us=1))),
    "order": ("phone", order),
    "drop": ("person", lambda kept, case, of: channel(kept, case, of, person=of)),
    "drop's account": ("account", lambda kept, case, of: channel(
        kept, case, of, orm.DropAccount(account=of, **OF_DROP))),
    "channel": ("phone", lambda kept, case, of: channel(
        kept, case, of, orm.DropChannel(kind="phone", subject=of, by="a", at_us=1, **OF_DROP))),
    "indicator": ("account", indicator),
    "new finding": ("account", lambda kept, case, of: kept.finding(of, "new")),
    "confirmed finding": ("person", lambda kept, case, of: kept.finding(of, "confirmed")),
    "dismissed lately": ("account", lambda kept, case, of: kept.finding(of, "dismissed")),
    "faded lately": ("account", lambda kept, case, of: kept.finding(of, "faded")),
}  # fmt: skip


@pytest.mark.parametrize("tie", TIES)
def test_what_something_ties_stays_for_the_term_of_its_case(kept: Retained, tie: str) -> None:
    (kind, tied), case = TIES[tie], kept.case()
    subject = kept.identifier(case, kind)
    kept.later(45)
    tied(kept, case, subject)
    kept.later(45)
    assert kept.sweep() == {}
    assert (kind, subject) in lines(kept)
    assert subject in kept.there
    assert subject not in kept.blocked


def test_whom_only_dismissed_findings_name_is_forgotten(kept: Retained) -> None:
    account, phone, person = (kept.keep(klass) for klass in ("account", "phone", "person"))
    kept.finding(account, "dismissed")
    kept.finding(account, "faded")
    kept.finding(phone, "faded", "phone")
    kept.finding(person, "dismissed", "person")
    kept.later(89)
    assert kept.sweep() == {}
    kept.finding(phone, "new", "phone")
    kept.later(1)
    assert kept.sweep() == {"unproven": 2}
    assert kept.blocked == {account: "work"}
    assert kept.there == {account, phone}
    with kept.database.session() as session:  # a dismissal outlives versions
        assert session.query(orm.FindingRow).count() == 5
    assert kept.sweep() == {}


def test_a_word_taken_back_frees_the_subject(kept: Retained) -> None:
    account = kept.keep("account")
    number = kept.finding(account, "dismissed")
    kept.later(90)
    assert kept.sweep() == {"unproven": 1}
    with kept.database.write() as session:
        row = session.get_one(orm.FindingRow, number)
        row.state, row.decided_us = "new", kept.clock.now_us()
    assert kept.sweep() == {"freed": 1}
    assert kept.blocked == {}


def test_a_finding_whose_subject_a_case_names_belongs_to_the_case(kept: Retained) -> None:
    token = kept.identifier(kept.case(), "account", source="report")
    kept.finding(token, "dismissed")
    kept.later(365)
    assert kept.sweep() == {}
    kept.later(35)
    assert kept.sweep() == {"account": 1}


def test_without_its_line_in_the_policy_nobody_is_unproven(kept: Retained) -> None:
    kept.approve({name: entry for name, entry in POLICY.items() if name != "unproven"})
    kept.identifier(kept.case(), "handle", "@somebody")
    kept.finding(kept.keep("account"), "dismissed")
    kept.later(399)
    assert kept.sweep() == {}


def test_what_is_blocked_as_unproven_stays_so_where_its_class_has_no_term(kept: Retained) -> None:
    kept.approve({"unproven": POLICY["unproven"]})
    kept.finding(kept.keep("account"), "dismissed")
    kept.later(90)
    assert kept.sweep() == {"unproven": 1}
    assert kept.sweep() == {}
