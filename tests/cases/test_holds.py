"""The disputed sum, never more; what is held beyond it is let go (REQ-44)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from cases.situations import LEAST, NOW, drawn, hold, place, situation
from qalqan.cases.holds import holds, releases
from qalqan.cases.reasons import sentence
from qalqan.cases.situation import OPEN
from qalqan.clock import HOUR
from qalqan.model.order import Answered, Kind, Outcome, State
from qalqan.trail.standing import Standing


def asked(found):
    return [(draft.order.report_id, draft.order.amount) for draft in found]


def test_all_that_is_traced_and_not_held_is_asked_for():
    now = situation(place({"R0": 5 * LEAST, "R1": 3 * LEAST}), orders=[hold(1, amount=2 * LEAST)])
    assert asked(holds(now)) == [("R0", 3 * LEAST), ("R1", 3 * LEAST)]


def test_a_bank_that_takes_no_part_is_not_asked():
    assert asked(holds(situation(place({"R0": 5 * LEAST}, bank="299")))) == []


def test_sums_that_are_not_worth_an_order_wait():
    assert asked(holds(situation(place({"R0": LEAST - 1})))) == []


def test_what_could_not_be_held_is_not_asked_again_until_the_books_are_told():
    gone = hold(1, amount=5 * LEAST, held=0, state=State.CLOSED)
    assert gone.answers[-1].outcome is Outcome.GONE
    for covered_us, wanted in ((None, []), (NOW - HOUR, []), (NOW, [("R0", 5 * LEAST)])):
        now = situation(place({"R0": 5 * LEAST}, covered_us=covered_us), orders=[gone])
        assert asked(holds(now)) == wanted


def test_what_lapsed_or_was_refused_is_left_to_people():
    for state in (State.EXPIRED, State.REFUSED, State.WITHDRAWN):
        now = situation(place({"R0": 5 * LEAST}), orders=[hold(1, amount=5 * LEAST, state=state)])
        assert asked(holds(now)) == []


def test_what_a_bank_refused_is_not_asked_again_however_it_said_no():
    no = Answered(Outcome.REFUSED, None, "d", NOW, "altyn")
    refused = replace(hold(1, amount=5 * LEAST, state=State.REFUSED), answers=(no,))
    assert asked(holds(situation(place({"R0": 5 * LEAST}), orders=[refused]))) == []
    assert asked(holds(situation(place({"R0": 7 * LEAST}), orders=[refused]))) == [
        ("R0", 2 * LEAST)
    ]


def test_a_bank_that_won_t_hold_longer_still_holds_and_the_next_victim_s_money_is_asked_for():
    no = Answered(Outcome.REFUSED, None, "d", NOW, "altyn")
    first = hold(1, amount=5 * LEAST)
    longer = hold(2, amount=5 * LEAST, state=State.REFUSED, parent_id=first.id, provisional=False)
    spot = place({"R0": 5 * LEAST, "R1": 4 * LEAST})
    orders = [first, replace(longer, answers=(no,))]
    assert asked(holds(situation(spot, orders=orders))) == [("R1", 4 * LEAST)]
    lapsed = [replace(first, state=State.EXPIRED, effect=0), orders[1]]
    assert asked(holds(situation(spot, orders=lapsed))) == [("R1", 4 * LEAST)]


def test_holds_are_asked_for_where_money_is_likeliest_to_leave_first():
    """Half the sum that came a minute ago is more pressing than what has stayed for two days."""
    old = place({"R0": 10 * LEAST}, account="acc_old", last_us=NOW - 48 * HOUR)
    new = place({"R1": 5 * LEAST}, account="acc_new", last_us=NOW - HOUR // 60)
    found = list(holds(situation(old, new)))
    assert [draft.order.account for draft in found] == ["acc_new", "acc_old"]
    reason = found[0].order.reason
    assert (reason["code"], reason["values"]["hop"]) == ("orders.reason.hold_planned", 1)
    assert 0 < reason["values"]["chance"] <= 100


def test_a_hold_leaves_wages_alone_and_takes_no_more_than_the_balance():
    spot = place({"R0": 4 * LEAST, "R1": 4 * LEAST})
    spot.standing = Standing(8 * LEAST, NOW, 2 * LEAST)
    first, second = holds(situation(spot))
    assert (first.order.amount, second.order.amount) == (3 * LEAST, 3 * LEAST)
    assert "hold_beside_wages" in first.order.reason["code"]
    for language in ("kk", "ru", "en"):
        said = sentence(first.order.reason, language)
        assert said
        assert "{" not in said
    spot.standing = Standing(2 * LEAST, NOW, 2 * LEAST)
    assert asked(holds(situation(spot))) == []


def test_a_hold_that_lapses_soon_is_prolonged_by_what_it_holds():
    soon = hold(1, amount=4 * LEAST, held=3 * LEAST, expires_us=NOW + 23 * HOUR)
    (draft,) = holds(situation(place({"R0": 3 * LEAST}), orders=[soon]))
    assert (draft.order.parent_id, draft.order.amount, draft.limit) == ("O1", 3 * LEAST, 3 * LEAST)
    assert not draft.order.provisional
    assert (draft.order.expires_us or 0) > NOW + 23 * HOUR


def untold(*orders, bank="211"):
    """Money that came five hours ago to an account of which nothing is told."""
    spot = place({"R0": 5 * LEAST}, bank=bank, covered_us=None, last_us=NOW - 5 * HOUR)
    return situation(spot, orders=orders)


def question(created_us, state):
    return replace(
        hold(9, state=State.APPROVED), kind=Kind.STATEMENT, created_us=created_us, state=state
    )


def test_what_came_hours_ago_waits_for_the_books_as_long_as_their_answer_may_take():
    whole = [("R0", 5 * LEAST)]
    assert asked(holds(untold())) == []
    assert asked(holds(untold(question(NOW - HOUR // 2, State.SENT)))) == []
    assert asked(holds(untold(question(NOW - 2 * HOUR, State.SENT)))) == whole  # it is overdue
    assert asked(holds(untold(question(NOW - HOUR // 2, State.REFUSED)))) == whole
    assert asked(holds(untold(question(NOW - 6 * HOUR, State.CLOSED)))) == []  # before it came
    assert asked(holds(untold(bank="223"))) == whole  # a bank that streams is never asked


def test_where_many_others_pay_and_beyond_people_decide():
    first = place({"R0": 5 * LEAST}, account="acc_first")
    shop = place({"R0": 5 * LEAST}, account="acc_shop")
    customer = place({"R0": 5 * LEAST}, account="acc_customer")
    shop.hop, customer.hop = 2, 3
    shop.sources, customer.sources = {"acc_first": 5 * LEAST}, {"acc_shop": 5 * LEAST}
    for others, wanted in ((4, 3), (5, 1)):
        first.standing = Standing(None, None, 0, 99)  # victims who have not reported pay it, too
        shop.standing = Standing(None, None, 0, others)
        now = situation(first, shop, customer)
        assert len(list(holds(now))) == wanted
        assert len(now.left) == 3 - wanted
    kept = replace(hold(1, amount=5 * LEAST), account="acc_shop")
    assert list(releases(situation(first, shop, customer, orders=[kept]))) == []  # it lapses


@given(drawn)
def test_holds_never_ask_for_more_than_is_traced(now):
    (spot,) = now.places.values()
    live = sum(now.held(o) for o in now.orders)
    live += sum(o.amount for o in now.orders if o.state in OPEN)
    new = [draft for draft in holds(now) if not draft.order.parent_id]
    assert sum(draft.order.amount for draft in new) <= max(0, spot.units - live)
    for draft in new:
        assert LEAST <= draft.order.amount <= draft.limit == spot.traced[draft.order.report_id]


def test_two_places_share_what_is_left_of_a_claim():
    first, second = (place({"R0": 5 * LEAST}, account=name) for name in ("acc_b", "acc_c"))
    now = situation(first, second, orders=[hold(1, amount=3 * LEAST)])
    now = replace(now, amounts={("R0", "KZT"): 10 * LEAST})
    assert sum(draft.order.amount for draft in holds(now)) == 7 * LEAST


@given(drawn, st.dictionaries(st.sampled_from(["R0", "R1", "R2"]), st.integers(0, 30)))
def test_holds_everywhere_never_take_more_than_was_stolen(now, halves):
    """Whatever the trail shows at one place, what is held of the claim elsewhere counts."""
    amounts = {(claim, "KZT"): n * LEAST // 2 for claim, n in halves.items()}
    now = replace(now, amounts=amounts)
    new = [draft.order for draft in holds(now) if not draft.order.parent_id]
    for (claim, _), stolen in amounts.items():
        mine = [order for order in now.orders if order.report_id == claim]
        kept = sum(now.held(order) for order in mine)
        kept += sum(order.amount for order in mine if order.state in OPEN)
        asked_for = sum(order.amount for order in new if order.report_id == claim)
        assert asked_for <= max(0, stolen - kept)


@given(drawn, st.integers(-5, 30), st.integers(0, 20))
def test_holds_never_ask_for_more_than_the_balance_less_wages(now, balance, wages):
    (spot,) = now.places.values()
    spot.standing = Standing(balance * LEAST // 2, NOW, wages * LEAST // 2)
    new = [draft for draft in holds(now) if not draft.order.parent_id]
    live = sum(now.held(o) for o in now.orders)
    live += sum(o.amount for o in now.orders if o.state in OPEN)
    free = min(spot.units, max(0, spot.standing.balance - spot.standing.spared))
    assert sum(draft.order.amount for draft in new) <= max(0, free - live)
    for draft in new:
        assert draft.order.amount <= draft.limit <= spot.traced[draft.order.report_id]


@given(drawn)
def test_releases_let_go_exactly_what_is_held_above_the_trail(now):
    (spot,) = now.places.values()
    held = sum(now.held(order) for order in now.orders)
    let_go = sum(draft.order.amount for draft in releases(now))
    takes_part = spot.bank in now.banks
    assert let_go == (max(0, held - spot.units) if takes_part else 0)
    for draft in releases(now):
        parent = next(order for order in now.orders if order.id == draft.order.parent_id)
        assert 0 < draft.order.amount <= now.held(parent)


def hurried(*orders, **traced):
    """Places of one claim of ten least sums, as the trail sees them now."""
    spots = [place({"R0": units}, account=f"acc_{name}") for name, units in traced.items()]
    return replace(situation(*spots, orders=orders), amounts={("R0", "KZT"): 10 * LEAST})


def test_unanswered_holds_at_one_account_take_no_more_than_the_trail_sees_there():
    open_ones = [hold(n, amount=u * LEAST, state=State.SENT) for n, u in ((1, 6), (2, 4))]
    left = hurried(*open_ones, a=7 * LEAST, b=3 * LEAST)
    assert asked(holds(left)) == [("R0", 3 * LEAST)]
    caught = replace(hold(1, amount=6 * LEAST), answered_us=NOW - HOUR)
    assert asked(holds(replace(left, orders=[caught, open_ones[1]]))) == [("R0", 3 * LEAST)]


def test_a_hold_answered_late_is_let_go_where_the_claim_is_held_again():
    """Asked while its account still paid on, and answered as if it had not: both are held."""
    first = replace(hold(1, amount=10 * LEAST), answered_us=NOW - HOUR)
    second = replace(hold(2, amount=10 * LEAST), account="acc_b", answered_us=NOW - HOUR // 2)
    now = hurried(first, second, a=0, b=10 * LEAST)
    now.places["acc_a", "KZT"].outflows = [(NOW - HOUR // 2, 10 * LEAST)]
    (draft,) = releases(now)
    assert (draft.order.parent_id, draft.order.amount) == ("O1", 10 * LEAST)
    going = replace(draft.order, id="O3", state=State.SENT)
    assert list(releases(replace(now, orders=[first, second, going]))) == []
    assert list(releases(replace(now, orders=[first]))) == []  # held once: it keeps what it caught


@given(drawn, st.integers(0, 20), st.integers(0, 40))
def test_what_is_held_twice_is_let_go_once(now, outflow, halves):
    """Nothing is let go above a hold; and only what is above the trail or above the claim."""
    (spot,) = now.places.values()
    spot.outflows = [(NOW, outflow * LEAST // 2)]
    bare = sum(draft.order.amount for draft in releases(now))
    let_go = list(releases(replace(now, amounts={("R0", "KZT"): halves * LEAST // 2})))
    of_hold = Counter[str]()
    for draft in let_go:
        of_hold[draft.order.parent_id] += draft.order.amount
    held = {order.id: now.held(order) for order in now.orders}
    assert all(units <= held[number] for number, units in of_hold.items())
    more = sum(of_hold.values()) - bare
    mine = sum(now.held(order) for order in now.orders if order.report_id == "R0")
    assert 0 <= more <= max(0, mine - halves * LEAST // 2)
    assert not more or sum(held.values()) - sum(of_hold.values()) >= spot.units
