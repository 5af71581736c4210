"""Stands that are taken from a compiled walk are those of its document."""

from __future__ import annotations

import pytest
from compiled_walk import compiled, source_of
from trail_questions import question

from qalqan.trail.index.stands import stands
from qalqan.trail.index.walk import walk
from qalqan.trail.semantics import RULES


@pytest.mark.parametrize("rule", RULES)
def test_stands_are_the_nodes_where_units_sit(rule: str) -> None:
    sitting = 0
    for seed in range(6_000, 6_060):
        asked = question(seed)
        source = source_of(asked)
        found = stands(walk(source, *asked.rest), source, rule, asked.as_of_us)
        nodes = {n["account"]: n for n in compiled(asked)["nodes"] if n["here"].get(rule)}
        assert {one.account for one in found} == nodes.keys(), f"graph {seed}"
        for one in found:
            node = nodes[one.account]
            told = node["bank"], node["hop"], node["here"][rule], node["covered_to_us"]
            assert (one.bank, one.hop, one.units, one.seen_us) == told, f"graph {seed}"
            assert one.arrived_us >= node["first_us"]
        sitting += len(found)
    assert sitting > 60
