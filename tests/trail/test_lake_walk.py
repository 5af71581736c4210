"""The walk over the lake gives what the definition says, on both engines."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from qalqan.trail import document, follow, reach
from qalqan.trail.oracle import told_document
from qalqan.trail.oracle_reach import told_reach


def walked(engine: Any, asked: Any, up_to_seal: int | None = None) -> dict[str, Any]:
    roots, policy, as_of_us, home_banks = asked.rest
    return document(follow(engine, roots, policy, as_of_us, up_to_seal, home_banks))


def told(asked: Any) -> dict[str, Any]:
    return told_document(asked.facts, asked.coverages, *asked.rest)


@pytest.mark.long
def test_duckdb_walk_equals_the_oracle(trail_lake: Any) -> None:
    """Every third graph: `soak/trail.py` walks thousands."""
    for seed, asked in list(enumerate(trail_lake.questions))[::3]:
        assert {**walked(trail_lake.engine, asked), "seal": 0} == told(asked), f"graph {seed}"


def test_duckdb_reach_equals_the_oracle(trail_lake: Any) -> None:
    for seed, asked in enumerate(trail_lake.questions[:25]):
        roots, policy, as_of_us, home_banks = asked.rest
        found = reach(trail_lake.engine, roots, policy, as_of_us, None, home_banks)
        assert found == told_reach(asked.facts, *asked.rest), f"graph {seed}"


@pytest.mark.parametrize(
    "seed", [8, *(pytest.param(seed, marks=pytest.mark.long) for seed in (21, 84, 133, 270))]
)
def test_spark_walk_equals_the_oracle(
    seed: int, trail_lake: Any, spark: Callable[[str], Any]
) -> None:
    asked = trail_lake.questions[seed]
    assert {**walked(spark(trail_lake.root), asked), "seal": 0} == told(asked)


def test_questions_asked_together_or_alone_give_the_same(trail_lake: Any) -> None:
    """Graphs that share no account do not touch each other, whoever asks."""
    together = trail_lake.questions[:12]
    policy, as_of_us = together[0].policy, max(asked.as_of_us for asked in together)
    floor = min(root.at_us for asked in together for root in asked.roots)
    roots = [root for asked in together for root in asked.roots]
    homes = frozenset(bank for asked in together for bank in asked.home_banks)
    trail = follow(trail_lake.engine, roots, policy, as_of_us, None, homes)
    for asked in together:
        first = min(root.at_us for root in asked.roots)
        alone = replace(policy, lookback_us=policy.lookback_us + first - floor)
        one = follow(trail_lake.engine, asked.roots, alone, as_of_us, None, homes)
        claims = {root.claim for root in asked.roots}
        assert document(trail, claims)["parts"] == document(one)["parts"]


def test_roots_of_two_currencies_are_two_questions(trail_lake: Any) -> None:
    root = trail_lake.questions[0].roots[0]
    with pytest.raises(ValueError, match="one currency"):
        follow(
            trail_lake.engine,
            [root, replace(root, currency="USD")],
            trail_lake.questions[0].policy,
            root.at_us,
        )


def test_what_was_sealed_later_is_not_known_yet(trail_lake: Any) -> None:
    asked = next(q for q in trail_lake.questions if len(told(q)["legs"]) > 3)
    assert walked(trail_lake.engine, asked)["seal"] == 8
    before = walked(trail_lake.engine, asked, up_to_seal=7)
    assert before == told_document(asked.facts, [], *asked.rest, seal=7)
    assert walked(trail_lake.engine, asked, up_to_seal=6)["legs"] == []
