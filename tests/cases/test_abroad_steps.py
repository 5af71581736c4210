"""A request abroad step by step: two people, terms, answers, ends (REQ-70)."""

from __future__ import annotations

from datetime import date

import pytest

from cases.abroad_told import ASEL, DANIYAR, drafted, sent, step
from qalqan.cases import abroad_steps, abroad_treaties, documents
from qalqan.cases.abroad_kinds import Event
from qalqan.cases.codes import day_us
from qalqan.cases.documents import Upload
from qalqan.clock import DAY, HOUR
from qalqan.errors import Conflict, InputRejected, NotAllowed, NotFound
from qalqan.register import audit, orm


def test_nobody_lets_out_his_own_request(centre):
    row = drafted(centre, centre.report().case)
    with pytest.raises(NotAllowed, match="second_person"):
        step(centre, row.id, "approve", ASEL)
    assert step(centre, row.id, "approve", DANIYAR).approved_by == "daniyar"


def test_nor_an_account_of_the_same_hand(centre):
    row = drafted(centre, centre.report().case)
    with centre.database.write() as session:
        audit.note(session, "asel", "add", "user", "daniyar")
    with pytest.raises(NotAllowed, match="one_hand"):
        step(centre, row.id, "approve", DANIYAR)


def test_sending_starts_the_clock_of_request_and_task(centre):
    row = sent(centre, centre.report().case)
    now = centre.clock.now_us()
    assert (row.state, row.sent_us, row.due_us) == ("sent", now, now + 3 * DAY)
    with centre.database.session() as session:
        assert session.get_one(orm.CaseTask, row.task).due_us == row.due_us


def test_it_is_not_sent_once_its_ground_has_ended(centre):
    row = drafted(centre, centre.report().case)
    step(centre, row.id, "approve", DANIYAR)
    with centre.database.write() as session:
        day = day_us(date(2020, 1, 1))
        abroad_treaties.end(session, DANIYAR, "interpol", day, "Left", day)
    with pytest.raises(InputRejected, match="no_basis"):
        step(centre, row.id, "send")


def paper_of(centre, case):
    """The paper of an answer, filed in the case: its number."""
    paper = Upload(b"%PDF-1.7 answer", "a.pdf", "Answer", "Tbilisi", "document")
    with centre.database.write() as session:
        return documents.add(session, centre.keys, ASEL, case, paper).id


def test_an_answer_keeps_the_data_and_closing_ends_the_task(centre):
    case = centre.report().case
    row = sent(centre, case)
    document = paper_of(centre, case)
    row = step(centre, row.id, "answer", outcome="full", reference="GE 5", document=document)
    now = centre.clock.now_us()
    assert (row.outcome, row.reference, row.kept_until_us) == ("full", "GE 5", now + 60 * DAY)
    step(centre, row.id, "close", words="All came")
    with centre.database.session() as session:
        task = session.get_one(orm.CaseTask, row.task)
        assert (task.state, task.outcome, task.ended_by) == ("done", "All came", "asel")
        steps = [each.event for each in session.query(orm.AbroadStep).order_by(orm.AbroadStep.id)]
        assert steps == ["draft", "approve", "send", "answer", "close"]


def test_a_withdrawn_request_cancels_its_task(centre):
    row = step(centre, drafted(centre, centre.report().case).id, "withdraw")
    with centre.database.session() as session:
        assert session.get_one(orm.CaseTask, row.task).state == "cancelled"


def test_the_same_step_again_changes_nothing_and_a_stale_page_is_told(centre):
    row = sent(centre, centre.report().case)
    assert step(centre, row.id, "send").version == row.version
    with pytest.raises(Conflict) as found:
        step(centre, row.id, "acknowledge", version=row.version - 1)
    assert found.value.code == "changed"
    assert step(centre, row.id, "remind").version == row.version + 1
    assert step(centre, row.id, "remind").version == row.version + 1
    centre.clock.set(centre.clock.now_us() + 2 * HOUR)
    assert step(centre, row.id, "remind").version == row.version + 2


def test_another_answer_is_not_the_same_step_again(centre):
    case = centre.report().case
    row = sent(centre, case)
    document = paper_of(centre, case)
    given = {"outcome": "part", "reference": "GE 5", "document": document}
    version = step(centre, row.id, "answer", **given).version
    assert step(centre, row.id, "answer", **given).version == version
    for other in ({"outcome": "full"}, {"reference": "GE 6"}, {"document": None}):
        with pytest.raises(Conflict):
            step(centre, row.id, "answer", **given | other)


def test_what_becomes_of_its_task_stands_in_the_record(centre):
    row = sent(centre, centre.report().case)
    step(centre, row.id, "answer", outcome="full")
    step(centre, row.id, "close")
    with centre.database.session() as session:
        kept = session.query(orm.Audit).filter(orm.Audit.action.like("task%")).all()
        told = [(each.action, each.actor, each.detail["task"]) for each in kept]
    assert told == [("task_due", "asel", row.task), ("task_done", "asel", row.task)]


def test_the_machine_expires_what_nobody_answers_and_an_answer_may_come_late(centre):
    row = sent(centre, centre.report().case)
    centre.clock.set(row.due_us)
    assert abroad_steps.stands(row, row.due_us) == "expired"
    with centre.database.write() as session:
        assert abroad_steps.expire(session) == 1
        assert abroad_steps.expire(session) == 0
    assert step(centre, row.id, "answer", outcome="part").state == "answered"


def test_what_does_not_fit_is_refused(centre):
    row = sent(centre, centre.report().case)
    with pytest.raises(InputRejected):
        step(centre, row.id, "answer", outcome="maybe")
    with pytest.raises(InputRejected):
        step(centre, row.id, "refuse", words="a" * 1001)
    with pytest.raises(NotFound):
        step(centre, row.id, "answer", outcome="full", document="E-26-000009")
    assert step(centre, row.id, "refuse").outcome == "refused"
    assert Event.APPROVE in abroad_steps.SECOND
