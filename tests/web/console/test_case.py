"""One case: sums, ladder, frontier, orders and their clocks (REQ-16, 19, 39, 44)."""

from __future__ import annotations

import re
from html import unescape

import pytest
from sqlalchemy import delete, func, select, update

import story
from persons import Officer
from qalqan.cases import codes, figures, standing
from qalqan.cases import trails as kept_trails
from qalqan.cases.answers import take_answer
from qalqan.clock import MINUTE, wall_us
from qalqan.exchange.order_message import Answer
from qalqan.model.order import Kind, Order, State
from qalqan.register import orm
from qalqan.text.show import money
from qalqan.trail.semantics import RULES
from qalqan.web.console.case_page import case_page
from qalqan.web.console.clocks import clock_of
from qalqan.web.console.reader import reader_of

CHASE = "/cases/C-26-000002"


def page(console, case_id="C-26-000002", rule="", language="en"):
    officer = Officer("d.ospanov")
    with console.app.state.database.session() as session:
        return case_page(session, reader_of(session, language), officer, case_id, rule)


def shown(console, path=CHASE, language="en", **more):
    return unescape(console.get(path, language=language, **more).text).replace("\u00a0", " ")


@pytest.mark.parametrize("rule", RULES)
def test_sums_and_picture_are_the_figures(console, rule):
    with console.app.state.database.session() as session:
        parts = figures.of_case(session, "C-26-000002", rule)["KZT"]
        held = figures.held_of(session, "C-26-000002", rule)
    (bar,) = page(console, rule=rule).sums
    assert bar.difference == 0
    assert (bar.stolen, bar.units("held")) == (parts.stolen, parts.held)
    assert sum(sum(of.values()) for of in held.values()) == parts.held
    text = shown(console, f"{CHASE}?rule={rule}")
    described = text[text.index("<desc") : text.index("</desc>")]
    for units in (parts.held, parts.traceable, parts.abroad, parts.cash, parts.kept_by_drops):
        assert not units or money(units, "KZT", "en").replace("\u00a0", " ") in described


def test_a_rule_that_is_none_is_the_policys(console):
    assert page(console, rule="guess").rule == "taint_first"


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("kk", ["Қылмыстан арызға дейін 45 мин", "Қарағанды облысы", "Іздің шегі",
                "Банктер бірдей айтпаған жер", "заңгер әлі растаған жоқ", "Ішінара ұсталды"]),
        ("ru", ["От преступления до заявления 45 мин", "Карагандинская область", "Граница следа",
                "Где банки расходятся", "юрист ещё не подтвердил", "Удержано частично"]),
        ("en", ["45 min from crime to report", "Karaganda Region", "Frontier",
                "Where banks disagree", "not yet confirmed by a lawyer", "Held in part"]),
    ],
)  # fmt: skip
def test_the_page_tells_the_case(console, language, words):
    text = shown(console, language=language)
    for each in words:
        assert each in text, each


def test_the_table_is_the_pictures_equal(console):
    (trail,) = page(console).trails
    steps = {(s.payer.last, s.payee.last if s.payee else s.exit): s for s in trail.steps}
    assert steps["1207", "4471"].told == "victim"
    assert steps["0926", "0017"].exit == "abroad"
    assert (steps["0926", "0017"].least, steps["0926", "0017"].most) == (590_000_00, 890_000_00)
    assert (steps["4471", "7710"].banks, steps["7710", "5512"].banks) == (2, 1)
    assert steps["7710", "unknown"].told == "gap"
    stops = {stop.account.last: stop for stop in trail.stops}
    assert stops["7710"].held == 1_025_000_00
    assert stops["4471"].kept
    assert stops["3308"].covered_us is None
    text = shown(console)
    for step in trail.steps:
        assert f"…{step.payer.last}" in text


def test_the_frontier_says_what_nobody_told_and_whom_we_asked(console):
    (trail,) = page(console).trails
    asked = {each.account.last: each for each in trail.frontier}
    assert asked["3308"].from_us == story.at("14:29")
    assert asked["3308"].units == (790_000_00, 790_000_00)
    assert asked["3308"].clock.tone == "soon"
    assert asked["4471"].clock is None
    assert asked["4471"].status == "console.frontier.answered"
    assert "Not asked" not in shown(console)
    assert "The bank answered" in shown(console)


def test_the_most_worth_asking_stands_first_and_small_sums_are_one_line(console):
    (trail,) = page(console).trails
    worths = [each.worth for each in trail.frontier]
    assert worths == sorted(worths, reverse=True)
    assert all(each.units[1] >= 1_000_00 for each in trail.frontier)
    told = len(console_document(console)["frontier"])
    assert len(trail.frontier) + trail.small_frontier.n == told


