"""Reach over the index, forward and back, is what the definition says: joined or read in place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from index_rows import write
from reach_questions import narrowed, sought
from trail_questions import Question, question

from qalqan.trail.index.reach import origins, reach
from qalqan.trail.index.store import Index
from qalqan.trail.lake_walk import bounds_of
from qalqan.trail.oracle_reach import told_origins, told_whole_reach
from qalqan.trail.semantics import TrailPolicy

SEEDS = [*range(5_000, 5_150), 12_055]
"""In the last one the root's payee is a listed stop that no payment of the currency names."""
TURNS = 9


def whole(asked: Question) -> Question:
    """The same with one bank telling both sides of each payment."""
    return replace(asked, facts=[fact._replace(side="both") for fact in asked.facts])


@pytest.fixture(scope="module", params=["joined", "in place"])
def asked_of(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[list[Question], Index]:
    questions = [question(seed) for seed in SEEDS]
    if request.param == "in place":
        questions = [whole(asked) for asked in questions]
    folder: Path = tmp_path_factory.mktemp("reach")
    write(folder, [fact for asked in questions for fact in asked.facts], turns=TURNS)
    index = Index(folder)
    assert index.pool("KZT").one_sided == (request.param == "joined")
    return questions, index


def policies(asked: Question, seed: int) -> tuple[TrailPolicy, ...]:
    return asked.policy, narrowed(asked, seed), narrowed(asked, seed + 999)


def test_reach_equals_the_oracle(asked_of: tuple[list[Question], Index]) -> None:
    questions, index = asked_of
    for seed, asked in zip(SEEDS, questions, strict=True):
        roots, _, as_of_us, homes = asked.rest
        for policy in policies(asked, seed):
            floor_us = min(root.at_us for root in roots) - policy.lookback_us
            view = index.view("KZT", floor_us, as_of_us, TURNS)
            found = reach(view, roots, policy, homes)
            told = told_whole_reach(asked.facts, roots, policy, as_of_us, homes)
            assert (found.hops, found.stopped) == told, f"graph {seed}"


def test_origins_equal_the_oracle(asked_of: tuple[list[Question], Index]) -> None:
    questions, index = asked_of
    for seed, asked in zip(SEEDS, questions, strict=True):
        sums = sought(asked, seed)
        for policy in policies(asked, seed):
            _, floor_us, last_us = bounds_of(sums, policy)
            view = index.view("KZT", floor_us, last_us, TURNS)
            found = origins(view, sums, policy, asked.home_banks)
            told = told_origins(asked.facts, sums, policy, asked.home_banks)
            assert (found.hops, found.stopped) == told, f"graph {seed}"
