"""What can't be told apart is drawn as one, and no unit is lost by it."""

from __future__ import annotations

import pytest
from trail_questions import question

from qalqan.trail.oracle import told_document
from qalqan.web.console.ladder.flow import FOLDED, FOLDED_VICTIMS, Scene, flow
from qalqan.web.console.ladder.folding import MAX_LANES, MAX_VICTIMS, SMALL, folded
from qalqan.web.console.ladder.picture import draw, state_sums


def scene(document, now_us):
    return Scene(frozenset(c["claim"] for c in document["claims"]), now_us)


def ring(trails, payments):
    at = trails.clock
    document = trails.document([("R1", "V001", "4471", 10_000, at("14:02"))], payments)
    return flow(document, scene(document, at("18:00")))


def exits(whole):
    return {(move.payer[-4:], move.exit): move for move in whole.moves if move.exit}


def test_a_fan_of_accounts_too_many_to_draw_is_one_lane(trails):
    at, n = trails.clock, 40
    whole = ring(trails, [("4471", f"{n:04d}", 50 + n, at("14:05")) for n in range(n)])
    shown = folded(whole)
    assert len([lane for lane in shown.lanes.values() if not lane.victim]) == MAX_LANES
    assert shown.lanes[FOLDED].accounts == n + 1 - (MAX_LANES - 1)
    assert state_sums(shown) == state_sums(whole)


def test_a_fan_that_can_be_drawn_stays_as_it_is(trails):
    at = trails.clock
    whole = ring(trails, [("4471", f"{n:04d}", 900, at("14:05")) for n in range(11)])
    assert folded(whole) == whole


def test_accounts_that_got_next_to_nothing_are_one_lane(trails):
    at = trails.clock
    small = [("4471", f"000{n}", 40 + n, at("15:00")) for n in range(4)]
    shown = folded(ring(trails, [("4471", "0926", 9_000, at("14:05")), *small]))
    assert {lane.id[-4:] for lane in shown.lanes.values()} == {"V001", "4471", "0926", FOLDED[-4:]}
    assert shown.lanes[FOLDED].accounts == 4


def test_many_victims_are_few_lanes(trails):
    at = trails.clock
    victims = [(f"R{n}", f"V{n:03d}", "4471", 100 + n, at("14:02")) for n in range(9)]
    document = trails.document(victims, [])
    shown = folded(flow(document, scene(document, at("18:00"))))
    assert len([lane for lane in shown.lanes.values() if lane.victim]) == MAX_VICTIMS
    assert shown.lanes[FOLDED_VICTIMS].accounts == 9 - (MAX_VICTIMS - 1)


def test_small_payments_out_of_sight_are_one_exit(trails):
    at = trails.clock
    whole = ring(trails, [
        ("4471", "cash", 8_000, at("14:10")), ("4471", "fees", 3, at("14:11")),
        ("4471", "spent", 40, at("15:30")), ("4471", "returned", 60, at("16:00")),
    ])  # fmt: skip
    small = exits(folded(whole))["4471", SMALL]
    assert (small.units, small.payments) == (43_00, 2)
    assert (small.since_us, small.key[0]) == (at("14:11"), at("15:30"))
    assert ("4471", "returned") in exits(folded(whole)), "what went back is always told apart"


def test_small_payments_that_are_much_together_keep_their_kinds(trails):
    at = trails.clock
    cash = [("4471", "cash", 90, at("14:10") + n) for n in range(50)]
    shown = exits(folded(ring(trails, [*cash, ("4471", "fees", 5, at("14:12"))])))
    assert shown["4471", "cash"].payments == 50
    assert shown["4471", "fees"].units == 5_00
    assert ("4471", SMALL) not in shown


def test_a_folded_picture_says_so(trails):
    at = trails.clock
    whole = ring(trails, [("4471", "fees", 3, at("14:11")), ("4471", "spent", 4, at("14:30"))])
    svg, notes = draw(whole, Scene(frozenset({"R1"}), at("18:00")), "KZT", "en")
    assert "folded" in notes
    assert "Small sums" in svg
    assert "Fees: 3" in svg.replace("\u00a0", " "), "the description keeps the kinds apart"


@pytest.mark.parametrize("start", range(0, 300, 100))
def test_folding_keeps_what_left_and_what_stays(start):
    for seed in range(start, start + 100, 4):
        asked = question(seed)
        document = told_document(asked.facts, asked.coverages, *asked.rest)
        whole = flow(document, scene(document, asked.as_of_us))
        shown = folded(whole)
        assert sum(state_sums(shown).values()) == whole.stolen
        for state in ("held", "moving", "kept", "returned"):
            assert state_sums(shown)[state] == state_sums(whole)[state]