def test_the_plan_says_where_money_leaves_next_and_what_is_held(console):
    (trail,) = page(console).trails
    losses = [line.loss for line in trail.plan]
    assert losses == sorted(losses, reverse=True)
    (bar,) = page(console).sums
    assert sum(line.held for line in trail.plan) == bar.units("held") > 0
    text = shown(console)
    for words in ("Hold plan", "chance to leave within the hour", "How it was measured"):
        assert words in text
    for language, words in (("kk", "Ұстау жоспары"), ("ru", "План удержаний")):
        assert words in console.get(CHASE, language=language).text


def test_a_case_whose_payment_another_one_follows_says_so(console):
    with console.app.state.database.write() as session:
        (root,) = list(session.scalars(select(orm.Root).limit(1)))
        case = orm.Case(id="C-26-000099", region="KZ-75", opened_us=0, state="joined")
        first = session.get_one(orm.Report, root.report_id)
        told = {c.key: getattr(first, c.key) for c in orm.Report.__table__.columns}
        told |= {"id": "R-26-000099", "case_id": case.id, "root_id": root.id}
        session.add(case)
        session.flush()
        session.add(orm.Report(**told | {"receipt_hash": "x", "idempotency_key": None}))
        follows = root.case_id
    text = shown(console, "/cases/C-26-000099")
    assert f'href="/cases/{follows}"' in text
    assert "R-26-000099" in shown(console, f"/cases/{follows}")


def console_document(console):
    with console.app.state.database.session() as session:
        (found,) = kept_trails.newest(session, "C-26-000002")
    return found


def test_banks_that_disagree_are_quoted(console):
    (difference,) = page(console).trails[0].differences
    assert (difference.field, difference.payer_bank) == ("amount", "Tulpar Bank")
    assert difference.payer_says.replace("\u00a0", " ") == "1 489 500 ₸"
    assert difference.payee_says.replace("\u00a0", " ") == "1 489 000 ₸"


def test_orders_stand_with_clock_ground_expiry_and_history(console):
    cards = {card.order.id: card for card in page(console).cards}
    part = next(c for c in cards.values() if c.order.effect == 1_025_000_00)
    assert (part.tone, part.clock.ends, part.ground.code) == ("held", "hold", "kz.payments.hold")
    awaited = next(c for c in cards.values() if c.order.amount == 790_000_00)
    assert awaited.clock.left_us == awaited.order.due_us - story.at("14:54") < 15 * MINUTE
    assert awaited.clock.tone == "now"
    assert [line.event for line in awaited.history][:3] == ["draft", "approve", "sign"]
    text = shown(console)
    assert f"Answer due in {awaited.clock.left_us // MINUTE} min" in text
    assert "Held until 26 Nov, 14:" in text
    assert "provisional, lapses by itself" in text
    assert "Ақша кетіп қалған" in text, "what the bank wrote"
    assert "K-7781" in shown(console, "/cases/C-26-000001"), "the bank's own number"


def test_pressing_orders_come_first(console):
    due = [c.order.due_us for c in page(console).cards if c.clock and c.clock.ends == "answer"]
    assert due == sorted(due)


@pytest.mark.parametrize(
    ("language", "words"), [("kk", "кешікті"), ("ru", "опаздывает"), ("en", "late by 1 h 2")]
)
def test_what_is_late_is_red_and_said(console, language, words):
    console.clock.set(story.at("16:30"))
    text = shown(console, language=language)
    assert words in text
    assert re.search(r'class="clock late"', text)
    assert re.search(r'class="order late', text)


@pytest.mark.parametrize(
    ("left", "tone"),
    [(90 * MINUTE, "calm"), (59 * MINUTE, "soon"), (14 * MINUTE, "now"), (0, "late"), (-1, "late")],
)
def test_a_clock_changes_its_tone(left, tone):
    order = Order("O", "C", Kind.HOLD, "b", State.SENT, "g", "p", "k", 0, due_us=100 * MINUTE)
    clock = clock_of(order, 100 * MINUTE - left)
    assert clock.tone == tone
    assert 0 <= clock.percent <= 100


def test_an_unconfirmed_case_says_that_nothing_is_held(console):
    text = shown(console, "/cases/C-26-000003")
    assert "Nothing is held until the payer's bank confirms the payment." in text
    assert "There is no trail yet" in text
    assert "Not yet confirmed by the bank" in text


