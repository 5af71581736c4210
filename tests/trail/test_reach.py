"""Reach forward and back over the lake, and narrowed, is what the definition says."""

from __future__ import annotations

from typing import Any

import pytest
from reach_questions import narrowed, sought

from qalqan.trail.lake_walk import whole_origins, whole_reach
from qalqan.trail.oracle_reach import told_origins, told_whole_reach
from qalqan.trail.policy import default
from qalqan.trail.semantics import Fact, Match, Root, Sought, TrailPolicy

HOUR = 3_600_000_000


def test_narrowed_reach_equals_the_oracle(trail_lake: Any) -> None:
    for seed, asked in enumerate(trail_lake.questions[60:85]):
        roots, _, as_of_us, homes = asked.rest
        policy = narrowed(asked, seed)
        found = whole_reach(trail_lake.engine, roots, policy, as_of_us, None, homes)
        told = told_whole_reach(asked.facts, roots, policy, as_of_us, homes)
        assert (found.hops, found.stopped) == told, f"graph {seed}"


def test_origins_equal_the_oracle(trail_lake: Any) -> None:
    for seed, asked in enumerate(trail_lake.questions[110:135]):
        policy, sums = narrowed(asked, seed), sought(asked, seed)
        found = whole_origins(trail_lake.engine, sums, policy, None, asked.home_banks)
        told = told_origins(asked.facts, sums, policy, asked.home_banks)
        assert (found.hops, found.stopped) == told, f"graph {seed}"


def test_origins_of_two_currencies_are_two_questions(trail_lake: Any) -> None:
    sums = [Sought("a", 1, 1), Sought("a", 1, 1, "USD")]
    with pytest.raises(ValueError, match="one currency"):
        whole_origins(trail_lake.engine, sums, default())


def paid(id: str, at_h: int, payer: str, payee: str, amount: int) -> Fact:
    return Fact(id, at_h * HOUR, "both", payer, "B", payee, "B", amount, "transfer")


FACTS = [
    paid("in", 1, "victim", "drop", 100),
    paid("like", 2, "drop", "second", 98),
    paid("unlike", 2, "drop", "shop", 10),
    paid("late", 90, "drop", "third", 99),
    paid("on", 3, "second", "exchange", 98),
    paid("out", 4, "exchange", "stranger", 98),
]
ROOT = Root("in", "R", "victim", "drop", "B", 100, "KZT", HOUR)


def reach(**bounds: Any) -> tuple[dict[str, int], set[str]]:
    policy = TrailPolicy(**{**vars(default()), "min_share_ppm": 0, **bounds})
    return told_whole_reach(FACTS, [ROOT], policy, 200 * HOUR)


def test_reach_does_not_go_through_a_stop() -> None:
    hops, stopped = reach(stops=frozenset({"exchange"}))
    assert hops == {"like": 2, "unlike": 2, "on": 3}
    assert stopped == {"exchange"}


def test_reach_does_not_go_through_a_hub() -> None:
    assert reach(hub_payments=1) == ({}, {"drop"})
    assert reach(hub_payments=2) == ({"like": 2, "unlike": 2, "on": 3, "out": 4}, set())


def test_reach_follows_only_what_is_like_the_arrival() -> None:
    hops, _ = reach(match=Match(850_000, 1_005_000, 24 * HOUR))
    assert hops == {"like": 2, "on": 3, "out": 4}


def test_money_came_from_where_it_went() -> None:
    policy = TrailPolicy(**{**vars(default()), "min_share_ppm": 0})
    hops, stopped = told_origins(FACTS, [Sought("stranger", 5 * HOUR, 98)], policy)
    assert hops == {"out": 1, "on": 2, "like": 3, "in": 4}
    assert not stopped
