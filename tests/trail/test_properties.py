"""What holds for every trail, whatever happened: section 5 to 8 of the definition."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from random import Random

import pytest
from trail_questions import answered, question

from qalqan.trail import document
from qalqan.trail.holds import ranges, share_return
from qalqan.trail.oracle_reach import told_reach
from qalqan.trail.semantics import PARTS, RULES

each = pytest.mark.parametrize("seed", range(1000, 1080))


@each
def test_every_unit_is_in_exactly_one_place(seed: int) -> None:
    asked = question(seed)
    amounts: Counter[str] = Counter()
    for root in asked.roots:
        amounts[root.claim] += root.amount
    told = document(answered(asked))
    for rule in RULES:
        parts = told["parts"][rule]
        assert {claim: sum(of.values()) for claim, of in parts.items()} == amounts
        assert all(units >= 0 for of in parts.values() for units in of.values())
        assert set(PARTS) == set(next(iter(parts.values())))


@each
def test_an_account_passes_on_what_it_received_and_no_more(seed: int) -> None:
    told = document(answered(question(seed)))
    for rule in RULES:
        left: defaultdict[str, Counter[str]] = defaultdict(Counter)
        carried: Counter[str] = Counter()
        amounts = {}
        for leg in told["legs"]:
            units = leg["units"].get(rule, {})
            left[leg["payer"]].update(units)
            carried[leg["id"]] += sum(units.values())
            amounts[leg["id"]] = leg["amount"]
        assert all(units <= amounts[id] for id, units in carried.items())
        for node in told["nodes"]:
            here = Counter(node["received"].get(rule, {}))
            here.subtract(left[node["account"]])
            assert +here == Counter(node["here"].get(rule, {}))
            assert min(here.values(), default=0) >= 0


@each
def test_the_order_in_which_facts_are_told_changes_nothing(seed: int) -> None:
    asked = question(seed)
    facts, coverages = list(asked.facts), list(asked.coverages)
    Random(seed).shuffle(facts)
    Random(seed).shuffle(coverages)
    other = replace(asked, facts=facts, coverages=coverages, roots=asked.roots[::-1])
    assert document(answered(other)) == document(answered(asked))


@each
def test_a_wider_policy_never_reaches_less(seed: int) -> None:
    asked = question(seed)
    roots, policy, as_of_us, homes = asked.rest
    reached = told_reach(asked.facts, roots, policy, as_of_us, homes)
    for wider in (
        replace(policy, window_us=policy.window_us * 2 + 1_000_000),
        replace(policy, max_hops=policy.max_hops + 2),
        replace(policy, min_share_ppm=policy.min_share_ppm // 2),
    ):
        assert told_reach(asked.facts, roots, wider, as_of_us, homes).keys() >= reached.keys()


@each
def test_holds_and_returns_stay_within_the_claims(seed: int) -> None:
    asked = question(seed)
    told = document(answered(asked))
    for rule in RULES:
        for node in told["nodes"]:
            claims, received = node["here"].get(rule, {}), node["received"].get(rule, {})
            assert all(units <= received[claim] for claim, units in claims.items())
            whole = sum(claims.values())
            for held in (0, 1, whole // 2, whole, whole + 1):
                shared = share_return(held, claims)
                assert sum(shared.values()) == min(held, whole)
                assert all(shared[claim] <= units for claim, units in claims.items())
    for claim in {root.claim for root in asked.roots}:
        assert all(least <= most for least, most in ranges(told, claim).values())
