"""REQ-19, 44: an order in the register is the order of the machine, with its whole history."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from cases.order_steps import POLICY_NAME, answered, draft, happenings
from qalqan.cases import order_book
from qalqan.cases.consent import POLICY, SANCTION
from qalqan.cases.grounds import usual_ground
from qalqan.cases.order_book import STAND
from qalqan.cases.orders import Event
from qalqan.clock import HOUR
from qalqan.errors import Conflict, InputRejected, NotAllowed, NotFound, QalqanError
from qalqan.model.order import Kind, Order, State
from qalqan.register import jobs, orm, partners
from qalqan.register.database import Database

NOON = 1_767_250_800_000_000


@pytest.fixture
def server(either_server: str | None) -> str | None:
    return either_server


@pytest.fixture
def database(new_database: Callable[[], Database]) -> Database:
    """A register with a case and a bank."""
    with closing(new_database()) as opened:
        with opened.write() as session:
            partners.add_partner(session, "ALTYN", "bank", {"kk": "a", "ru": "a", "en": "a"})
            session.add(orm.Case(id="C-26-000001", region="KZ-75", opened_us=NOON))
        yield opened


def today(kind: Kind = Kind.HOLD, **changes) -> Order:
    """A draft of today, times after noon."""
    order = draft(kind, created_us=NOON, ground=usual_ground(kind, NOON).code)
    times = {
        name: NOON + getattr(order, name)
        for name in ("due_us", "expires_us")
        if getattr(order, name) is not None
    }
    return replace(order, **times | changes)


def kept(database: Database, order: Order, limit: int | None = 1000) -> Order:
    with database.write() as session:
        return order_book.draft(session, order, limit)


def loaded(database: Database, order_id: str) -> Order:
    with database.session() as session:
        return order_book.load(session, order_id)


def events(database: Database, order_id: str) -> list[orm.OrderEvent]:
    wanted = select(orm.OrderEvent).where(orm.OrderEvent.order_id == order_id)
    with database.session() as session:
        return list(session.scalars(wanted.order_by(orm.OrderEvent.id)))


# ── drafts ─────────────────────────────────────────────────────────────────────────────────


def test_a_policy_approves_what_it_may_at_once(database, stopped_clock):
    hold = kept(database, today())
    assert (hold.state, hold.version) == (State.APPROVED, 1)
    assert [(a.login, a.role) for a in hold.approvals] == [(POLICY_NAME, POLICY)]
    back = kept(database, today(Kind.RETURN, idempotency_key="k2"))
    assert (back.state, back.sanction) == (State.DRAFTED, True)
    assert back.id != hold.id
    assert loaded(database, hold.id) == hold
    assert loaded(database, back.id) == back


def test_a_person_never_approves_an_own_draft(database, stopped_clock):
    order = kept(database, today(Kind.CONFIRM, drafted_by="asel"))
    assert order.state is State.DRAFTED
    with pytest.raises(NotAllowed), database.write() as session:
        order_book.step(session, order, Event.APPROVE, "asel", NOON, role="supervisor")
    assert loaded(database, order.id) == order


def test_the_same_key_twice_is_one_order(database, stopped_clock):
    first = kept(database, today())
    assert kept(database, today(amount=7)) == first
    with database.session() as session:
        assert len(order_book.of_cases(session, ["C-26-000001"])) == 1


def test_drafts_that_race_with_one_key_are_one_order(database, stopped_clock):
    ready = Barrier(4)

    def racing(_: int) -> str:
        ready.wait()
        return kept(database, today()).id

    with ThreadPoolExecutor(4) as pool:
        ids = set(pool.map(racing, range(4)))
    assert ids == {"O-26-000001"}
    assert [event.event for event in events(database, "O-26-000001")] == ["draft", "approve"]
    assert kept(database, today(idempotency_key="k2")).id == "O-26-000002"


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"amount": 1001}, InputRejected),
        ({"amount": 0}, InputRejected),
        ({"amount": -5}, InputRejected),
        ({"amount": 10**15 + 1}, InputRejected),
        ({"expires_us": None}, InputRejected),
        ({"ground": "kz.payments.return"}, NotAllowed),
        ({"ground": "nothing"}, NotAllowed),
        ({"created_us": 0}, NotAllowed),
    ],
)
def test_a_draft_that_must_not_exist_leaves_nothing_behind(database, stopped_clock, wrong, error):
    with pytest.raises(error):
        kept(database, today(**wrong))
    with database.session() as session:
        assert order_book.find(session) == []
        assert session.query(orm.OrderEvent).count() == session.query(orm.Job).count() == 0
    assert kept(database, today()).id == "O-26-000001"


# ── moves ──────────────────────────────────────────────────────────────────────────────────


def test_of_writers_who_saw_the_same_version_one_is_told_of_the_conflict(database, stopped_clock):
    order = kept(database, today())
    ready = Barrier(2)

    def racing(outcome: str) -> str:
        ready.wait()
        try:
            with database.write() as session:
                given = answered(outcome, digest=outcome)
                order_book.step(session, order, Event.ANSWER, "ALTYN", NOON, answer=given)
        except Conflict:
            return "conflict"
        return outcome

    with ThreadPoolExecutor(2) as pool:
        said = set(pool.map(racing, ["held", "gone"]))
    assert "conflict" in said
    (won,) = said - {"conflict"}
    after = loaded(database, order.id)
    assert [answer.outcome for answer in after.answers] == [won]
    assert after.version == order.version + 1


def test_a_move_that_is_rolled_back_never_was(database, stopped_clock):
    order = kept(database, today())
    with database.write() as session:
        order_book.step(session, order, Event.SEND, "worker", NOON)
        session.rollback()
    assert loaded(database, order.id) == order
    assert len(events(database, order.id)) == 2


def test_the_same_answer_again_writes_nothing(database, stopped_clock):
    order = kept(database, today())
    for turn in range(2):
        with database.write() as session:
            seen = order_book.load(session, order.id)
            given = answered("held", at_us=NOON + turn)
            order_book.step(session, seen, Event.ANSWER, "ALTYN", NOON + turn, answer=given)
    assert [event.event for event in events(database, order.id)] == ["draft", "approve", "answer"]
    seen, given = loaded(database, order.id), answered("gone", digest="d2")
    with pytest.raises(Conflict), database.write() as session:
        order_book.step(session, seen, Event.ANSWER, "ALTYN", NOON, answer=given)


later_happenings = st.lists(
    happenings.map(lambda step: step | {"at_us": NOON + step["at_us"]}), max_size=25
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(Kind), st.booleans(), st.sampled_from(["drafter", POLICY_NAME]),
    later_happenings, st.uuids(),
)  # fmt: skip
def test_what_is_loaded_is_what_the_machine_said(
    database, stopped_clock, kind, provisional, drafter, steps, key
):
    """Whatever happens, the row and its history rebuild the order, and the history has no gap."""
    order = kept(
        database,
        today(
            kind,
            drafted_by=drafter,
            provisional=provisional and kind is Kind.HOLD,
            idempotency_key=str(key),
        ),
    )
    for step in sorted(steps, key=lambda step: step["at_us"]):
        event, actor, at_us = step["event"], step["actor"], step["at_us"]
        more = {name: step[name] for name in ("role", "answer", "effect", "due_us")}
        if more["answer"] is not None:
            more["answer"] = replace(more["answer"], at_us=at_us, actor=actor)
        before = order
        try:
            with database.write() as session:
                order = order_book.step(session, order, event, actor, at_us, **more)
        except QalqanError:
            assert order is before
        assert loaded(database, order.id) == order
    history = events(database, order.id)
    assert len(history) == order.version + 1
    assert history[-1].to_state == order.state
    for earlier, later in pairwise(history):
        assert earlier.to_state == later.from_state


# ── what follows ───────────────────────────────────────────────────────────────────────────


def queued(database: Database) -> set[tuple[str, str, int]]:
    with database.session() as session:
        found = session.query(orm.Job).where(orm.Job.kind != STAND)
        return {(job.kind, job.key, job.due_us) for job in found}


def test_delivery_and_the_earliest_clock_are_queued_with_the_approval(database, stopped_clock):
    kept(database, today())
    assert queued(database) == {("deliver", "ALTYN", NOON), ("clocks", "orders", NOON + HOUR)}


def test_a_draft_that_waits_for_people_sets_nothing_going(database, stopped_clock):
    order = kept(database, today(Kind.RETURN))
    assert queued(database) == set()
    for login in ("asel", "saule"):
        with database.write() as session:
            order = order_book.step(session, order, Event.APPROVE, login, NOON, role="supervisor")
    assert queued(database) == set()
    with database.write() as session:
        order_book.step(session, order, Event.APPROVE, "marat", NOON, role=SANCTION)
    assert ("deliver", "ALTYN", NOON) in queued(database)


def test_an_answered_hold_is_watched_until_it_lapses(database, stopped_clock):
    order = kept(database, today())
    for kind in ("clocks", "deliver"):
        job = jobs.lease(database, "w", {kind})
        if job is not None:
            jobs.done(database, job)
    with database.write() as session:
        session.query(orm.Job).delete()
        order_book.step(session, order, Event.ANSWER, "ALTYN", NOON, answer=answered("held"))
    assert queued(database) == {("clocks", "orders", order.expires_us)}


def test_an_order_nobody_gave_is_not_found(database):
    with pytest.raises(NotFound):
        loaded(database, "O-26-999999")
    with database.session() as session:
        assert order_book.of_cases(session, []) == []
