"""REQ-18, 39: whom a confirmed finding is about stands among his cases' identifiers."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from cases.conftest import DROP, ORGANISER
from persons import Officer
from qalqan.cases import drops, entities, seen
from qalqan.errors import InputRejected, NotAllowed
from qalqan.model.finding import Finding
from qalqan.register import orm
from qalqan.trust import tokens
from qalqan.work import findings, review

CODE, DAY = "payments.passes_through", 86_400_000_000
ASEL = Officer("asel", "supervisor")
ALMAS = Officer("almas", "investigator", "KZ-71")


@pytest.fixture
def server(either_server):
    return either_server


@pytest.fixture
def case(centre):
    return centre.report().case


@pytest.fixture
def account(centre):
    return tokens.token(centre.keys, "account", ORGANISER)


def found(centre, subject, windows=1, kind="account"):
    """New findings about a subject."""
    made = [
        Finding(CODE, kind, subject, at * DAY, (at + 1) * DAY, 0.9, {}, "1", 1)
        for at in range(windows)
    ]
    with centre.database.write() as session:
        findings.keep(session, CODE, made, None)
        of = select(orm.FindingRow.id).where(orm.FindingRow.subject == subject)
        return list(session.scalars(of.order_by(orm.FindingRow.id)))


def say(centre, number, word, was="new", case_id="", person=ASEL):
    review.judge(centre.database, person, number, word, "a reason", was, case_id)


def told(centre, case):
    """Source and teller by subject."""
    with centre.database.session() as session:
        return {e.subject: (e.source, e.told_by) for e in seen.of_case(session, case)}


def ordered(centre, case, account):
    """An order of the case names an account that the case has not."""
    with centre.database.write() as session:
        order = session.scalars(select(orm.Order).where(orm.Order.case_id == case)).first()
        order.account = account


def test_who_is_named_by_a_case_becomes_its_identifier_once_and_goes_with_the_word(
    centre, case, account
):
    ordered(centre, case, account)
    (number,) = found(centre, account)
    before = told(centre, case)
    say(centre, number, "confirmed")
    assert told(centre, case) == before | {account: ("finding", "asel")}
    say(centre, number, "new", "confirmed")
    assert told(centre, case) == before
    with centre.database.session() as session:
        done = session.scalars(select(orm.Audit.action).where(orm.Audit.object == case)).all()
    assert done[-2:] == ["add_identifier", "remove_identifier"]


def test_a_dismissal_and_a_word_about_a_stranger_change_no_case(centre, case, account):
    (stranger,) = found(centre, account)
    before = told(centre, case)
    say(centre, stranger, "dismissed")
    say(centre, stranger, "new", "dismissed")
    say(centre, stranger, "confirmed")
    assert told(centre, case) == before


def test_who_confirms_may_name_the_case(centre, case, account):
    (number,) = found(centre, account)
    with pytest.raises(InputRejected) as refused:
        say(centre, number, "confirmed", case_id="C-26-999999")
    assert (refused.value.field, refused.value.expected) == ("case", "findings.case")
    with pytest.raises(NotAllowed):
        say(centre, number, "confirmed", case_id=case, person=ALMAS)
    say(centre, number, "confirmed", case_id=case)
    assert told(centre, case)[account] == ("finding", "asel")


def test_another_confirmed_finding_keeps_it(centre, case, account):
    first, second = found(centre, account, 2)
    say(centre, first, "confirmed", case_id=case)
    say(centre, second, "confirmed")
    say(centre, first, "new", "confirmed")
    assert account in told(centre, case)
    say(centre, second, "dismissed", "confirmed")
    assert account not in told(centre, case)


@pytest.mark.parametrize("source", ["trail", "officer", "report"])
def test_what_others_tell_as_well_stays(centre, case, account, source):
    (number,) = found(centre, account)
    say(centre, number, "confirmed", case_id=case)
    with centre.database.write() as session:
        entities.keep(session, case, [("account", account, 5)], source, "somebody")
    assert told(centre, case)[account] == (source, "somebody")
    say(centre, number, "new", "confirmed")
    assert told(centre, case)[account] == (source, "somebody")


def test_what_the_case_has_already_is_not_a_findings(centre, case):
    account = tokens.token(centre.keys, "account", DROP)
    (number,) = found(centre, account)
    say(centre, number, "confirmed", case_id=case)
    assert told(centre, case)[account][0] == "report"
    say(centre, number, "new", "confirmed")
    assert told(centre, case)[account][0] == "report"


def test_a_finding_put_forward_for_a_drop_stands_in_the_drops_cases(centre, case, account):
    (number,) = found(centre, account)
    with centre.database.write() as session:
        mark = seen.mark_of(tokens.token(centre.keys, "account", DROP))
        drop = drops.open_drop(session, ASEL, case, mark, "drop", "")
        session.add(orm.DropAccount(drop_id=drop.id, account=account))
        session.get_one(orm.FindingRow, number).state = "confirmed"
        session.flush()
        drops.add_finding(session, ASEL, drop, number)
    assert told(centre, case)[account] == ("finding", "asel")


def test_a_kind_that_is_no_identifier_stands_nowhere(centre, case):
    (number,) = found(centre, "Astana", kind="weather")
    before = told(centre, case)
    say(centre, number, "confirmed", case_id=case)
    say(centre, number, "new", "confirmed")
    assert told(centre, case) == before


@pytest.mark.parametrize(
    ("kind", "subject"),
    [("device", "dev_1"), ("trunk", "op:t1"), ("dealer", "op:D1"), ("provider", "op")],
)
def test_what_only_findings_tell_stands_in_the_case_that_is_named(centre, case, kind, subject):
    (number,) = found(centre, subject, kind=kind)
    before = told(centre, case)
    say(centre, number, "confirmed", case_id=case)
    with centre.database.session() as session:
        assert kind in {e.kind for e in seen.of_case(session, case) if e.subject == subject}
    say(centre, number, "new", "confirmed")
    assert told(centre, case) == before


def test_a_firm_stands_as_the_person_it_is_in_law(centre, case):
    (one,) = found(centre, "per_1", kind="company")
    say(centre, one, "confirmed", case_id=case)
    with centre.database.session() as session:
        assert {e.kind for e in seen.of_case(session, case) if e.subject == "per_1"} == {"person"}
    say(centre, one, "new", "confirmed")
    assert "per_1" not in told(centre, case)
