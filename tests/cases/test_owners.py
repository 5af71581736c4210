"""Whose case it is; the queue, views and load that follow (issue 5, Build 4)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from persons import Officer
from qalqan import clock
from qalqan.cases import owners, queue, queue_figures, saved_views, workload
from qalqan.cases.delivery import offer
from qalqan.clock import HOUR, SECOND
from qalqan.errors import Conflict, InputRejected, NotAllowed, NotFound
from qalqan.register import orm

ASEL, DANIYAR = Officer("asel", "supervisor"), Officer("daniyar", "supervisor")
AUDITOR = Officer("asel", "auditor")


def owner_of(centre, case_id):
    with centre.database.session() as session:
        kept = session.get_one(orm.CaseStanding, case_id).owner
        assert session.get_one(orm.Case, case_id).owner == kept
        return kept


def test_of_two_one_gets_it_and_the_other_is_told_who(centre):
    case = centre.report().case

    def taken(person):
        try:
            owners.take(centre.database, case, person)
        except Conflict as lost:
            return lost.state
        return None

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(taken, (ASEL, DANIYAR))
    won = owner_of(centre, case)
    assert {first, second} == {None, won}
    owners.take(centre.database, case, ASEL if won == "asel" else DANIYAR)  # his own stays his
    with centre.database.session() as session:
        assert len(session.scalars(select(orm.CaseOwner)).all()) == 1
        noted = select(orm.Audit.actor).where(orm.Audit.action == "case.owner")
        assert session.scalars(noted).all() == [won]


def test_given_as_it_was_seen_or_not_at_all(centre):
    case = centre.report().case
    owners.give(centre.database, case, ASEL, "daniyar", "")
    assert owner_of(centre, case) == "daniyar"
    with pytest.raises(Conflict, match="daniyar"):
        owners.give(centre.database, case, ASEL, "asel", "")
    owners.give(centre.database, case, DANIYAR, "", "daniyar")
    assert owner_of(centre, case) is None
    with pytest.raises(InputRejected, match=r"queue\.officer"):
        owners.give(centre.database, case, ASEL, "marat", "")  # a prosecutor works on none
    with pytest.raises(NotAllowed):
        owners.give(centre.database, case, Officer("asel", "investigator"), "daniyar", "")


def test_undone_by_the_same_person_and_soon(centre, monkeypatch):
    case = centre.report().case
    owners.take(centre.database, case, ASEL)
    with pytest.raises(Conflict, match="somebody else"):
        owners.undo(centre.database, case, DANIYAR)
    wall = clock.wall_us()
    monkeypatch.setattr(clock, "wall_us", lambda: wall + owners.UNDO_US + owners.SLOW_US + SECOND)
    with pytest.raises(Conflict, match="too late"):
        owners.undo(centre.database, case, ASEL)
    monkeypatch.setattr(clock, "wall_us", lambda: wall)
    owners.undo(centre.database, case, ASEL)
    assert owner_of(centre, case) is None


def test_not_of_a_closed_case_nor_by_whoever_may_not(centre):
    case = centre.report().case
    with pytest.raises(NotAllowed):
        owners.take(centre.database, case, AUDITOR)
    with pytest.raises(NotAllowed):
        owners.take(centre.database, case, Officer("asel", "operative", "KZ-10"))
    with pytest.raises(NotFound):
        owners.take(centre.database, "C-26-999999", ASEL)
    with centre.database.write() as session:
        session.get_one(orm.Case, case).state = "closed"
    with pytest.raises(Conflict, match="closed"):
        owners.take(centre.database, case, ASEL)


def two_cases(centre):
    """One at risk, and one that waits for the payer's bank."""
    risky = centre.report().case
    centre.work()
    centre.confirm(centre.order("confirm"))
    return risky, centre.report(amount=900_000_00).case


def rows(centre, person=ASEL, **asked):
    with centre.database.session() as session:
        now = centre.clock.now_us()
        found = queue.listed(session, person, queue.Asked(**asked), now)
        return [row.case_id for row in found.rows]


