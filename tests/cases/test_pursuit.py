"""From a report to held and returned money, by machine where the policy lets it (REQ-39, 44)."""

from __future__ import annotations

from dataclasses import asdict

import pyarrow as pa
import pytest

from persons import Officer
from qalqan.cases import figures, trails
from qalqan.cases.approvals import decide
from qalqan.cases.delivery import offer
from qalqan.cases.order_book import DELIVER
from qalqan.clock import DAY, HOUR, MINUTE
from qalqan.errors import Conflict
from qalqan.lake.checked import Terms
from qalqan.lake.hand_in import Centre, HandIn
from qalqan.lake.intake import take
from qalqan.model.order import Kind, State
from qalqan.register import jobs
from qalqan.settings import settings

VICTIM, DROP, SECOND, ORGANISER = "211:V1", "223:D1", "223:D2", "283:O1"
SUM = 100_000_00


@pytest.fixture
def server(either_server):
    return either_server


def parts(centre, rule="taint_first"):
    found = asdict(figures.money(centre.database, rule)["KZT"])
    return {name: units for name, units in found.items() if units}


def confirmed(centre, **more):
    case = centre.report(**more).case
    centre.work()
    centre.confirm(centre.order("confirm", "approved"))
    return case


def test_a_report_alone_holds_nothing(centre):
    centre.report()
    centre.work()
    assert [order.kind for order in centre.orders()] == [Kind.CONFIRM]
    assert parts(centre) == {}


def test_a_denied_payment_holds_nothing(centre):
    centre.report()
    centre.work()
    centre.answer(centre.order("confirm"), "not_found")
    assert centre.order("confirm").state is State.CLOSED
    assert len(centre.orders()) == 1
    assert parts(centre) == {}


def test_a_confirmed_payment_is_held_at_the_next_bank_and_its_books_are_asked(centre):
    confirmed(centre)
    hold, question = centre.order("hold"), centre.order("statement")
    assert (hold.partner, hold.amount, hold.provisional) == ("baiterek", SUM, True)
    assert hold.expires_us == hold.created_us + 72 * HOUR
    assert question.account == hold.account
    assert parts(centre) == {"stolen": SUM, "traceable": SUM}


def told_late(centre):
    """A payment of five hours ago is reported and confirmed; when it was."""
    at_us = centre.clock.now_us() - 5 * HOUR
    centre.report(crime_us=at_us, discovered_us=at_us)
    centre.work()
    line = centre.line(VICTIM, DROP, SUM, at_us, number="late")
    centre.answer(centre.order("confirm", "approved"), "confirmed", payment=line)
    return at_us


def test_of_money_that_came_hours_ago_only_what_the_books_show_is_held(centre):
    at_us = told_late(centre)
    assert centre.orders_of("hold") == []
    lines = [
        centre.line(VICTIM, DROP, SUM, at_us, side="payee"),
        centre.line(DROP, None, 60_000_00, at_us + HOUR, instrument="cash_out"),
    ]
    centre.statement(centre.order("statement"), DROP, lines, opening=500_000_00)
    assert centre.order("hold").amount == 40_000_00
    assert parts(centre) == {"stolen": SUM, "cash": 60_000_00, "traceable": 40_000_00}


def test_a_bank_that_never_tells_delays_a_hold_by_no_more_than_its_term(centre):
    told_late(centre)
    centre.later(58 * MINUTE)
    assert centre.orders_of("hold") == []
    centre.later(5 * MINUTE)
    assert centre.order("hold").amount == SUM
    assert centre.order("statement").escalated == 1


