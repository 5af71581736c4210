"""REQ-19, 44: the machine of orders, whatever happens in whatever order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.order_steps import POLICY_NAME, answered, draft, drafts, happenings
from qalqan.cases.consent import APPROVERS, POLICY, SANCTION, need, waits_for
from qalqan.cases.orders import TRANSITIONS, Event, check_draft, move
from qalqan.clock import HOUR
from qalqan.errors import Conflict, InputRejected, NotAllowed, QalqanError
from qalqan.model.order import OUTCOMES, TERMINAL, Kind, Outcome, State, held_now


def walk(order, steps):
    """Every order on the way, refused events left out; steps come in the order of time."""
    yield order
    for step in sorted(steps, key=lambda s: s["at_us"]):
        try:
            order = move(order, **step)
        except QalqanError:
            continue
        yield order


def approvers_of(order):
    return {a.login for a in order.approvals if a.approved and a.role in APPROVERS}


@given(drafts, st.lists(happenings, max_size=40))
def test_nothing_that_needs_two_people_goes_without_them(order, steps):
    for seen in walk(order, steps):
        left_the_house = seen.state not in {State.DRAFTED, State.WITHDRAWN, State.EXPIRED}
        by_people = seen.kind in {Kind.RETURN, Kind.BLOCK, Kind.TAKEDOWN} or (
            seen.kind is Kind.HOLD and not seen.provisional
        )
        if left_the_house and by_people:
            assert len(approvers_of(seen) - {seen.drafted_by}) >= 2
        if left_the_house and seen.sanction:
            assert SANCTION in {a.role for a in seen.approvals if a.approved}


@given(drafts, st.lists(happenings, max_size=40), st.integers(0, 100))
def test_money_effect_stays_within_what_was_asked_and_lapses(order, steps, hour):
    for seen in walk(order, steps):
        assert 0 <= seen.effect <= (seen.amount or 0)
        if seen.state in TERMINAL and seen.kind is Kind.HOLD:
            assert seen.effect == 0
        if seen.expires_us is not None and hour * HOUR >= seen.expires_us:
            assert held_now(seen, hour * HOUR) == 0


@given(drafts, st.lists(happenings, max_size=40))
def test_history_only_grows_and_an_end_is_an_end(order, steps):
    before = order
    for seen in walk(order, steps):
        assert seen.answers[: len(before.answers)] == before.answers
        assert len(seen.answers) <= 1
        assert before.state not in TERMINAL or seen == before
        assert seen == before or seen.version == before.version + 1
        assert not any(a.login == seen.drafted_by and a.role != POLICY for a in seen.approvals)
        before = seen


def reached(kinds=Kind):
    """States reached from a draft by any chain of events, with the least that each one needs."""
    found = set()
    for kind in kinds:
        start = draft(kind, provisional=False)
        seen, todo = {start.state}, [start]
        while todo:
            order = todo.pop()
            found.add(order.state)
            for event in Event:
                for extra in _offers(order, event):
                    try:
                        moved = move(order, event, **extra)
                    except QalqanError:
                        continue
                    if moved.state not in seen or moved.approvals != order.approvals:
                        seen.add(moved.state)
                        todo.append(moved)
    return found


def _offers(order, event):
    at = 200 * HOUR if event in {Event.EXPIRE, Event.REMIND, Event.ESCALATE} else 1
    for actor in ("asel", "saule"):
        yield dict(actor=actor, role="supervisor", at_us=at, due_us=at)
    for outcome in OUTCOMES[order.kind] if event is Event.ANSWER else ():
        amount = 10 if outcome is Outcome.PARTIAL else None
        yield dict(actor="ALTYN", at_us=at, answer=answered(outcome, amount))


def test_every_state_can_be_reached_and_every_row_of_the_table_leads_somewhere():
    assert reached() == set(State)
    assert {state for state, _ in TRANSITIONS} == set(State) - TERMINAL
    assert {event for _, event in TRANSITIONS} == set(Event)


def test_the_same_answer_again_changes_nothing_and_another_is_a_conflict():
    order = move(draft(state=State.SENT), Event.ANSWER, "ALTYN", 1, answer=answered("held"))
    assert order.effect == 1000
    assert move(order, Event.ANSWER, "ALTYN", 2, answer=answered("held", at_us=2)) is order
    with pytest.raises(Conflict):
        move(order, Event.ANSWER, "ALTYN", 2, answer=answered("gone", digest="d2"))


def test_a_writer_who_saw_an_older_version_gets_a_conflict():
    order = draft(Kind.CONFIRM)
    approved = move(order, Event.APPROVE, POLICY_NAME, 1, role=POLICY)
    with pytest.raises(Conflict):
        move(approved, Event.SEND, "worker", 2, version=order.version)


@pytest.mark.parametrize(
    ("outcome", "amount"),
    [("held", 999), ("held", 1001), ("partial", 0), ("partial", 1000), ("partial", None),
     ("gone", 1), ("confirmed", None), ("released", 5)],
)  # fmt: skip
def test_an_answer_that_contradicts_itself_is_refused(outcome, amount):
    with pytest.raises(InputRejected):
        move(draft(state=State.SENT), Event.ANSWER, "ALTYN", 1, answer=answered(outcome, amount))


def test_a_late_answer_to_an_expired_hold_holds_nothing():
    order = draft(state=State.SENT)
    with pytest.raises(Conflict):
        move(order, Event.ANSWER, "ALTYN", order.expires_us, answer=answered("held"))


@pytest.mark.parametrize("kind", Kind)
def test_a_policy_approves_only_what_harms_nobody_for_long(kind):
    order = draft(kind, provisional=False)
    gentle = kind not in {Kind.HOLD, Kind.RETURN, Kind.BLOCK, Kind.TAKEDOWN}
    assert need(order).policy_may is gentle
    if not gentle:
        with pytest.raises(NotAllowed):
            move(order, Event.APPROVE, POLICY_NAME, 1, role=POLICY)


def test_a_provisional_hold_never_exceeds_the_confirmed_or_traced_sum():
    assert check_draft(draft(), limit=1000)
    for bad in (draft(amount=1001), draft(amount=0), draft(expires_us=None)):
        with pytest.raises(InputRejected):
            check_draft(bad, limit=1000)
    with pytest.raises(InputRejected):
        check_draft(draft())  # provisional, and nobody confirmed anything


def test_a_draft_waits_only_for_those_whose_yes_counts():
    order = draft(Kind.RETURN, provisional=False, sanction=True)
    assert waits_for(order, "asel", "operative")
    assert not waits_for(order, "olga", "auditor")
    for login in ("asel", "saule"):
        order = move(order, Event.APPROVE, login, 1, role="supervisor")
    assert order.state is State.DRAFTED
    assert not waits_for(order, "daniyar", "supervisor")
    assert waits_for(order, "prokuror", SANCTION)
    assert move(order, Event.APPROVE, "prokuror", 1, role=SANCTION).state is State.APPROVED
