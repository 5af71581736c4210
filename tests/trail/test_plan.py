"""How much to hold, where first, and whom to ask next (REQ-44, 90)."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from qalqan.clock import DAY, HOUR, MINUTE
from qalqan.trail.hazard import Curve, Hazard
from qalqan.trail.plan import Stand, Terms, holdable, plan, questions, withheld

NOW = 1_773_100_800_000_000
QUICK = Curve((0.5, 0.2, 0.1, 0.05, 0.04, 0.03, 0.02, 0.01, 0.01), arrivals=99, left=90)
SLOW = Curve((0.99,) * 9, arrivals=99, left=1)
MEASURED = Hazard(1, 0, {"1": QUICK, "2": SLOW, "3": QUICK})

units = st.dictionaries(st.sampled_from(["R1", "R2", "R3"]), st.integers(0, 10**15), max_size=3)
stands = st.lists(
    st.builds(
        Stand,
        st.integers(0, 99).map(str),
        st.sampled_from(["211", "223", "299"]),
        st.integers(1, 8),
        st.integers(0, 4 * DAY).map(lambda us: NOW - us),
        units,
        st.none() | st.integers(-DAY, 4 * DAY).map(lambda us: NOW - us),
        st.none() | st.integers(-(10**15), 10**15),
        st.integers(0, 10**15),
    ),
    max_size=6,
    unique_by=lambda stand: stand.account,
)
terms = st.builds(
    Terms,
    st.just(NOW),
    st.sampled_from([Hazard(), MEASURED]),
    st.sampled_from([1, 100_000]),
    st.sampled_from([15 * MINUTE, DAY]),
    st.sampled_from([None, frozenset({"211", "223"})]),
    st.sampled_from([None, 2 * HOUR]),
)


def stand(account="a", hop=1, age=MINUTE, units=None, **more):
    return Stand(account, "211", hop, NOW - age, units or {"R1": 1000}, **more)


@given(stands, terms)
def test_no_line_is_above_balance_or_claim(found, terms):
    by_account = {each.account: each for each in found}
    for line in plan(found, terms):
        at = by_account[line.account]
        assert terms.least <= line.amount <= sum(at.units.values())
        assert all(0 < n <= at.units[claim] for claim, n in line.claims.items())
        assert at.balance is None or line.amount <= at.balance - at.spared
        assert 0 <= line.loss <= line.amount
        assert 0 <= line.leaving_ppm <= 1_000_000


@given(stands, terms)
def test_a_line_is_shared_among_its_victims_to_the_unit_and_nothing_is_left_out(found, terms):
    lines = plan(found, terms)
    assert all(sum(line.claims.values()) == line.amount for line in lines)
    told = {line.account: line.amount for line in lines}
    asked = [s for s in found if terms.banks is None or s.bank in terms.banks]
    asked = [s for s in asked if not withheld(s, terms)]
    assert told == {s.account: n for s in asked if (n := holdable(s)) >= max(1, terms.least)}


@given(stands, terms, st.randoms())
def test_the_order_of_accounts_does_not_matter_and_the_largest_loss_comes_first(found, terms, any):
    lines = plan(found, terms)
    again = list(found)
    any.shuffle(again)
    assert plan(again, terms) == lines
    losses = [line.loss for line in lines]
    assert losses == sorted(losses, reverse=True)


@given(stands, terms, st.integers(0, 10**15))
def test_a_larger_balance_never_holds_less_and_more_wages_never_more(found, terms, more):
    for each in found:
        if each.balance is not None:
            assert holdable(each._replace(balance=each.balance + more)) >= holdable(each)
        assert holdable(each._replace(spared=each.spared + more)) <= holdable(each)
        assert holdable(each._replace(balance=None)) >= holdable(each)


def test_money_that_leaves_soon_is_held_before_more_money_that_stays():
    quick = stand("quick", 1, units={"R1": 1000})
    slow = stand("slow", 2, units={"R1": 5000})
    first, second = plan([slow, quick], Terms(NOW, MEASURED))
    assert (first.account, second.account) == ("quick", "slow")
    assert first.loss > second.loss
    assert first.leaving_ppm > 900_000


def test_what_the_books_show_to_have_stayed_is_less_likely_gone():
    """Two equal sums, four hours old: of one nobody told since, the other was there just now."""
    unseen = stand("unseen", age=4 * HOUR)
    seen = stand("seen", age=4 * HOUR, seen_us=NOW - MINUTE)
    assert [line.account for line in plan([unseen, seen], Terms(NOW))] == ["seen", "unseen"]
    first, second = questions([unseen, seen], Terms(NOW))
    assert (first.account, first.since_us) == ("unseen", NOW - 4 * HOUR)
    assert first.worth > second.worth


def test_wages_that_still_lie_there_are_spared():
    drop = stand(units={"R1": 600, "R2": 300}, balance=1000, spared=400)
    (line,) = plan([drop], Terms(NOW))
    assert (line.amount, dict(line.claims), line.spared) == (600, {"R1": 400, "R2": 200}, 400)
    assert plan([drop._replace(balance=400)], Terms(NOW)) == []
    assert plan([drop._replace(balance=-5)], Terms(NOW)) == []


def test_a_bank_that_is_known_to_answer_late_comes_first():
    late = replace(MEASURED, answers_us={"223": HOUR})
    here, there = stand("here", 2), stand("there", 2)._replace(bank="223")
    first, _ = plan([here, there], Terms(NOW, late, due_us=MINUTE))
    assert first.account == "there"


@given(stands, terms)
def test_a_statement_is_worth_no_more_than_what_lies_there(found, terms):
    asks = questions(found, terms)
    assert [a.worth for a in asks] == sorted((a.worth for a in asks), reverse=True)
    for ask in asks:
        assert 0 <= ask.worth <= ask.units
    told = {s.account for s in found if s.seen_us is not None and s.seen_us >= NOW}
    assert not told & {ask.account for ask in asks}


def test_money_that_came_hours_ago_untold_is_asked_about_before_it_is_held():
    terms = Terms(NOW, MEASURED, ask_first_us=2 * HOUR)
    fresh, old = stand("fresh", age=HOUR), stand("old", age=5 * HOUR)
    told = stand("told", age=5 * HOUR, seen_us=NOW - 5 * HOUR)
    silent = stand("silent", age=5 * HOUR, silent=True)
    found = [fresh, old, told, silent]
    assert {line.account for line in plan(found, terms)} == {"fresh", "told", "silent"}
    assert {ask.account for ask in questions(found, terms)} == {"fresh", "old", "told", "silent"}
    assert {line.account for line in plan(found, Terms(NOW))} == {"fresh", "old", "told", "silent"}


def test_where_people_decide_nothing_is_held_by_machine_and_the_bank_is_asked():
    busy = stand("busy", 2, left=True)
    assert plan([busy], Terms(NOW)) == []
    assert [ask.account for ask in questions([busy], Terms(NOW))] == ["busy"]


def test_a_statement_is_worth_what_has_moved_on_to_where_it_can_be_held():
    """After four hours 97 of 100 have gone on; of hop 1 a fifth reaches another account, of the
    others as much as of all, and half where nothing is measured."""
    onward = replace(MEASURED, onward_ppm={"1": 200_000, "all": 400_000})
    (ask,) = questions([stand(age=4 * HOUR)], Terms(NOW, onward))
    assert (ask.moved_ppm, ask.onward_ppm, ask.worth) == (970_000, 200_000, 194)
    (ask,) = questions([stand(hop=3, age=4 * HOUR)], Terms(NOW, onward))
    assert (ask.onward_ppm, ask.worth) == (400_000, 388)
    (ask,) = questions([stand(age=4 * HOUR)], Terms(NOW, MEASURED))
    assert (ask.onward_ppm, ask.worth) == (500_000, 485)


def test_books_that_end_before_the_money_came_do_not_tell_that_it_is_there():
    terms = Terms(NOW, ask_first_us=2 * HOUR)
    assert withheld(stand(age=5 * HOUR, seen_us=NOW - 6 * HOUR), terms)
    assert not withheld(stand(age=5 * HOUR, seen_us=NOW - 5 * HOUR), terms)


def test_a_line_says_when_the_banks_answer_is_due():
    (line,) = plan([stand()], Terms(NOW, due_us=20 * MINUTE))
    assert line.deadline_us == NOW + 20 * MINUTE