def test_the_trail_goes_on_from_bank_to_bank_and_money_comes_back(centre):
    case = confirmed(centre)
    now = centre.clock.now_us()
    centre.answer(centre.order("hold"), "gone", amount=0)
    paid = centre.line(VICTIM, DROP, SUM, now - 60 * MINUTE, side="payee")
    onward = centre.line(DROP, ORGANISER, 90_000_00, now - 40 * MINUTE)
    centre.statement(centre.order("statement", "approved"), DROP, [paid, onward])
    kept = 10_000_00
    assert parts(centre) == {"stolen": SUM, "traceable": SUM - kept, "kept_by_drops": kept}

    next_hold = centre.order("hold", "approved", partner="kesek")
    assert next_hold.amount == 90_000_00
    centre.answer(next_hold, "held", amount=90_000_00)
    drop_hold = centre.order("hold", "approved", partner="baiterek")
    assert drop_hold.amount == 10_000_00
    centre.answer(drop_hold, "held")
    assert parts(centre) == {"stolen": SUM, "held": SUM}
    assert not [o for o in centre.orders() if o.kind is Kind.RETURN]

    came = centre.line(DROP, ORGANISER, 90_000_00, now - 40 * MINUTE, side="payee")
    centre.statement(centre.order("statement", "approved", partner="kesek"), ORGANISER, [came])
    asked = [o for o in centre.orders() if (o.kind, o.state) == ("statement", "approved")]
    for question in asked:
        centre.statement(question, DROP, [], opening=10_000_00)
    back = {o.partner: o for o in centre.orders() if o.kind is Kind.RETURN}
    assert {o.amount for o in back.values()} == {90_000_00, 10_000_00}
    for order in back.values():
        centre.agree(order)
        payer = {"kesek": ORGANISER, "baiterek": DROP}[order.partner]
        at_us = centre.clock.now_us()
        line = centre.line(payer, VICTIM, order.amount, at_us, instrument="return")
        centre.answer(order, "returned", payment=line)
    assert parts(centre) == {"stolen": SUM, "returned": SUM}
    assert {o.state for o in centre.orders()} == {State.CLOSED}
    assert centre.trail(case)["parts"]["fifo"] == centre.trail(case)["parts"]["taint_first"]


def test_what_is_held_above_the_trail_is_let_go(centre):
    confirmed(centre)
    now = centre.clock.now_us()
    centre.answer(centre.order("hold"), "held", amount=SUM)  # his own money: the stolen part left
    lines = [
        centre.line(VICTIM, DROP, SUM, now - 60 * MINUTE, side="payee"),
        centre.line(DROP, None, 70_000_00, now - 50 * MINUTE, instrument="cash_out"),
    ]
    centre.statement(centre.order("statement"), DROP, lines, opening=200_000_00)
    release = centre.order("release")
    assert (release.amount, release.parent_id) == (70_000_00, centre.order("hold").id)
    centre.answer(release, "released")
    assert centre.order("hold").effect == 30_000_00
    assert parts(centre) == {"stolen": SUM, "cash": 70_000_00, "held": 30_000_00}
    assert centre.order("return").amount == 30_000_00


def test_two_victims_share_what_is_held(centre):
    confirmed(centre, amount=60_000_00)
    confirmed(centre, amount=30_000_00, victim_iin="900101300017")
    first, second = (o for o in centre.orders() if o.kind is Kind.HOLD)
    assert (first.amount, second.amount) == (60_000_00, 30_000_00)
    now = centre.clock.now_us()
    centre.answer(first, "partial", amount=40_000_00)
    centre.answer(second, "gone", amount=0)
    asked = [o for o in centre.orders() if (o.kind, o.state) == ("statement", "approved")]
    for question in asked:
        lines = [
            centre.line(VICTIM, DROP, 60_000_00, now - 60 * MINUTE, side="payee"),
            centre.line(VICTIM, DROP, 30_000_00, now - 60 * MINUTE, side="payee"),
            centre.line(DROP, None, 50_000_00, now - 30 * MINUTE, instrument="cash_out"),
        ]
        centre.statement(question, DROP, lines)
    assert parts(centre) == {"stolen": 90_000_00, "cash": 50_000_00, "held": 40_000_00}
    back = sorted(o.amount for o in centre.orders() if o.kind is Kind.RETURN)
    assert sum(back) == 40_000_00
    assert back == [13_333_33, 26_666_67]


def test_a_hold_lapses_by_itself_and_is_not_placed_again(centre):
    confirmed(centre)
    centre.answer(centre.order("hold"), "held")
    centre.later(49 * HOUR)
    longer = next(o for o in centre.orders() if o.parent_id)
    assert longer.state is State.DRAFTED  # two people have to agree
    centre.later(3 * DAY)
    assert centre.order("hold", "expired").effect == 0
    assert parts(centre) == {"stolen": SUM, "traceable": SUM}
    assert len([o for o in centre.orders() if o.kind is Kind.HOLD]) == 2


def test_two_people_prolong_a_hold(centre):
    confirmed(centre)
    first = centre.order("hold")
    centre.answer(first, "held")
    centre.later(49 * HOUR)
    longer = centre.order("hold", "drafted")
    assert (longer.parent_id, longer.amount) == (first.id, SUM)
    centre.agree(longer, "asel", "daniyar")
    centre.answer(centre.order("hold", "approved"), "held")
    assert [o.state for o in centre.orders() if o.kind is Kind.HOLD] == ["closed", "answered"]
    centre.later(2 * DAY)
    assert parts(centre) == {"stolen": SUM, "held": SUM}