@pytest.mark.parametrize("outcome", ["not_found", "refused"])
def test_a_bank_that_did_not_confirm_is_no_longer_awaited(console, outcome):
    database, keys = console.app.state.database, console.app.state.keys
    with database.session() as session:
        asked = select(orm.Order).where(orm.Order.case_id == "C-26-000003")
        order = session.scalars(asked.where(orm.Order.kind == Kind.CONFIRM)).one()
    reason = {"reason": "a closed account"} if outcome == "refused" else {}
    said = Answer.model_validate({"order": order.id, "outcome": outcome, **reason})
    take_answer(database, keys, order.partner, said)
    assert "The bank did not confirm it" in shown(console, "/cases/C-26-000003")
    with database.write() as session:
        standing.refresh(session, ["C-26-000003"])  # the worker's job, within a second
    assert "the payer's bank did not confirm it" in shown(console, "/cases")


def test_a_payment_that_another_report_told_of_first_is_not_called_denied(console):
    """The bank confirmed it; the trail begins in the other report's case."""
    with console.app.state.database.write() as session:
        session.execute(delete(orm.Root).where(orm.Root.case_id == "C-26-000001"))
    for page in ("/cases/C-26-000001", "/cases"):
        assert "ank did not confirm it" not in shown(console, page)
    assert "Not yet confirmed by the bank" not in shown(console, "/cases/C-26-000001")


def test_a_report_from_before_the_first_code_book_still_has_its_page(console):
    times = dict.fromkeys(("crime_us", "discovered_us", "reported_us"), codes.FIRST_US)
    with console.app.state.database.write() as session:
        session.execute(update(orm.Report).values(times))
    for path in ("/cases", CHASE):
        answer = console.get(path, language="en")
        assert answer.status_code == 200
        assert "Impersonating bank" in answer.text


def test_the_timeline_tells_what_happened_newest_first(console):
    view = page(console)
    lines = [*view.timeline, *view.earlier]
    assert [line.at_us for line in lines] == sorted((x.at_us for x in lines), reverse=True)
    assert lines[-1].event == "report"
    assert any(re.match(r"\d+ orders were sent", line.words) for line in lines)


def test_orders_are_sent_after_the_report_of_the_same_minute(console):
    database = console.app.state.database
    with database.write() as session:
        told = session.get_one(orm.Report, "R-26-000003")
        sent = select(func.min(orm.OrderEvent.at_us)).where(orm.OrderEvent.event == "send")
        of_case = select(orm.Order.id).where(orm.Order.case_id == "C-26-000003")
        moment = session.scalar(sent.where(orm.OrderEvent.order_id.in_(of_case)))
        told.reported_us = moment - 1
    lines = page(console, "C-26-000003").timeline
    assert [line.event for line in lines] == ["send", "report"]


def test_orders_alone_refresh_a_page_and_say_if_the_trail_grew(console):
    seen = page(console).seen
    same = shown(console, f"{CHASE}/orders?seen={seen}")
    assert same.lstrip().startswith("<section")
    assert "The trail has grown" not in same
    assert "The trail has grown" in shown(console, f"{CHASE}/orders?seen=1")
    assert console.get("/cases/C-26-999999/orders").status_code == 404


def test_finished_orders_lie_open_only_where_the_page_can_bear_it(console):
    path = "/cases/C-26-000003"
    with console.app.state.database.write() as session:
        ended = {"state": State.EXPIRED, "due_us": None, "expires_us": None}
        session.execute(update(orm.Order).where(orm.Order.case_id == path[7:]).values(ended))
        one = session.scalars(select(orm.Order).where(orm.Order.case_id == path[7:])).first()
        row = {c.key: getattr(one, c.key) for c in orm.Order.__table__.columns}
    assert '<details class="over" open' in shown(console, path)
    with console.app.state.database.write() as session:
        session.add_all(
            orm.Order(**row | {"id": f"O-26-9{n:05}", "idempotency_key": f"many-{n}"})
            for n in range(16)
        )
    assert '<details class="over">' in shown(console, path)


def test_an_htmx_request_without_a_session_is_told_to_go(console):
    answer = console.browser(None).get(f"{CHASE}/orders", headers={"hx-request": "true"})
    assert answer.headers["hx-redirect"] == "/sign-in"


def test_a_page_that_refreshes_itself_keeps_no_session_alive(console):
    soon = wall_us() + 10 * MINUTE
    with console.app.state.database.write() as session:
        session.execute(update(orm.Session).values(expires_us=soon))

    def ends():
        with console.app.state.database.session() as session:
            return max(session.scalars(select(orm.Session.expires_us)))

    assert console.get(f"{CHASE}/orders").status_code == 200
    assert ends() == soon
    console.get(CHASE)
    assert ends() > soon
