"""The exercise in following money: as it unfolds, from what was done (REQ-95)."""

from __future__ import annotations

from qalqan.simulate.training.drawn import case_of, still_at_banks
from qalqan.simulate.training.follow import Act, Follow, acts_of, step_us

SEED = 1
CASE = case_of(SEED)
FIRST = CASE.world.stages[CASE.claim.stage].account


def at(step: int, *acts: Act) -> Follow:
    return Follow(CASE, acts, step_us(CASE, step))


def test_nothing_is_known_before_banks_tell() -> None:
    begun = at(0)
    assert begun.document() is None
    assert begun.accounts() == [FIRST]
    asked = at(2, Act(0, "confirm"))
    assert [event.what for event in asked.tried.events] == ["asked", "confirmed"]
    assert asked.traced() == {FIRST: CASE.claim.amount}


def test_a_statement_moves_the_trail_on() -> None:
    told = at(4, Act(0, "confirm"), Act(1, "statement", FIRST))
    assert len(told.accounts()) > 1
    assert sum(told.traced().values()) <= CASE.claim.amount
    document = told.document()
    assert document is not None
    assert {node["hop"] for node in document["nodes"]} >= {1, 2}


def test_an_order_without_a_confirmed_payment_does_not_go_out() -> None:
    tried = at(3, Act(0, "hold", FIRST, 100)).tried
    assert tried.faults == [(0, "unconfirmed")]
    assert [event.what for event in tried.events] == ["refused"]


def test_what_is_above_the_traced_sum_or_a_whole_account_is_a_fault() -> None:
    confirm = Act(0, "confirm")
    assert at(3, confirm, Act(1, "hold", FIRST, CASE.claim.amount)).tried.faults == []
    more = at(3, confirm, Act(1, "hold", FIRST, CASE.claim.amount + 1))
    assert more.tried.faults == [(1, "above_traced")]
    twice = [Act(1, "hold", FIRST, CASE.claim.amount)] * 2
    assert at(3, confirm, *twice).tried.faults == [(1, "above_traced")]
    assert at(3, confirm, Act(1, "hold", FIRST)).tried.faults == [(1, "whole_account")]
    weak = Act(1, "hold", FIRST, 100, "score")
    assert at(3, confirm, weak).tried.faults == [(1, "no_ground")]


def test_a_hold_holds_what_is_free_and_a_release_lets_it_go() -> None:
    acts = Act(0, "confirm"), Act(1, "hold", FIRST, 10_000), Act(4, "release", FIRST, 4_000)
    held = Follow(CASE, acts, step_us(CASE, 4))
    assert held.held[FIRST] == 10_000
    assert Follow(CASE, acts, step_us(CASE, 9)).held[FIRST] == 6_000


def test_it_is_the_same_again_and_never_before_its_time() -> None:
    acts = acts_of([[0, "confirm"], [1, "statement", FIRST, None, "confirmed"]])
    first, again = at(5, *acts), at(5, *acts)
    assert (first.tried.events, first.document()) == (again.tried.events, again.document())
    assert all(event.at_us <= step_us(CASE, 5) for event in first.tried.events)
    assert first.tried.at_banks[0] == still_at_banks(CASE.world, CASE.reported_us)
