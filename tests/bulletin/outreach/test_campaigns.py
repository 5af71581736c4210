"""Campaigns: prepared by one, agreed to by another, with reach and cost."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from outreached import ANALYST, BOSS, CLERK, OTHER, Outreach
from persons import Officer
from qalqan.bulletin.outreach import campaigns, materials, running, texts
from qalqan.bulletin.outreach.campaigns import MOVES, Event, State
from qalqan.bulletin.outreach.materials import Material
from qalqan.clock import DAY
from qalqan.errors import Conflict, InputRejected, NotAllowed, NotFound
from qalqan.register import audit, orm

NEW = {"kk": "Код айтпаңыз.", "ru": "Не называйте код.", "en": "Tell no code."}


def booklet(outreach: Outreach, **more: Any) -> orm.OutreachCampaign:
    return outreach.approved(channel="booklet", text=None, budget=5_000_00, **more)


def test_what_one_prepares_another_approves(outreach: Outreach) -> None:
    boss = Officer("asel", "supervisor")
    with outreach.database.write() as session:
        mine = campaigns.draft(session, boss, outreach.plan())
        with pytest.raises(NotAllowed):
            campaigns.approve(session, boss, mine.id, True, mine.version)
        with pytest.raises(NotAllowed):
            campaigns.approve(session, ANALYST, mine.id, True, mine.version)
        done = campaigns.approve(session, OTHER, mine.id, True, mine.version)
        assert (done.state, done.approved_by) == ("approved", "daniyar")
        steps = [(each.by, each.event) for each in campaigns.steps(session, mine.id)]
    assert steps == [("asel", "write"), ("daniyar", "approve")]


def test_one_hand_is_not_two_people(outreach: Outreach) -> None:
    with outreach.database.write() as session:
        audit.note(session, "asel", "password.reset", "user", "dina")
        row = campaigns.draft(session, ANALYST, outreach.plan())
    with outreach.database.write() as session, pytest.raises(NotAllowed):
        campaigns.approve(session, BOSS, row.id, True, row.version)


def test_a_change_after_approval_has_to_be_approved_anew(outreach: Outreach) -> None:
    row = outreach.approved()
    with outreach.database.write() as session:
        plan = outreach.plan(title="Басқа")
        changed = campaigns.write(session, BOSS, row.id, plan, row.version)
        assert (changed.state, changed.approved_by, changed.text_version) == ("draft", None, None)
        with pytest.raises(NotAllowed):
            campaigns.approve(session, BOSS, row.id, True, changed.version)
        with pytest.raises(Conflict):
            running.start(session, ANALYST, row.id, changed.version)


def test_approval_pins_the_text_and_the_share_held_out(outreach: Outreach) -> None:
    outreach.policy(campaigns=100)
    row = outreach.approved(channel="operator_text")
    assert (row.text_version, row.holdout) == (1, 100)
    assert outreach.approved().holdout == booklet(outreach).holdout == 0  # nobody could compare
    with outreach.database.write() as session:
        texts.decide(session, BOSS, texts.propose(session, ANALYST, "message", "28", NEW).id, True)
    assert outreach.approved().text_version == 2
    with outreach.database.session() as session:
        assert campaigns.one(session, row.id).text_version == 1


def test_without_a_policy_nobody_is_held_out(outreach: Outreach) -> None:
    assert outreach.approved(channel="operator_text").holdout == 0


def test_a_page_that_was_open_for_long_changes_nothing(outreach: Outreach) -> None:
    row = booklet(outreach)
    with outreach.database.write() as session:
        campaigns.move(session, ANALYST, row.id, Event.START, row.version)
    with outreach.database.write() as session, pytest.raises(Conflict):
        campaigns.move(session, ANALYST, row.id, Event.END, row.version)


@given(st.sampled_from(State), st.sampled_from(Event))
def test_moves_lead_out_of_the_end_nowhere_but_to_a_word_on_it(state: State, event: Event) -> None:
    to = MOVES.get((state, event))
    if state is State.CANCELLED:
        assert to is None
    if state is State.ENDED:
        assert to in (None, State.ENDED)
    if to is State.RUNNING and state is not State.RUNNING:
        assert state is State.APPROVED  # nothing runs that nobody approved


@pytest.mark.parametrize(("channel", "kept"), [("operator_text", 880), ("booklet", None)])
def test_a_counted_reach_outlives_what_is_told(
    outreach: Outreach, channel: str, kept: int | None
) -> None:
    number = outreach.running(channel=channel)
    with outreach.database.write() as session:
        row = campaigns.one(session, number)
        row.reach = 880
        row = campaigns.tell(session, ANALYST, number, None, 4_500_00, "Акт 7", row.version)
        assert (row.reach, row.cost) == (kept, 4_500_00)


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("title", " "), ("title", "x" * 201), ("channel", "pigeon"), ("region", "KZ-00"),
        ("methods", ("99",)), ("methods", ()), ("planned_reach", 0), ("budget", -1),
        ("owner", "nobody"), ("text", "99"), ("segment", {"bank": "211"}),
        ("segment", {"age": "7"}), ("to_us", 0),
    ],
)  # fmt: skip
def test_a_plan_that_can_not_be(outreach: Outreach, field: str, wrong: Any) -> None:
    plan = replace(outreach.plan(), **{field: wrong})
    with outreach.database.write() as session, pytest.raises(InputRejected):
        campaigns.draft(session, ANALYST, plan)


def test_who_may_not_prepares_nothing(outreach: Outreach) -> None:
    with outreach.database.write() as session:
        with pytest.raises(NotAllowed):
            campaigns.draft(session, CLERK, outreach.plan())
        with pytest.raises(NotFound):
            campaigns.approve(session, BOSS, "W-26-999999", True, 0)


# ── texts ──


def test_a_text_counts_once_another_agreed(outreach: Outreach) -> None:
    with outreach.database.write() as session:
        row = texts.propose(session, BOSS, "moment", "payment_new/32", NEW)
        assert "payment_new/32" not in texts.in_force(session, "moment")
        with pytest.raises(Conflict):
            texts.propose(session, ANALYST, "moment", "payment_new/32", NEW)
        with pytest.raises(NotAllowed):
            texts.decide(session, BOSS, row.id, True)
        texts.decide(session, OTHER, row.id, True)
        assert texts.in_force(session, "moment")["payment_new/32"].version == 2
        with pytest.raises(Conflict):
            texts.decide(session, OTHER, row.id, False)
        assert texts.waiting(session) == []


def test_a_refused_text_changes_nothing(outreach: Outreach) -> None:
    with outreach.database.write() as session:
        row = texts.propose(session, ANALYST, "message", "28", NEW)
        texts.decide(session, BOSS, row.id, False)
        assert texts.in_force(session, "message")["28"].version == 1
        assert texts.propose(session, ANALYST, "message", "28", NEW).version == 3


@pytest.mark.parametrize(
    ("kind", "key"), [("message", "99"), ("moment", "28"), ("moment", "nowhere/28"),
                      ("moment", "payment_new/99"), ("poem", "28")]
)  # fmt: skip
def test_a_text_stands_under_a_method_or_a_moment(outreach: Outreach, kind: str, key: str) -> None:
    with outreach.database.write() as session, pytest.raises(InputRejected):
        texts.propose(session, ANALYST, kind, key, NEW)


# ── materials ──


def material(outreach: Outreach, **more: Any) -> Material:
    now = outreach.clock.now_us()
    return replace(Material("media", "Мақала", ("kk", "ru"), ("28",), "«Дала» газеті", now), **more)


def test_a_material_s_title_and_place_show_nobody_s_number(outreach: Outreach) -> None:
    told = material(outreach, title="Call 87011234567", place="Block 2,\n+7 701 123 45 67")
    with outreach.database.write() as session:
        row = materials.enter(session, ANALYST, told)
    assert (row.title, row.place) == ("Call •••4567", "Block 2, •••4567")


def test_materials_count_by_month_and_kind(outreach: Outreach) -> None:
    now = outreach.clock.now_us()
    with outreach.database.write() as session:
        materials.enter(session, ANALYST, material(outreach, publications=3))
        materials.enter(session, ANALYST, material(outreach, kind="social", publications=12))
        wrong = materials.enter(session, ANALYST, material(outreach, publications=900))
        earlier = material(outreach, published_us=now - 40 * DAY, publications=5)
        materials.enter(session, ANALYST, earlier)
        materials.withdraw(session, ANALYST, wrong.id)
        months = materials.by_month(session, 3)
    assert months[0][1] == {"media": 3, "social": 12}
    assert materials.totals(months) == {"media": 8, "social": 12}


@pytest.mark.parametrize(
    ("field", "wrong"),
    [("kind", "x"), ("title", ""), ("languages", ("fr",)), ("publications", 0), ("reach", -1),
     ("link", "http://x.kz"), ("link", "javascript:1"), ("published_us", 2**61)],
)  # fmt: skip
def test_a_material_that_can_not_be(outreach: Outreach, field: str, wrong: Any) -> None:
    told = material(outreach, **{field: wrong})
    with outreach.database.write() as session, pytest.raises(InputRejected):
        materials.enter(session, ANALYST, told)