def test_what_is_at_risk_comes_first(centre):
    risky, fresh = two_cases(centre)
    assert rows(centre) == [risky, fresh]
    assert set(rows(centre, sort="new", archive=True)) == {risky, fresh}
    assert rows(centre, tab="nobody") == [risky, fresh]
    assert rows(centre, tab="mine") == []
    owners.take(centre.database, fresh, ASEL)
    assert rows(centre, tab="mine") == [fresh]
    assert rows(centre, tab="nobody") == [risky]
    assert rows(centre, owner="asel") == [fresh]
    assert rows(centre, region="KZ-10") == []
    assert rows(centre, method="28", state="open") == [risky, fresh]
    assert rows(centre, Officer("x", "operative", "KZ-10")) == []
    with centre.database.session() as session:
        counted = queue.counted(session, ASEL, queue.Asked(), centre.clock.now_us())
        assert counted.tabs == {
            "all": 2, "mine": 1, "soon": 2, "waiting": 2, "nobody": 1, "appeals": 0,
        }  # fmt: skip
        assert counted.recoverable == 100_000_00
        assert 0 < counted.at_risk < counted.recoverable
        shown = queue.horizon(session, ASEL, centre.clock.now_us())
        assert {row.case_id for row in shown} == {risky, fresh}


def test_the_mark_changes_when_a_standing_does(centre):
    case = centre.report().case
    with centre.database.session() as session:
        before = queue.mark(session)
        assert queue.mark(session) == before
    owners.take(centre.database, case, ASEL)
    with centre.database.session() as session:
        assert queue.mark(session) != before


def test_an_address_tells_only_what_is_unusual():
    asked = queue.Asked(tab="mine", region="KZ-75", page=3)
    assert asked.address() == "tab=mine&region=KZ-75&page=3"
    assert asked.address(page=1, tab="all") == "region=KZ-75"


def test_the_days_holds(centre):
    two_cases(centre)
    offer(centre.database, centre.keys, "baiterek")
    hold = centre.order("hold")
    centre.clock.set(centre.clock.now_us() + 4 * 60 * SECOND)
    centre.answer(hold, "partial", amount=60_000_00)
    with centre.database.session() as session:
        told = queue_figures.today(session, centre.clock.now_us())
        assert (told.asked, told.held, told.n) == (100_000_00, 60_000_00, 1)
        assert told.median_us == 4 * 60 * SECOND
        assert queue_figures.today(session, centre.clock.now_us() + 24 * HOUR).n == 0


def test_views_are_ones_own_or_the_units(centre):
    with centre.database.write() as session:
        saved_views.save(session, ASEL, "  Almaty   now ", "region=KZ-75", shared=True)
        saved_views.save(session, ASEL, "Mine", "tab=mine", shared=False)
        saved_views.save(session, ASEL, "Mine", "tab=mine&sort=clock", shared=False)
    with centre.database.write() as session:
        assert [(v.name, v.query) for v in saved_views.of(session, ASEL)] == [
            ("Almaty now", "region=KZ-75"), ("Mine", "tab=mine&sort=clock"),
        ]  # fmt: skip
        (shared,) = saved_views.of(session, DANIYAR)
        with pytest.raises(NotFound):
            saved_views.forget(session, DANIYAR, shared.id)
        for name in ("", "  ", "x" * 61):
            with pytest.raises(InputRejected):
                saved_views.save(session, ASEL, name, "", shared=False)
        saved_views.forget(session, ASEL, shared.id)
        assert saved_views.of(session, DANIYAR) == []


def test_the_load_of_a_unit_and_of_oneself(centre):
    risky, fresh = two_cases(centre)
    centre.clock.set(centre.clock.now_us() + HOUR)
    owners.take(centre.database, risky, DANIYAR)
    now = centre.clock.now_us()
    with centre.database.session() as session:
        first, second, nobodys = workload.loads(session, ASEL, now)
        mine = workload.loads(session, Officer("daniyar", "investigator"), now)
    assert (first.login, first.cases, first.median_us) == ("daniyar", 1, HOUR)
    assert first.moving == 100_000_00
    assert (second.login, second.cases, second.median_us) == ("asel", 0, None)
    assert (nobodys.login, nobodys.cases) == ("", 1)
    assert [load.login for load in mine] == ["daniyar"]
    assert fresh
