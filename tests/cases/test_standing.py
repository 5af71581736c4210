"""Where a case stands is what its trail, orders and owner say (issue 5, Build 4)."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from sqlalchemy import select

from qalqan.cases import figures, order_book, standing, standing_sweep, standing_totals
from qalqan.cases.urgency import NEVER
from qalqan.clock import HOUR, MINUTE
from qalqan.model.order import WAITING, State, held_now
from qalqan.register import jobs, orm
from qalqan.trail.semantics import RULES


def row_of(centre, case_id):
    with centre.database.session() as session:
        return session.get_one(orm.CaseStanding, case_id)


def agrees(centre):
    """Every standing against figures and orders, counted from scratch."""
    with centre.database.session() as session:
        rows = list(session.scalars(select(orm.CaseStanding)))
        for row in rows:
            whole = {rule: figures.of_case(session, row.case_id, rule) for rule in RULES}
            told = {r: {c: asdict(p) for c, p in of.items()} for r, of in whole.items()}
            assert row.sums == told
            orders = order_book.of_cases(session, [row.case_id])
            now = centre.clock.now_us()
            assert row.drafts == sum(o.state is State.DRAFTED for o in orders)
            assert row.awaited + row.late == sum(o.state in WAITING for o in orders)
            mine = whole["taint_first"].get("KZT", figures.Parts())
            assert (row.stolen, row.held, row.moving) == (mine.stolen, mine.held, mine.traceable)
            assert sum(place[3] for place in row.places) == mine.traceable
            assert 0 <= row.at_risk <= row.moving + row.lapsing
            assert row.lapsing <= sum(held_now(o, now) for o in orders)
        kept = standing_totals.totals(session)
        for rule in RULES:
            each = figures.of_each(session, [row.case_id for row in rows], rule)
            summed = figures._whole(each)
            assert kept[rule] == {c: p for c, p in summed.items() if c == "KZT" or p.stolen}
    return {row.case_id: row for row in rows}


def test_a_case_from_report_to_return(centre):
    told = centre.report()
    row = row_of(centre, told.case)
    assert (row.active, row.awaited, row.stolen, row.clock_kind) == (True, 1, 0, "answer")
    assert row.told == {"KZT": 100_000_00}
    centre.work()
    centre.confirm(centre.order("confirm"))
    row = agrees(centre)[told.case]
    assert (row.stolen, row.moving, row.step) == (100_000_00, 100_000_00, "wait")
    assert row.banks == [["223", 100_000_00, 0]]
    assert 0 < row.at_risk < row.moving
    centre.answer(centre.order("hold"), "held", amount=100_000_00)
    row = agrees(centre)[told.case]
    assert (row.held, row.moving, row.at_risk) == (100_000_00, 0, 0)
    assert row.banks == [["223", 0, 100_000_00]]


def test_a_step_of_an_order_refreshes_its_case_by_a_job(centre):
    told = centre.report()
    centre.work()
    order = centre.order("confirm")
    with centre.database.write() as session:
        order_book.step(session, order, "withdraw", "asel", centre.clock.now_us()) if (
            order.state is State.APPROVED
        ) else order_book.step(session, order, "remind", "machine", order.due_us)
    with centre.database.session() as session:
        waits = select(orm.Job.key).where(orm.Job.kind == order_book.STAND)
        assert told.case in session.scalars(waits).all()
    centre.work()
    agrees(centre)


def test_time_alone_moves_it(centre):
    told = centre.report()
    centre.work()
    centre.confirm(centre.order("confirm"))
    before = row_of(centre, told.case)
    centre.clock.set(centre.clock.now_us() + 2 * HOUR)
    assert standing_sweep.sweep(centre.database) == 1
    after = row_of(centre, told.case)
    assert after.at_risk < before.at_risk
    assert after.late > 0
    assert after.changed_us > before.changed_us
    with centre.database.session() as session:
        due = jobs.pending(session).next_due_us
    assert due is not None


def test_the_sweep_finds_cases_without_a_standing_and_a_rebuild_makes_all(centre):
    told = centre.report()
    centre.work()
    centre.confirm(centre.order("confirm"))
    kept = {c.name: getattr(row_of(centre, told.case), c.name) for c in standing_columns()}
    with centre.database.write() as session:
        session.delete(session.get_one(orm.CaseStanding, told.case))
        session.execute(orm.StandingTotal.__table__.delete())
    standing_sweep.sweep(centre.database)
    assert {c.name: getattr(row_of(centre, told.case), c.name) for c in standing_columns()} == kept
    assert standing_sweep.rebuild(centre.database) == 1
    assert {c.name: getattr(row_of(centre, told.case), c.name) for c in standing_columns()} == kept
    agrees(centre)


def standing_columns():
    moving = {"changed_us", "computed_us"}
    return [c for c in orm.CaseStanding.__table__.columns if c.name not in moving]


def test_what_was_confirmed_and_not_followed_yet_counts_once(centre):
    told = centre.report()
    centre.work()
    centre.confirm(centre.order("confirm"))
    with centre.database.write() as session:
        one = session.scalars(select(orm.Root)).one()
        session.add(
            orm.Root(
                id="more", case_id=told.case, report_id=told.report, at_us=one.at_us + MINUTE,
                payer_account=one.payer_account, payer_bank="211", payee_account=one.payee_account,
                payee_bank="223", amount=5_000_00, currency="KZT", uetr=None,
            )
        )  # fmt: skip
    for _ in range(2):
        with centre.database.write() as session:
            standing.refresh(session, [told.case])
        row = row_of(centre, told.case)
        assert row.moving == 105_000_00
        assert sum(place[3] for place in row.places) == 105_000_00


def test_a_case_that_is_closed_leaves_the_queue(centre):
    told = centre.report()
    with centre.database.write() as session:
        session.get_one(orm.Case, told.case).state = "closed"
        standing.refresh(session, [told.case])
    assert not row_of(centre, told.case).active


def test_nothing_runs_in_a_case_that_a_bank_denied(centre):
    told = centre.report()
    centre.work()
    centre.answer(centre.order("confirm"), "not_found")
    row = row_of(centre, told.case)
    assert (row.denied, row.active, row.clock_us, row.step) == (True, False, NEVER, "none")


@pytest.mark.parametrize("case_ids", [[], ["C-26-999999"]])
def test_nothing_is_kept_of_no_case(centre, case_ids):
    with centre.database.write() as session:
        standing.refresh(session, case_ids)
        assert session.scalars(select(orm.CaseStanding)).all() == []


def test_an_appeal_runs_the_next_clock(centre):
    told = centre.report()
    centre.work()
    centre.confirm(centre.order("confirm"))
    hold = centre.answer(centre.order("hold"), "held", amount=100_000_00)
    now = centre.clock.now_us()
    with centre.database.write() as session:
        order_book.step(session, order_book.load(session, hold.id), "appeal", "asel", now)
        session.add(
            orm.AppealRow(
                id="A-26-000001", order_id=hold.id, case_id=told.case, channel="phone",
                words="wrd_x", handed_by="asel", idempotency_key="a", received_us=now,
                due_us=now + MINUTE,
            )
        )  # fmt: skip
    centre.work()
    row = row_of(centre, told.case)
    assert (row.appealed, row.step, row.clock_kind) == (1, "appeal", "appeal")
    assert row.clock_us == now + MINUTE
