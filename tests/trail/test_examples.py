"""The page of the trail says what happens: by the oracle, and by the walk over a lake."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from examples import Example, examples
from trail_questions import write_lake

from qalqan.lake.engine import DuckEngine
from qalqan.trail import document, follow
from qalqan.trail.oracle import told_document
from qalqan.trail.semantics import RULES

EXAMPLES = list(examples())
each = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: str(example.number))


@pytest.fixture(scope="module")
def engine(
    tmp_path_factory: pytest.TempPathFactory, make_facts: Callable[..., Any]
) -> Iterator[DuckEngine]:
    root = str(tmp_path_factory.mktemp("examples"))
    write_lake(root, [example.question for example in EXAMPLES], make_facts)
    engine = DuckEngine(root)
    yield engine
    engine.close()


def test_the_page_has_its_examples() -> None:
    assert len(EXAMPLES) >= 6
    assert all(set(example.expected) == set(RULES) for example in EXAMPLES)


@each
def test_the_oracle_says_what_the_page_says(example: Example) -> None:
    asked = example.question
    told = told_document(asked.facts, asked.coverages, *asked.rest)
    assert {rule: example.found(told, rule) for rule in RULES} == example.expected, example.text


@each
def test_the_walk_says_what_the_page_says(example: Example, engine: DuckEngine) -> None:
    roots, policy, as_of_us, homes = example.question.rest
    walked = document(follow(engine, roots, policy, as_of_us, home_banks=homes))
    assert {rule: example.found(walked, rule) for rule in RULES} == example.expected, example.text
