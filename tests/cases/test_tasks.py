"""Tasks: set, done once, overdue by the clock; notes, documents, closing beside them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from persons import Officer
from qalqan.cases import closing, documents, notes, tasks
from qalqan.cases.documents import Upload
from qalqan.cases.tasks import ENDS, Kind, State, Wanted
from qalqan.clock import DAY
from qalqan.errors import Conflict, ContractBroken, InputRejected, NotAllowed, NotFound
from qalqan.register import blocking, orm
from qalqan.register.purposes import Stated

ASEL = Officer("asel", "supervisor")
STATED = Stated("pretrial", "")
ABROAD = Wanted(Kind.INTERNATIONAL, "Ask for the wallet's owner", "asel", None, "ge", "17/2-26")


@given(st.sampled_from(State), st.sampled_from(State))
def test_only_an_open_task_ends_and_only_by_an_end(state, to):
    task = orm.CaseTask(id=1, state=state)
    if state is State.OPEN and to in ENDS:
        tasks.check_end(task, to)
    else:
        with pytest.raises(Conflict):
            tasks.check_end(task, to)


def test_a_task_is_set_done_once_and_overdue_by_the_clock(centre):
    case, other, now = centre.report().case, centre.report().case, centre.clock.now_us()
    with centre.database.write() as session:
        task = tasks.set_task(session, ASEL, case, ABROAD)
        soon = tasks.set_task(session, ASEL, case, Wanted("other", "Call 87011234567", None, now))
        assert (task.country, task.reference) == ("GE", "17/2-26")
        assert "1234" not in soon.title
        assert tasks.is_overdue(soon, now + 1)
        assert not tasks.is_overdue(task, now + DAY)
        assert [each.id for each in tasks.of_case(session, case)] == [soon.id, task.id]
        assert [each.id for each in tasks.open_of(session, "asel")] == [task.id]
        assert tasks.end(session, ASEL, case, task.id, "done", "Answered").outcome == "Answered"
        with pytest.raises(Conflict):
            tasks.end(session, ASEL, case, task.id, "cancelled")
        with pytest.raises(NotFound):
            tasks.end(session, ASEL, other, soon.id, "done")
        assert tasks.count_open(session, case) == 1


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Wanted("murder", "x"), "task.kind"),
        (Wanted("other", "  "), "text.empty"),
        (Wanted("other", "x" * 201), "text.too_long"),
        (Wanted("other", "x", "nobody"), "task.owner"),
        (Wanted("other", "x", None, 1), "task.due"),
        (Wanted("international", "x", None, None, "ZZ"), "task.country"),
    ],
)
def test_a_task_that_cannot_be_is_refused(centre, wanted, expected):
    case = centre.report().case
    with centre.database.write() as session, pytest.raises(InputRejected) as refused:
        tasks.set_task(session, ASEL, case, wanted)
    assert refused.value.expected == expected


def test_notes_are_sealed_and_their_reading_is_on_record(centre):
    case = centre.report().case
    words = "Куәгер: 900101300017 <b>айтты</b>"
    with centre.database.write() as session:
        notes.add(session, centre.keys, ASEL, case, words)
    with centre.database.write() as session:
        (note,) = notes.read(session, centre.keys, ASEL, case, STATED)
        assert note.words == words
        oper = Officer("o", "operator", "KZ")
        (hidden,) = notes.read(session, centre.keys, oper, case, STATED)
        assert (hidden.words, hidden.by) == (None, "asel")
        (closed,) = notes.read(session, centre.keys, ASEL, case, None)
        assert closed.words is None
    with centre.database.session() as session:
        told = session.query(orm.Audit).filter_by(actor="asel", action="reveal").all()
        assert [row.purpose for row in told] == [f"{case}: pretrial"]
        with pytest.raises(NotAllowed):
            notes.add(session, centre.keys, Officer("p", "prosecutor"), case, "x")


def upload(data=b"%PDF-1.4 x", **more):
    told = {"name": "../../Иванов <x>.PDF", "title": "Хаттама", "source": "Karaganda police"}
    return Upload(data, **told | more)


def test_a_document_comes_back_to_the_byte_and_every_reading_is_a_line(centre):
    case = centre.report().case
    data = bytes(range(256)) * 4097
    with centre.database.write() as session:
        kept = documents.add(session, centre.keys, ASEL, case, upload(data))
        again = documents.add(session, centre.keys, ASEL, case, upload(data, title="Other"))
        assert (kept.id, kept.title) == (again.id, "Хаттама")
        documents.hand_on(session, ASEL, case, kept.id, "handed", "to the expert, Astana")
    with centre.database.write() as session:
        row, read = documents.read(session, centre.keys, ASEL, case, kept.id, "to compare")
        assert read == data
        assert documents.file_name(row) == f"{row.id}.pdf"
        lines = documents.custody_of(session, [row.id])[row.id]
        assert [line.event for line in lines] == ["taken", "handed", "read"]
        boxes = session.query(orm.DocumentPiece).order_by(orm.DocumentPiece.place).all()
        assert len(boxes) == 2
        assert b"\x00\x01\x02\x03" not in boxes[0].box


def test_a_document_that_was_changed_where_it_stands_does_not_open(centre):
    case = centre.report().case
    with centre.database.write() as session:
        kept = documents.add(session, centre.keys, ASEL, case, upload(b"x" * (2**20 + 9)))
        first, second = session.query(orm.DocumentPiece).order_by(orm.DocumentPiece.place)
        first.box, second.box = second.box, first.box
    with centre.database.write() as session, pytest.raises(ContractBroken):
        documents.read(session, centre.keys, ASEL, case, kept.id, "to compare")


def test_documents_that_cannot_be_are_refused(centre):
    case, other = centre.report().case, centre.report().case
    with centre.database.write() as session:
        for bad, expected in (
            (upload(b""), "file.empty"),
            (upload(b"x" * (documents.MOST_BYTES + 1)), "document.size"),
            (upload(title=" "), "text.empty"),
            (upload(kind="malware"), "document.kind"),
        ):
            with pytest.raises(InputRejected) as refused:
                documents.add(session, centre.keys, ASEL, case, bad)
            assert refused.value.expected == expected
        kept = documents.add(session, centre.keys, ASEL, case, upload())
        with pytest.raises(NotAllowed):
            documents.read(session, centre.keys, Officer("o", "operator"), case, kept.id, "p")
        with pytest.raises(NotFound):
            documents.get(session, other, kept.id)


def test_a_case_closes_only_when_nothing_runs_in_it_and_opens_again(centre):
    case = centre.report().case
    with centre.database.write() as session:
        with pytest.raises(Conflict, match="orders open"):
            closing.close(session, ASEL, case, "Money was returned")
        session.query(orm.Order).update({"state": "closed"})
        task = tasks.set_task(session, ASEL, case, Wanted("other", "x"))
        with pytest.raises(Conflict, match="tasks open"):
            closing.close(session, ASEL, case, "Money was returned")
        tasks.end(session, ASEL, case, task.id, "cancelled")
        with pytest.raises(InputRejected):
            closing.close(session, ASEL, case, "done")
        assert closing.close(session, ASEL, case, "Money was returned").state == "closed"
        with pytest.raises(Conflict):
            closing.close(session, ASEL, case, "Money was returned")
        assert closing.reopen(session, ASEL, case, "A new witness came").closed_us is None
        told = [(event.event, event.by) for event in closing.events(session, case)]
        assert told == [("closed", "asel"), ("reopened", "asel")]


def test_a_register_number_belongs_to_one_case(centre):
    case, other = centre.report().case, centre.report().case
    with centre.database.write() as session:
        closing.number(session, ASEL, case, " 2620 00031 000123 ")
        for bad in ("", "x", "262000031000123", "<b>"):
            with pytest.raises(InputRejected):
                closing.number(session, ASEL, other, bad)
        assert session.get(orm.Case, case).register_number == "262000031000123"
        closing.tell(session, centre.keys, ASEL, case, "Банктен деп қоңырау шалған.")
        row = session.get(orm.Case, case)
        assert (
            closing.story(session, centre.keys, ASEL, row, STATED) == "Банктен деп қоңырау шалған."
        )
        assert closing.story(session, centre.keys, Officer("o", "operator"), row, STATED) is None
        assert closing.story(session, centre.keys, ASEL, row, None) is None
        blocking.block(session, Officer("g", "auditor"), row.story, "a quarrel over it")
        assert closing.story(session, centre.keys, ASEL, row, STATED) is None
