"""Items of compliance: one machine, terms in working days, each operator its own (REQ-51)."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from persons import Officer
from qalqan.cases import compliance, compliance_list
from qalqan.cases.compliance import MOVES, Event, Outcome, State
from qalqan.cases.working_days import end_after
from qalqan.clock import DAY
from qalqan.errors import Conflict, InputRejected, NotAllowed, NotFound
from qalqan.register import orm, partners
from qalqan.register.orm import FindingRow, NumberLink

ASEL = Officer("asel")
WORDS = "The dealer's contract has ended"
RULE = "subscriptions.many_numbers_one_holder"


def link(phone, other, source, detail="activated", last_us=DAY):
    return NumberLink(
        phone=phone, kind="subscription", other=other, source=source, first_us=last_us,
        last_us=last_us, fact="f", detail=detail, dealer="",
    )  # fmt: skip


def finding(subject="per_a", kind="person", state="confirmed", rule=RULE, **evidence):
    return FindingRow(
        detector=rule, subject_kind=kind, subject=subject, window_from_us=0, window_to_us=DAY,
        score=0.9, evidence=evidence, version="1", seal=1, shadow=True, state=state, first_us=1,
        updated_us=1,
    )  # fmt: skip


@pytest.fixture
def asked(centre):
    """Two operators with numbers of one holder; the finding's number."""
    with centre.database.write() as session:
        for code in ("dala", "jol"):
            names = dict.fromkeys(("kk", "ru", "en"), code)
            partners.add_partner(session, code, "operator", names)
        row = finding()
        session.add_all([
            row, link("tel_1", "per_a", "dala"), link("tel_2", "per_a", "dala"),
            link("tel_3", "per_a", "jol"), link("tel_4", "per_a", "jol", "deactivated"),
            link("tel_5", "per_a", "jol"), link("tel_5", "per_b", "jol", last_us=2 * DAY),
            link("tel_6", "per_a", "altyn"),
        ])  # fmt: skip
        session.flush()
        return row.id


def do(centre, what, *given, **more):
    with centre.database.write() as session:
        return what(session, *given, **more)


def test_each_operator_is_asked_about_the_numbers_that_are_on_the_holder_now(centre, asked):
    first, second = do(centre, compliance.ask, ASEL, asked)
    assert (first.partner, first.numbers) == ("dala", ["tel_1", "tel_2"])
    assert (second.partner, second.numbers) == ("jol", ["tel_3"])
    assert first.due_us == end_after(centre.clock.now_us(), 2)
    assert do(centre, compliance.ask, ASEL, asked) == []
    with centre.database.session() as session:
        events = session.query(orm.PartnerEvent).filter_by(kind="numbers.asked").all()
        assert {event.partner for event in events} == {"dala", "jol"}
        assert "tel_" not in repr([event.body for event in events])
        assert [i.id for i in compliance_list.of_partner(session, "jol")] == [second.id]


def test_where_the_finding_is_of_a_dealer_its_evidence_names_the_numbers(centre, asked):
    row = finding("d7", "dealer", phones=["tel_1", "tel_3", "tel_none"])
    with centre.database.write() as session:
        session.add(row)
    made = do(centre, compliance.ask, ASEL, row.id)
    assert [(i.partner, i.numbers) for i in made] == [("dala", ["tel_1"]), ("jol", ["tel_3"])]


def test_what_can_be_asked_about(centre, asked):
    others = [
        finding("per_c", state="new"), finding("per_d", state="dismissed"),
        finding("per_e", rule="payments.passes_through"), finding("per_f"),
    ]  # fmt: skip
    with centre.database.write() as session:
        session.add_all(others)
        session.flush()
        assert [row.id for row in compliance.askable(session)] == [asked, others[3].id]
        with pytest.raises(InputRejected):
            compliance.ask(session, ASEL, others[3].id)
        with pytest.raises(NotFound):
            compliance.ask(session, ASEL, others[2].id)
        with pytest.raises(NotAllowed):
            compliance.ask(session, Officer("x", "auditor"), asked)
        compliance.ask(session, ASEL, asked)
        assert [row.id for row in compliance.askable(session)] == [others[3].id]


