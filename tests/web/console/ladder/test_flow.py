"""What the ladder draws are the trail's sums, whatever the graph."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from trail_questions import question

from qalqan.errors import ContractBroken
from qalqan.trail.oracle import told_document
from qalqan.web.console.ladder.flow import Saved, Scene, flow
from qalqan.web.console.ladder.picture import draw, state_sums, trace

GRAPHS = range(0, 300, 3)
NAMES = {"here": "moving"}


def scene(document, now_us, rule="taint_first", **more):
    return Scene(frozenset(c["claim"] for c in document["claims"]), now_us, rule=rule, **more)


@pytest.mark.parametrize("start", range(0, 300, 60))
def test_a_picture_shows_the_parts_of_the_trail_to_the_unit(start):
    for seed in range(start, start + 60, 3):
        asked = question(seed)
        document = told_document(asked.facts, asked.coverages, *asked.rest)
        for rule in document["rules"]:
            for claim in {c["claim"] for c in document["claims"]}:
                drawn = replace(scene(document, asked.as_of_us, rule), claims=frozenset({claim}))
                whole = flow(document, drawn)
                parts = Counter(document["parts"][rule][claim])
                told = Counter({NAMES.get(name, name): units for name, units in parts.items()})
                assert state_sums(whole) == +told, (seed, rule, claim)
                assert draw(whole, drawn, "KZT", "kk")[0].startswith("<svg")


def test_held_units_are_taken_out_of_what_is_there(trails):
    at, drop = trails.clock, trails.account("4471")
    document = trails.document(
        [("R1", "V001", "4471", 1000, at("14:02"))], [("4471", "cash", 300, at("14:20"))]
    )
    saved = {drop: Saved(500_00, at("14:50"))}
    whole = flow(document, scene(document, at("14:54"), saved=saved))
    assert state_sums(whole) == {"cash": 300_00, "held": 500_00, "moving": 200_00}
    more = {drop: Saved(900_00, at("14:50"))}
    whole = flow(document, scene(document, at("14:54"), saved=more))
    assert state_sums(whole) == {"cash": 300_00, "held": 700_00}


def test_units_of_other_claims_stay_out(trails):
    at = trails.clock
    document = trails.document(
        [("R1", "V001", "4471", 1000, at("14:02")), ("R2", "V002", "4471", 70, at("14:03"))], []
    )
    mine = Scene(frozenset({"R2"}), at("14:54"))
    assert flow(document, mine).stolen == 70_00
    assert trace(document, replace(mine, claims=frozenset({"R9"}))) is None


def test_within_one_instant_money_goes_on_only_after_it_came(trails):
    """A whole chain and a round trip booked at one second, as day-long banks do."""
    at, day = trails.clock, trails.clock("00:00")
    document = trails.document(
        [("R1", "V001", "0001", 1000, day)],
        [("0001", "0002", 900, day), ("0002", "0003", 800, day), ("0003", "0004", 700, day),
         ("0004", "0003", 100, at("01:00")), ("0004", "cash", 500, at("01:00"))],
    )  # fmt: skip
    whole = flow(document, scene(document, at("02:00")))
    keys = {(move.payer[-4:], (move.payee or "cash")[-4:]): move.key for move in whole.moves}
    assert keys["0001", "0002"] < keys["0002", "0003"] < keys["0003", "0004"]
    draw(whole, scene(document, at("02:00")), "KZT", "en")


def test_a_document_that_contradicts_itself_is_refused(trails):
    at = trails.clock
    document = trails.document(
        [("R1", "V001", "4471", 100, at("14:02"))], [("4471", "0926", 900, at("14:05"))]
    )
    with pytest.raises(ContractBroken, match="more than it received"):
        flow(document, scene(document, at("14:54")))
