"""A payment that several reports tell of is stolen, followed and returned once (REQ-15, 44)."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from qalqan.cases import same_payment, trails
from qalqan.clock import MINUTE
from qalqan.errors import Conflict, NotFound
from qalqan.register import orm

VICTIM, DROP = "211:V1", "223:D1"
SUM = 100_000_00


@pytest.fixture
def twice(centre):
    """Two cases whose reports the payer's bank confirms by one payment."""
    cases = [centre.report().case, centre.report(words="the same, to a volunteer").case]
    centre.work()
    at_us = centre.clock.now_us() - 60 * MINUTE
    line = centre.line(VICTIM, DROP, SUM, at_us, number="P1")
    for question in centre.orders_of("confirm"):
        centre.answer(question, "confirmed", payment=line)
    return cases


def test_the_second_case_points_to_the_one_that_follows_the_money(centre, twice):
    first, second = twice
    with centre.database.session() as session:
        assert session.get_one(orm.Case, first).state == same_payment.OPEN
        assert session.get_one(orm.Case, second).state == same_payment.JOINED
        assert same_payment.followed_by(session, second) == [first]
        assert same_payment.followed_by(session, first) == []
        (report,) = same_payment.tied_to(session, first)
        assert report.case_id == second
        assert report.root_id == trails.roots_of(session, twice)[first][0].id
        assert len(list(session.scalars(select(orm.Root)))) == 1


def test_the_tie_is_a_decision_on_record_and_can_be_taken_back(centre, twice):
    _, second = twice
    with centre.database.write() as session:
        (note,) = session.scalars(select(orm.Audit).where(orm.Audit.action == "report.tie"))
        assert note.detail["root"] == "R-26-000001/1"
        same_payment.untie(session, note.object, "asel", "another payment of the same sum")
    with centre.database.write() as session:
        assert same_payment.followed_by(session, second) == []
        assert session.get_one(orm.Case, second).state == same_payment.OPEN
        with pytest.raises(Conflict):
            same_payment.untie(session, note.object, "asel", "again")
        with pytest.raises(NotFound):
            same_payment.untie(session, "R-26-999999", "asel", "none")


def test_what_comes_after_pursues_the_first_case_alone(centre, twice):
    first, second = twice
    assert {order.case_id for order in centre.orders_of("hold")} == {first}
    assert {order.case_id for order in centre.orders_of("confirm")} == {first, second}


def test_a_report_that_is_untied_is_asked_about_again_and_gets_a_root_of_its_own(centre, twice):
    first, second = twice
    with centre.database.write() as session:
        (report,) = same_payment.tied_to(session, first)
        same_payment.untie(session, report.id, "asel", "he paid twice")
    centre.work()
    question = centre.order("confirm", "approved")
    assert (question.case_id, question.report_id) == (second, report.id)
    at_us = centre.clock.now_us() - 50 * MINUTE
    line = centre.line(VICTIM, DROP, SUM, at_us, number="P2")
    centre.answer(question, "confirmed", payment=line)
    with centre.database.session() as session:
        (root,) = trails.roots_of(session, [second])[second]
    assert (root.claim, root.at_us) == (report.id, at_us)


def test_a_bank_that_once_writes_its_number_and_once_the_uetr_tells_of_one_payment(centre):
    cases = [centre.report().case, centre.report(words="the same, to a volunteer").case]
    other = centre.report(words="of another payment").case
    centre.work()
    at_us, uetr = centre.clock.now_us() - 60 * MINUTE, "8a562c67-ca16-48ba-b074-65581be6f00b"
    told = [("T-1", uetr.upper()), (uetr, uetr), ("T-2", uetr.replace("8", "9"))]
    for question, (number, said) in zip(centre.orders_of("confirm"), told, strict=True):
        line = centre.line(VICTIM, DROP, SUM, at_us, number=number, uetr=said)
        centre.answer(question, "confirmed", payment=line)
    with centre.database.session() as session:
        roots = {root.case_id: root.uetr for root in session.scalars(select(orm.Root))}
        assert roots == {cases[0]: uetr, other: told[2][1]}
        assert same_payment.followed_by(session, cases[1]) == [cases[0]]


def test_a_report_whose_bank_names_the_same_payment_again_is_tied_again(centre, twice):
    first, second = twice
    with centre.database.write() as session:
        (report,) = same_payment.tied_to(session, first)
        same_payment.untie(session, report.id, "asel", "he says that he paid twice")
    centre.work()
    at_us = centre.clock.now_us() - 60 * MINUTE
    line = centre.line(VICTIM, DROP, SUM, at_us, number="P1")
    centre.answer(centre.order("confirm", "approved"), "confirmed", payment=line)
    with centre.database.session() as session:
        assert [tied.id for tied in same_payment.tied_to(session, first)] == [report.id]
        assert session.get_one(orm.Case, second).state == same_payment.JOINED
