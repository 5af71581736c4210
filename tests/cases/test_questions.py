"""A bank is asked only where stolen money sits and nobody has told enough (REQ-44)."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given

from cases.situations import LEAST, NOW, POLICY, drawn, hold, place, situation
from qalqan.cases.questions import statements
from qalqan.clock import HOUR, MINUTE
from qalqan.model.order import Answered, Kind, Outcome, State


def question(number, state, outcome=None):
    order = replace(hold(number, state=state), kind=Kind.STATEMENT, provisional=False)
    said = (Answered(outcome, None, "d", NOW, "altyn"),) if outcome else ()
    return replace(order, answers=said)


def asked(now):
    return [draft.order.from_us for draft in statements(now)]


def test_the_first_question_begins_an_hour_before_the_money_came():
    assert asked(situation(place({"R0": LEAST}, covered_us=None))) == [NOW - 3 * HOUR]


def test_the_next_one_goes_on_where_the_books_end():
    covered = NOW - 70 * MINUTE
    assert asked(situation(place({"R0": LEAST}, covered_us=covered))) == [covered]


def test_nothing_is_asked_that_is_told_streamed_or_too_small():
    for spot in (
        place({"R0": LEAST}),
        place({"R0": LEAST}, bank="223", covered_us=None),
        place({"R0": LEAST}, bank="299", covered_us=None),
        place({"R0": LEAST - 1}, covered_us=None),
    ):
        assert asked(situation(spot)) == []


def test_one_question_at_a_time():
    spot = place({"R0": LEAST}, covered_us=None)
    assert asked(situation(spot, orders=[question(1, State.SENT)])) == []


def test_an_account_keeps_other_books_in_another_currency():
    """The bank never answers about tenge; of dollars it is asked all the same, and a hold of old
    dollars waits for those books."""
    tenge = place({"R0": LEAST}, covered_us=None, last_us=NOW - 3 * HOUR)
    dollars = replace(tenge, currency="USD", traced={"R1": LEAST})
    silent = replace(question(1, State.ESCALATED), created_us=NOW - 2 * HOUR)
    now = situation(tenge, dollars, orders=[silent])
    (draft,) = statements(now)
    assert (draft.order.currency, draft.order.idempotency_key[-6:]) == ("USD", ":USD:1")
    assert now.is_silent(tenge)
    assert now.waiting == [dollars]


def test_books_must_be_told_past_the_answer_to_a_hold():
    spot = place({"R0": LEAST}, covered_us=NOW - 40 * MINUTE)
    assert asked(situation(spot)) == []
    assert asked(situation(spot, orders=[hold(1)])) == [NOW - 40 * MINUTE]


def test_a_bank_that_never_tells_is_not_asked_for_ever():
    spot = place({"R0": LEAST}, covered_us=None)
    vain = [
        question(n, State.CLOSED, Outcome.NOT_FOUND) for n in range(POLICY.statements_an_account)
    ]
    assert len(asked(situation(spot, orders=vain[1:]))) == 1
    assert asked(situation(spot, orders=vain)) == []


@given(drawn)
def test_no_account_is_asked_twice_at_once(now):
    assert len(asked(now)) <= 1
