"""REQ-44: an appeal is decided within two hours, by somebody who had no part in the order."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.order_steps import draft, drafts, happenings
from cases.test_orders import walk
from persons import Officer
from qalqan.cases import appeal_book, appeals, approvals, escalation
from qalqan.cases.appeal_book import Verdict
from qalqan.cases.appeals import REASONS, Decision
from qalqan.cases.orders import APPEALABLE, TRANSITIONS, Event, move
from qalqan.clock import HOUR, MINUTE
from qalqan.errors import Conflict, InputRejected, NotAllowed, NotFound
from qalqan.model.order import TERMINAL, Kind, State
from qalqan.register import orm

ASEL, ALMAS = Officer("asel", "supervisor"), Officer("almas", "investigator")
CLERK = Officer("s.oper", "operator")
WORDS = "Бұл менің жалақым, сатып алушыдан түскен ақша емес"


@pytest.fixture
def hold(centre):
    """What the machine holds of a confirmed payment, all of it held."""
    centre.report()
    centre.work()
    centre.confirm(centre.order("confirm"))
    return centre.answer(centre.order("hold"), "held")


def recorded(centre, hold, key="k", words=WORDS):
    return appeals.record(centre.database, centre.keys, CLERK, hold.id, "phone", words, key)


def decided(centre, appeal, verdict, person=ALMAS, **more):
    reason = more.pop("reason", REASONS.get(verdict, ("x",))[0])
    told = Decision(verdict, reason, more.pop("words", "Тексерілді, растайды"), **more)
    return appeals.decide(centre.database, centre.keys, appeal.id, person, told)


def test_an_appeal_stops_the_order_and_a_release_follows_at_once_if_it_is_upheld(centre, hold):
    appeal = recorded(centre, hold)
    assert (appeal.id, appeal.due_us - appeal.received_us) == ("A-26-000001", 2 * HOUR)
    assert WORDS not in appeal.words
    assert centre.order("hold").state is State.APPEALED
    done = decided(centre, appeal, Verdict.UPHELD)
    release = centre.order("release")
    assert (done.undone_by, release.state, release.amount) == (
        release.id, State.APPROVED, hold.amount,
    )  # fmt: skip
    assert release.by_policy
    centre.answer(release, "released")
    assert centre.order("hold").state is State.CLOSED
    centre.later(3 * HOUR)
    assert len(centre.orders_of("hold")) == 1  # what was let go is not taken again by machine


def test_a_part_is_let_go_and_the_rest_stands(centre, hold):
    appeal = recorded(centre, hold)
    for wrong in (None, 0, hold.amount):
        with pytest.raises(InputRejected):
            decided(centre, appeal, Verdict.PART, amount=wrong)
    decided(centre, appeal, Verdict.PART, amount=30_000_00)
    assert centre.order("hold").state is State.ANSWERED
    centre.answer(centre.order("release"), "released")
    assert centre.order("hold").effect == (hold.amount or 0) - 30_000_00


def test_a_dismissed_appeal_leaves_the_order_as_it_was_and_another_may_come(centre, hold):
    appeal = recorded(centre, hold)
    with pytest.raises(Conflict):
        recorded(centre, hold, key="other")
    assert recorded(centre, hold).id == appeal.id
    decided(centre, appeal, Verdict.DISMISSED)
    assert centre.order("hold").state is State.ANSWERED
    assert centre.orders_of("release") == []
    with pytest.raises(Conflict):
        decided(centre, appeal, Verdict.UPHELD)
    assert recorded(centre, hold, key="other").id == "A-26-000002"


def test_nobody_judges_his_own_work_and_roles_without_the_right_do_not_either(centre, hold):
    appeal = recorded(centre, hold)
    for person in (CLERK, Officer("p", "prosecutor"), Officer("far", "supervisor", "KZ-10")):
        with pytest.raises(NotAllowed):
            decided(centre, appeal, Verdict.DISMISSED, person)
    with pytest.raises(InputRejected):
        decided(centre, appeal, Verdict.DISMISSED, reason="wages")
    with pytest.raises(InputRejected):
        decided(centre, appeal, Verdict.LAPSED)
    with pytest.raises(Conflict):
        decided(centre, appeal, Verdict.DISMISSED, version=7)


@given(st.sampled_from(["asel", "daniyar", "saule", "drafter"]), drafts, st.lists(happenings))
def test_who_drafted_or_agreed_never_decides(login, order, steps):
    for seen in walk(order, steps):
        had_part = login == seen.drafted_by or login in {a.login for a in seen.approvals}
        try:
            appeals.check_apart(seen, Officer(login))
        except NotAllowed:
            assert had_part
        else:
            assert not had_part


@given(drafts, st.lists(happenings, max_size=40))
def test_an_appealed_order_keeps_its_effect_and_is_left_only_by_a_decision(order, steps):
    before = order
    for seen in walk(order, steps):
        if seen.state is State.APPEALED:
            assert seen.kind in APPEALABLE
            assert seen.answers
        if before.state is State.APPEALED and seen.state is not State.APPEALED:
            assert seen.state in {State.ANSWERED, *TERMINAL}
            if seen.state is State.ANSWERED:
                assert seen.effect == before.effect
        before = seen


def test_only_what_is_in_force_can_be_appealed():
    assert {state for state, event in TRANSITIONS if event is Event.APPEAL} == {State.ANSWERED}
    for kind in set(Kind) - APPEALABLE:
        with pytest.raises(Conflict):
            move(draft(kind, state=State.ANSWERED), Event.APPEAL, "s.oper", 1)


def test_what_nobody_decides_climbs_to_the_owner_the_region_and_the_centre(centre, hold):
    appeal = recorded(centre, hold)
    with centre.database.write() as session:
        session.get_one(orm.Case, appeal.case_id).owner = None
    region = Officer("regional", "supervisor", "KZ-75")

    def told(person):
        with centre.database.session() as session:
            return [each.id for each in escalation.appeals_to_me(session, person)]

    centre.later(2 * HOUR - MINUTE)
    assert told(region) == []
    centre.later(MINUTE)
    assert told(region) == [appeal.id]  # nobody owns the case
    assert told(ASEL) == []
    for _ in range(2):
        centre.later(30 * MINUTE)
    assert told(ASEL) == [appeal.id]
    with centre.database.session() as session:
        found = appeal_book.load(session, appeal.id)
    assert (found.escalated, found.due_us) == (3, None)


def test_an_appeal_lapses_with_its_order_and_is_not_decided_any_more(centre, hold):
    appeal = recorded(centre, hold)
    centre.later(73 * HOUR)
    assert centre.orders_of("hold")[0].state is State.EXPIRED
    with centre.database.session() as session:
        assert appeal_book.load(session, appeal.id).state is Verdict.LAPSED
    with pytest.raises(Conflict):
        decided(centre, appeal, Verdict.DISMISSED)


def test_nothing_is_returned_or_prolonged_while_somebody_waits_for_his_answer(centre, hold):
    centre.later(49 * HOUR)  # the machine drafts a longer hold, a day before this one lapses
    (longer,) = [o for o in centre.orders_of("hold") if o.parent_id]
    recorded(centre, hold)
    with pytest.raises(Conflict):
        approvals.decide(centre.database, longer.id, ASEL, True)


def test_a_partner_hands_in_an_appeal_about_its_own_order_alone(centre, hold):
    with centre.database.write() as session:
        session.get_one(orm.Order, hold.id).sent_us = 1
    told = centre.database, centre.keys
    with pytest.raises(NotFound):
        appeals.hand_in(*told, "altyn", hold.id, WORDS, "1")
    appeal = appeals.hand_in(*told, "baiterek", hold.id, WORDS, "1")
    assert (appeal.channel, appeal.handed_by) == ("partner", "partner:baiterek")
    assert appeals.hand_in(*told, "baiterek", hold.id, WORDS, "1").id == appeal.id
    with pytest.raises(Conflict):
        appeals.hand_in(*told, "baiterek", hold.id, WORDS + "!", "1")
