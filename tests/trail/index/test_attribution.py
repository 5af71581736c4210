"""Compiled attribution is the definition's, to the unit (REQ-39, REQ-44, REQ-92)."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np
import pytest
from compiled_walk import compiled, violations, walked
from examples import examples
from trail_questions import START_US, Question, answered, question

from qalqan.clock import DAY, HOUR, SECOND
from qalqan.trail import document
from qalqan.trail.index.walk import TooMuchMoney
from qalqan.trail.oracle import told_document
from qalqan.trail.policy import default
from qalqan.trail.semantics import RULES, Fact, Root


def defined(asked: Question) -> dict:
    """The document as the definition writes it."""
    return told_document(asked.facts, asked.coverages, *asked.rest)


@pytest.mark.parametrize("first", range(5_000, 5_600, 100))
def test_drawn_questions_are_answered_as_defined(first: int) -> None:
    for seed in range(first, first + 100):
        asked = question(seed)
        assert compiled(asked) == defined(asked), f"graph {seed}"


def test_a_statement_of_another_bank_does_not_move_an_account() -> None:
    """Payments say where an account is kept; this graph's statement, which lacks a line, says
    otherwise."""
    asked = question(27_271)
    told = compiled(asked)
    assert told == defined(asked) == document(answered(asked))
    assert any(leg["instrument"] == "gap" for leg in told["legs"])


@pytest.mark.parametrize("example", list(examples()), ids=lambda example: str(example.number))
def test_the_page_s_examples(example) -> None:
    told = compiled(example.question)
    assert {rule: example.found(told, rule) for rule in RULES} == example.expected, example.text


def test_sums_near_a_quadrillion_are_shared_to_the_unit() -> None:
    """Products of two sums pass 64 bits by far."""
    for seed in range(5_600, 5_700):
        asked = question(seed)
        odd = Random(seed).choice((10**15 // 61, 10**14 + 7, 999_999_999_989))
        most = max([fact.amount for fact in asked.facts] + [root.amount for root in asked.roots])
        by = max(1, min(odd, 10**15 // most))
        asked = replace(
            asked,
            facts=[fact._replace(amount=fact.amount * by) for fact in asked.facts],
            roots=[replace(root, amount=root.amount * by) for root in asked.roots],
        )
        assert compiled(asked) == defined(asked), f"graph {seed}"


def test_what_64_bits_can_t_hold_is_said() -> None:
    root = Root("s:1", "R", "a", "b", "X", 10**18, "KZT", START_US)
    facts = [
        Fact(f"s:{i}", START_US + i, "both", "b", "X", f"c{i}", "X", 10**18, "transfer")
        for i in range(2, 5)
    ]
    asked = Question(facts, [], [root], default(), START_US + DAY, frozenset({"X"}))
    with pytest.raises(TooMuchMoney):
        compiled(asked)


@pytest.mark.parametrize("first", range(5_700, 6_000, 100))
def test_no_law_of_money_is_broken(first: int) -> None:
    for seed in range(first, first + 100):
        assert violations(walked(question(seed))) == [], f"graph {seed}"


def test_the_laws_see_a_unit_that_is_lost() -> None:
    """Else the test above, and a million cases of the long run, would prove nothing."""
    found = walked(question(5_703))
    assert violations(found) == []
    told = found.found
    here = told.here.copy()
    assert here.shape[1], "a graph whose money stays somewhere is needed"
    here[3, 0] -= 1
    assert violations(replace(found, found=told._replace(here=here)))


def test_the_order_in_which_facts_are_told_changes_nothing() -> None:
    for seed in range(6_000, 6_060):
        asked = question(seed)
        facts = list(asked.facts)
        Random(seed).shuffle(facts)
        other = replace(
            asked, facts=facts, coverages=asked.coverages[::-1], roots=asked.roots[::-1]
        )
        assert compiled(other) == compiled(asked), f"graph {seed}"


def crowd(n: int, claims: int, apart_us: int) -> Question:
    """Payments of many accounts through one: `claims` victims pay a hub, which takes n payments of
    strangers meanwhile, and pays n others."""
    roots = [
        Root(f"s:r{i:06}", f"R{i:04}", f"v{i}", "hub", "X", 997 + i, "KZT", START_US + i * apart_us)
        for i in range(claims)
    ]
    facts = [
        Fact(root.id, root.at_us, "both", root.payer, "X", "hub", "X", root.amount, "transfer")
        for root in roots
    ]
    facts += [
        Fact(f"s:i{i:06}", START_US + i * apart_us, "both", f"p{i}", "X", "hub", "X", 50 + i % 7,
             "transfer")
        for i in range(n)
    ]  # fmt: skip
    facts += [
        Fact(f"s:o{i:06}", START_US + HOUR + i * apart_us, "both", "hub", "X", f"q{i % 97}", "X",
             40 + i % 5, "transfer")
        for i in range(n)
    ]  # fmt: skip
    policy = replace(default(), min_share_ppm=1_000)
    return Question(facts, [], roots, policy, START_US + DAY, frozenset({"X"}))


@pytest.mark.parametrize("claims", [1, 3, 40])
@pytest.mark.parametrize("apart_us", [0, SECOND])
def test_a_hub_is_shared_as_defined(claims: int, apart_us: int) -> None:
    asked = crowd(120, claims, apart_us)
    assert compiled(asked) == defined(asked)


def test_payments_to_oneself_and_a_ring_at_one_instant() -> None:
    names = [f"c{i}" for i in range(12)]
    ring = [
        Fact(f"s:{i:03}", START_US + SECOND, "both", a, "X", b, "X", 100 + i, "transfer")
        for i, (a, b) in enumerate(zip(names, names[1:] + names[:1], strict=True))
    ]
    own = [
        Fact(f"s:o{i}", START_US + SECOND * i, "both", a, "X", a, "X", 77, "transfer")
        for i, a in enumerate(names)
    ]
    root = Root("s:r", "R", "v", "c0", "X", 1_001, "KZT", START_US)
    paid = Fact("s:r", START_US, "both", "v", "X", "c0", "X", 1_001, "transfer")
    asked = Question(
        [paid, *ring, *own], [], [root], default(), START_US + DAY, frozenset({"X"})
    )  # fmt: skip
    assert compiled(asked) == defined(asked)
    assert violations(walked(asked)) == []


def test_a_crowded_hub_breaks_no_law() -> None:
    """Twenty thousand payments at one instant through one account, two hundred victims."""
    found = walked(crowd(20_000, 200, 0))
    assert violations(found) == []
    assert found.found.moves.shape[1] > 20_000
    assert np.unique(found.found.legs[3]).size == 200