def test_an_unanswered_order_climbs_the_ladder(centre):
    confirmed(centre)
    for _ in range(8):
        centre.later(HOUR)
    hold = centre.order("hold")
    assert (hold.state, hold.escalated, hold.due_us) == ("escalated", 4, None)
    centre.answer(hold, "held")
    assert parts(centre)["held"] == SUM


def test_a_bank_outside_is_not_asked(centre):
    centre.report(payee_account="299:X1")
    centre.work()
    centre.confirm(centre.order("confirm"), payee="299:X1")
    assert len(centre.orders()) == 1
    assert parts(centre) == {"stolen": SUM, "traceable": SUM}


def held_and_told(centre):
    """A held sum whose books are told: its return waits for people."""
    case = confirmed(centre)
    now = centre.clock.now_us()
    centre.answer(centre.order("hold"), "held")
    paid = centre.line(VICTIM, DROP, SUM, now - 60 * MINUTE, side="payee")
    centre.statement(centre.order("statement"), DROP, [paid])
    return case


def give_back(centre, order, units, **more):
    at_us = centre.clock.now_us()
    line = centre.line(DROP, VICTIM, units, at_us, instrument="return", **more)
    return centre.answer(order, "returned", amount=units, payment=line)


def test_a_payment_reported_twice_is_stolen_held_and_returned_once(centre):
    centre.report()
    centre.report(words="the same, to a volunteer")
    centre.work()
    at_us = centre.clock.now_us() - 60 * MINUTE
    line = centre.line(VICTIM, DROP, SUM, at_us, number="P1")
    for question in centre.orders_of("confirm"):
        centre.answer(question, "confirmed", payment=line)
    assert {o.state for o in centre.orders_of("confirm")} == {State.CLOSED}
    assert centre.order("hold").amount == SUM
    assert parts(centre) == {"stolen": SUM, "traceable": SUM}


def test_two_equal_payments_are_two(centre):
    confirmed(centre)
    confirmed(centre)
    assert [o.amount for o in centre.orders_of("hold")] == [SUM, SUM]
    assert parts(centre) == {"stolen": 2 * SUM, "traceable": 2 * SUM}


def test_a_hold_that_shrank_is_prolonged_by_what_is_left(centre):
    held_and_told(centre)
    centre.later(49 * HOUR)
    longer = centre.order("hold", "drafted")
    centre.agree(centre.order("return"))
    give_back(centre, centre.order("return"), 60_000_00)
    assert [o.id for o in centre.orders_of("hold", "withdrawn")] == [longer.id]
    assert centre.order("hold", "drafted").amount == 40_000_00


def test_a_bank_that_prolongs_more_than_is_left_is_told_to_let_it_go(centre):
    held_and_told(centre)
    centre.later(49 * HOUR)
    longer = centre.agree(centre.order("hold", "drafted"), "asel", "daniyar")
    centre.agree(centre.order("return"))
    give_back(centre, centre.order("return"), 60_000_00)
    centre.answer(longer, "held")
    assert centre.order("return", "drafted").amount == 40_000_00
    centre.answer(centre.order("release"), "released")
    assert centre.order("hold", "answered").effect == 40_000_00


def test_a_no_to_prolonging_leaves_other_victims_money_to_be_held(centre):
    confirmed(centre)
    centre.answer(centre.order("hold"), "held")
    centre.later(49 * HOUR)
    no = centre.order("hold", "drafted")
    decide(centre.database, no.id, Officer("asel", "supervisor"), False)
    confirmed(centre, amount=50_000_00)
    assert centre.order("hold", "approved").amount == 50_000_00
    assert len(centre.orders_of("hold")) == 3  # and nobody is asked to prolong again


def test_a_bank_that_refuses_to_let_go_is_left_to_people(centre):
    confirmed(centre)
    now = centre.clock.now_us()
    centre.answer(centre.order("hold"), "held")
    lines = [
        centre.line(VICTIM, DROP, SUM, now - 60 * MINUTE, side="payee"),
        centre.line(DROP, None, SUM, now - 50 * MINUTE, instrument="cash_out"),
    ]
    centre.statement(centre.order("statement"), DROP, lines, opening=SUM)
    centre.answer(centre.order("release"), "refused")
    assert len(centre.orders_of("release")) == 1


def test_a_bank_whose_statements_end_too_early_is_not_asked_for_ever(centre):
    confirmed(centre)
    for number in range(9):
        for question in centre.orders_of("statement", "approved"):
            begin = question.from_us
            body = {"id": f"S{number}", "account": DROP, "from_us": begin, "to_us": begin}
            centre.answer(question, "statement", statement=body)
    assert len(centre.orders_of("statement")) == 4


