"""Held money goes back to its victims, to the unit and never twice (REQ-15, 44)."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given

from cases.situations import CLAIMS, LEAST, NOW, drawn, hold, place, situation
from qalqan.cases.returns import overtaken, returns
from qalqan.cases.situation import OPEN
from qalqan.clock import HOUR
from qalqan.model.order import Approval, Kind, State


def back(number, state, amount, claim="R0", parent="O1"):
    order = replace(hold(number, claim, amount, State.DRAFTED), kind=Kind.RETURN, parent_id=parent)
    return replace(order, state=state, provisional=False, expires_us=None)


def said_no(order):
    return replace(order, approvals=(Approval("asel", "supervisor", False, NOW),))


def drafted(now):
    return [(d.order.report_id, d.order.parent_id, d.order.amount) for d in returns(now)]


def test_a_victim_gets_what_is_held_for_the_claim():
    now = situation(place({"R0": 5 * LEAST}), orders=[hold(1, amount=4 * LEAST)])
    (draft,) = returns(now)
    assert (draft.order.amount, draft.limit) == (4 * LEAST, 4 * LEAST)
    assert draft.order.beneficiary == CLAIMS["R0"].payer_account
    assert draft.order.parent_id == "O1"


def test_victims_share_in_proportion_whosever_hold_it_is():
    spot = place({"R0": 2 * LEAST, "R1": 6 * LEAST})
    now = situation(spot, orders=[hold(1, "R0", 4 * LEAST)])
    assert drafted(now) == [("R0", "O1", LEAST), ("R1", "O1", 3 * LEAST)]


def test_nothing_goes_back_while_anything_is_open_or_untold():
    holding = hold(1, amount=4 * LEAST)
    for spot, orders in (
        (place({"R0": 5 * LEAST}, covered_us=None), [holding]),
        (place({"R0": 5 * LEAST}, covered_us=NOW - HOUR), [holding]),
        (place({"R0": 5 * LEAST}), [holding, hold(2, state=State.SENT)]),
        (place({"R0": 5 * LEAST}, bank="299"), [holding]),
        (place({"R0": 5 * LEAST}), [back(2, State.SENT, 4 * LEAST), holding]),
        (place({"R0": 5 * LEAST}), [said_no(back(2, State.WITHDRAWN, 4 * LEAST)), holding]),
        (place({"R0": 5 * LEAST}), [back(2, State.REFUSED, 4 * LEAST), holding]),
    ):
        assert drafted(situation(spot, orders=orders)) == []


def test_what_the_machine_took_back_is_drafted_anew_and_only_what_is_left():
    holding = hold(1, amount=4 * LEAST)
    draft = back(2, State.DRAFTED, 4 * LEAST)
    less = place({"R0": 3 * LEAST})
    assert list(overtaken(situation(place({"R0": 4 * LEAST}), orders=[draft, holding]))) == []
    assert list(overtaken(situation(less, orders=[draft, holding]))) == [draft]
    assert list(overtaken(situation(orders=[draft, holding]))) == [draft]
    taken_back = replace(draft, state=State.WITHDRAWN)
    again = situation(less, orders=[taken_back, holding])
    assert drafted(again) == [("R0", "O1", 3 * LEAST)]


def test_an_open_case_of_another_victim_keeps_nobody_waiting():
    spot = place({"R0": 4 * LEAST, "R1": 4 * LEAST})
    now = situation(spot, orders=[hold(1, amount=8 * LEAST), hold(2, "R1", state=State.SENT)])
    assert drafted(now) == [("R0", "O1", 4 * LEAST)]


def test_a_victim_gets_no_more_back_than_was_stolen_wherever_it_is_held():
    """A bank paid while the trail moved on to another account, where it is held as well."""
    spots = [place({"R0": 10 * LEAST}, account=name) for name in ("acc_a", "acc_b")]
    holding = [hold(1, amount=10 * LEAST)]
    paid = replace(back(2, State.CLOSED, 4 * LEAST), account="acc_c", effect=4 * LEAST)
    under_way = replace(back(3, State.SENT, 3 * LEAST), account="acc_c")
    holding.append(replace(hold(4, amount=10 * LEAST), account="acc_b"))
    stolen = {("R0", "KZT"): 10 * LEAST}
    for before, wanted in (([], 10), ([paid], 6), ([paid, under_way], 3), ([paid] * 3, 0)):
        now = replace(situation(*spots, orders=[*holding, *before]), amounts=stolen)
        assert sum(units for *_, units in drafted(now)) == wanted * LEAST


@given(drawn)
def test_returns_never_pay_more_than_is_held_or_traced(now):
    (spot,) = now.places.values()
    held = {order.id: now.held(order) for order in now.orders}
    paid = [(d.order.report_id, d.order.parent_id, d.order.amount) for d in returns(now)]
    for parent, holds in held.items():
        assert sum(amount for _, of, amount in paid if of == parent) <= holds
    for claim, units in spot.traced.items():
        assert sum(amount for of, _, amount in paid if of == claim) <= units
    settled = {CLAIMS[claim].case for claim, *_ in paid}
    assert not [o for o in now.orders if o.case_id in settled and o.state in OPEN]