def test_an_answer_counts_once_and_is_its_operators_alone(centre, asked):
    item, _ = do(centre, compliance.ask, ASEL, asked)

    def answer(outcome, words="", partner="dala"):
        return do(centre, compliance.answer, item.id, partner, outcome, words, f"partner:{partner}")

    for _ in range(2):
        done = answer("explained", WORDS)
        assert (done.state, done.answer, done.late, done.version) == ("answered", "explained", 0, 1)
    with pytest.raises(Conflict):
        answer("removed")
    with pytest.raises(NotFound):
        answer("explained", WORDS, "jol")
    with pytest.raises(InputRejected):
        answer("blue")
    assert do(centre, compliance.judge, ASEL, item.id, Event.CLOSE, WORDS).state == "closed"
    assert answer("explained", WORDS).state == "closed"
    with centre.database.session() as session:
        events = [step.event for step in compliance_list.history(session, item.id)]
        assert events == ["close", "answer", "ask"]


@pytest.mark.parametrize("outcome", sorted(compliance.NEED_WORDS))
def test_who_explains_or_refuses_says_why(centre, asked, outcome):
    item, _ = do(centre, compliance.ask, ASEL, asked)
    for words in ("", "no", "x" * 1001):
        with pytest.raises(InputRejected):
            do(centre, compliance.answer, item.id, "dala", outcome, words, "partner:dala")


def test_overdue_by_itself_and_late_for_good(centre, asked):
    item, other = do(centre, compliance.ask, ASEL, asked)
    centre.clock.set(item.due_us)
    assert compliance_list.stands(item, centre.clock.now_us()) is State.OVERDUE
    with centre.database.session() as session:
        (one, _) = compliance_list.standings(session)
        assert (one.partner, one.open, one.overdue, one.answered) == ("dala", 1, 1, 0)
    assert do(centre, compliance.lapse) == 2
    assert do(centre, compliance.lapse) == 0
    done = do(centre, compliance.answer, item.id, "dala", "removed", "", "partner:dala")
    assert (done.state, done.late) == ("answered", True)
    again = do(centre, compliance.judge, ASEL, item.id, Event.AGAIN, "Three are still on him")
    assert (again.state, again.answer) == ("asked", None)
    assert again.due_us > centre.clock.now_us()
    done = do(centre, compliance.answer, item.id, "dala", "removed", "", "partner:dala")
    with centre.database.session() as session:
        (one, two) = compliance_list.standings(session)
        assert (one.answered, one.in_time, one.open) == (1, 0, 0)
        assert (two.partner, two.open, two.overdue) == ("jol", 1, 1)
    with pytest.raises(InputRejected):
        do(centre, compliance.judge, ASEL, other.id, Event.CLOSE, "no")


def test_the_whole_table_of_moves():
    for state, event in product((None, *State), Event):
        if (state, event) in MOVES:
            assert compliance.after(state, event) is MOVES[state, event]
        else:
            with pytest.raises(Conflict):
                compliance.after(state, event)
    assert not [move for move in MOVES if move[0] is State.CLOSED]


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("answer"), st.sampled_from(Outcome)),
        st.tuples(st.just("judge"), st.sampled_from((Event.CLOSE, Event.AGAIN))),
        st.tuples(st.just("wait"), st.integers(1, 6)),
    ),
    max_size=8,
)


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_whatever_comes_history_and_state_agree(centre, asked, steps):
    with centre.database.write() as session:
        session.query(orm.ComplianceStep).delete()
        session.query(orm.ComplianceItem).delete()
        item, _ = compliance.ask(session, ASEL, asked)
        number = item.id
    was_late, closed = False, False
    for kind, value in steps:
        try:
            if kind == "wait":
                centre.clock.set(centre.clock.now_us() + value * DAY)
                do(centre, compliance.lapse)
            elif kind == "answer":
                do(centre, compliance.answer, number, "dala", value, WORDS, "partner:dala")
            else:
                do(centre, compliance.judge, ASEL, number, value, WORDS)
        except Conflict:
            pass
        with centre.database.session() as session:
            now = session.get_one(orm.ComplianceItem, number)
            told = list(reversed(compliance_list.history(session, number)))
            state = None
            for step in told:
                state = compliance.after(state, Event(step.event))
                assert state == step.state
            assert now.state == state
            assert now.version == len(told) - 1
            assert not (was_late and not now.late)
            assert not (closed and now.state != State.CLOSED)
            assert now.state != State.OVERDUE or now.due_us <= centre.clock.now_us()
            was_late, closed = now.late, now.state == State.CLOSED
