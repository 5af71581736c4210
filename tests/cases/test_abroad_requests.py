"""Drafting requests abroad: basis, identifiers, the case's task (REQ-24, 34, 37, 70)."""

from __future__ import annotations

import pytest

from cases.abroad_told import ASEL, WORDS, drafted, wanted
from persons import Officer
from qalqan.cases import abroad_requests, seen, tasks
from qalqan.cases.abroad_requests import Came
from qalqan.clock import DAY
from qalqan.errors import Conflict, InputRejected, NotAllowed, NotFound
from qalqan.register import orm


def test_a_request_is_a_task_of_its_case(centre):
    case = centre.report().case
    row = drafted(centre, case)
    assert (row.id[:2], row.state, row.country, row.term_days, row.keep_days) == (
        "X-", "drafted", "GE", 3, 60,
    )  # fmt: skip
    with centre.database.session() as session:
        task = session.get_one(orm.CaseTask, row.task)
        assert (task.kind, task.country, task.reference, task.owner) == (
            "international", "GE", row.id, "asel",
        )  # fmt: skip
    with centre.database.write() as session, pytest.raises(Conflict) as found:
        tasks.end(session, ASEL, case, row.task, "done")
    assert found.value.code == "request"


def test_a_task_that_stands_is_taken_and_not_twice(centre):
    case = centre.report().case
    with centre.database.write() as session:
        given = tasks.Wanted("international", "Ask Tbilisi", "asel", None, "tr")
        task = tasks.set_task(session, ASEL, case, given).id
    row = drafted(centre, case, task=task)
    assert row.task == task
    with centre.database.session() as session:
        assert session.get_one(orm.CaseTask, task).country == "GE"
    with pytest.raises(Conflict):
        drafted(centre, case, "other", task=task)
    with pytest.raises(NotFound):
        drafted(centre, case, "third", task=task + 1)


def test_the_same_key_is_the_same_request(centre):
    case = centre.report().case
    assert drafted(centre, case).id == drafted(centre, case).id
    with pytest.raises(Conflict):
        drafted(centre, case, country="am")
    with centre.database.session() as session:
        assert session.query(orm.CaseTask).count() == 1


def test_it_is_about_an_identifier_of_the_case_and_its_words_are_masked(centre):
    case = centre.report().case
    with centre.database.session() as session:
        entity = seen.of_case(session, case)[0]
    row = drafted(
        centre, case, mark=seen.mark_of(entity.subject), words="Ring +7 701 123 45 67, please"
    )
    assert (row.subject, row.subject_kind) == (entity.subject, entity.kind)
    assert "123" not in row.words
    with pytest.raises(NotFound):
        drafted(centre, case, "other", mark="0" * 16)


@pytest.mark.parametrize(
    ("more", "field"),
    [({"kind": "all"}, "kind"), ({"country": "kz"}, "country"), ({"country": "zz"}, "country"),
     ({"addressee": " "}, "addressee"), ({"words": "short"}, "words"), ({"term_days": 31}, "term"),
     ({"keep_days": 59}, "keep"), ({"kind": "freeze"}, "basis"), ({"basis": "minsk"}, "basis")],
)  # fmt: skip
def test_what_can_not_be_is_refused(centre, more, field):
    case = centre.report().case
    with pytest.raises(InputRejected) as found:
        drafted(centre, case, **more)
    assert found.value.field == field
    with centre.database.session() as session:
        assert session.query(orm.AbroadRequest).count() == session.query(orm.CaseTask).count() == 0


def test_only_who_may_and_only_in_view(centre):
    case = centre.report().case
    for officer in (Officer("oper", "operator"), Officer("far", "operative", "KZ-10")):
        with centre.database.write() as session, pytest.raises(NotAllowed):
            abroad_requests.draft(session, officer, case, wanted(), "k")
    row = drafted(centre, case)
    with centre.database.session() as session:
        with pytest.raises(NotAllowed):
            abroad_requests.load(session, Officer("far", "operative", "KZ-10"), row.id)
        with pytest.raises(NotFound):
            abroad_requests.load(session, ASEL, "X-26-000009")


def test_the_same_key_with_another_ground_or_task_is_another_request(centre):
    case = centre.report().case
    with centre.database.write() as session:
        given = tasks.Wanted("international", "Ask Tbilisi", "asel", None, "ge")
        task = tasks.set_task(session, ASEL, case, given).id
    row = drafted(centre, case)
    assert drafted(centre, case, task=row.task).id == row.id
    for other in ({"basis": "cis_minsk"}, {"task": task}):
        with pytest.raises(Conflict) as found:
            drafted(centre, case, **other)
        assert found.value.code == "key_used"


def test_a_prolongation_belongs_to_a_preservation_of_the_same_case(centre):
    case, other = centre.report().case, centre.report(payer_account="211:V9").case
    first = drafted(centre, case)
    assert drafted(centre, case, "again", parent=first.id).parent == first.id
    with pytest.raises(NotFound):
        drafted(centre, other, "other", parent=first.id)


def test_a_request_from_abroad_waits_for_our_answer(centre):
    came = Came("data", "tr", "Interpol Ankara", WORDS, "TR-17")
    with centre.database.write() as session:
        row = abroad_requests.receive(session, ASEL, came, "k")
        again = abroad_requests.receive(session, ASEL, came, "k")
    assert (row.id, row.direction, row.state, row.reference) == (
        again.id, "in", "received", "TR-17",
    )  # fmt: skip
    assert row.due_us == centre.clock.now_us() + 30 * DAY
    assert row.case_id is row.task is row.basis is None