def test_a_hold_where_the_money_turned_out_not_to_have_come_is_let_go(centre):
    confirmed(centre)
    now = centre.clock.now_us()
    lines = [
        centre.line(VICTIM, DROP, SUM, now - 60 * MINUTE, side="payee"),
        centre.line(DROP, ORGANISER, SUM, now - 40 * MINUTE),
    ]
    centre.answer(centre.order("hold"), "gone")
    centre.statement(centre.order("statement", "approved"), DROP, lines)
    held = centre.order("hold", "approved", partner="kesek")
    earlier = centre.line(DROP, None, SUM, now - 50 * MINUTE, instrument="cash_out")
    told(centre, "baiterek", "223", earlier)
    centre.work()
    centre.answer(held, "held")
    assert parts(centre) == {"stolen": SUM, "cash": SUM}
    assert centre.order("release").amount == SUM
    centre.answer(centre.order("release"), "released")
    assert centre.order("hold", partner="kesek").state is State.CLOSED


def told(centre, partner, bank, line):
    """A bank tells of a payment that nobody had asked it after."""
    lake = Centre(centre.database, centre.keys, settings().lake_root)
    feed = HandIn("payment", partner, "feed", Terms({bank}))
    assert take(lake, feed, pa.Table.from_pylist([line])).accepted == 1


def settled(centre):
    """The whole sum is held, the books are told, and its return waits for people."""
    case = confirmed(centre)
    centre.answer(centre.order("hold"), "held")
    paid = centre.line(VICTIM, DROP, SUM, centre.clock.now_us() - 60 * MINUTE, side="payee")
    centre.statement(centre.order("statement"), DROP, [paid])
    assert centre.order("return").state is State.DRAFTED
    return case


def test_what_nobody_decided_in_time_goes_with_its_hold(centre):
    settled(centre)
    centre.later(49 * HOUR)  # its prolonging is drafted
    centre.later(3 * DAY)
    assert centre.order("return").state is State.WITHDRAWN
    assert {o.state for o in centre.orders_of("hold")} == {State.EXPIRED, State.WITHDRAWN}
    with pytest.raises(Conflict):
        centre.agree(centre.order("return"), "asel")


def test_a_return_that_people_agreed_to_is_asked_again_when_the_trail_has_moved(centre):
    """The drop pays the victim back after the last yes, before the bank has fetched the order."""
    settled(centre)
    agreed = centre.agree(centre.order("return"))
    assert agreed.state is State.APPROVED
    back = centre.line(DROP, VICTIM, 60_000_00, centre.clock.now_us(), side="payee")
    told(centre, "altyn", "211", back)
    centre.work()
    assert centre.order("return").state is State.WITHDRAWN
    centre.answer(centre.order("release"), "released")
    again = centre.order("return", "drafted")
    assert (again.amount, again.approvals) == (40_000_00, ())


def test_a_return_that_the_bank_has_is_left_to_it(centre):
    settled(centre)
    centre.agree(centre.order("return"))
    order = centre.order("return")
    offer(centre.database, centre.keys, order.partner)
    back = centre.line(DROP, VICTIM, 60_000_00, centre.clock.now_us(), side="payee")
    told(centre, "altyn", "211", back)
    centre.work()
    assert centre.order("return").state is State.SENT


def test_a_return_on_its_way_to_the_bank_is_not_taken_back(centre):
    """Its delivery is in a worker's hands while the trail moves: the bank may have it already."""
    settled(centre)
    agreed = centre.agree(centre.order("return"))
    with centre.database.write() as session:
        jobs.put(session, DELIVER, agreed.partner)
    job = jobs.lease(centre.database, "another worker", [DELIVER])
    back = centre.line(DROP, VICTIM, 60_000_00, centre.clock.now_us(), side="payee")
    told(centre, "altyn", "211", back)
    centre.work()
    assert centre.order("return").state is State.APPROVED
    jobs.done(centre.database, job)
    with centre.database.write() as session:
        trails.pursue_later(session, [agreed.case_id])
    centre.work()
    assert centre.order("return").state is State.WITHDRAWN


def test_a_return_that_the_trail_overtakes_is_taken_back(centre):
    """The drop himself pays the victim back while officers have not decided yet."""
    settled(centre)
    back = centre.line(DROP, VICTIM, 60_000_00, centre.clock.now_us(), side="payee")
    told(centre, "altyn", "211", back)
    centre.work()
    assert centre.order("return").state is State.WITHDRAWN
    release = centre.order("release")
    assert release.amount == 60_000_00
    centre.answer(release, "released")
    assert centre.order("return", "drafted").amount == 40_000_00
    assert parts(centre) == {"stolen": SUM, "held": 40_000_00, "returned": 60_000_00}
