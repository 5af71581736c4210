"""What stays true of compiled attribution when a question is told otherwise (REQ-39, REQ-44)."""

from __future__ import annotations

from dataclasses import replace
from random import Random
from typing import Any

from compiled_walk import compiled, violations, walked
from trail_questions import Question, question

from qalqan.clock import HOUR, SECOND
from qalqan.trail.oracle import told_document
from qalqan.trail.semantics import Fact

BACK = ("refund", "return")


def units(told: dict[str, Any]) -> dict[str, int]:
    """Account → units that it received by taint-first, over all claims."""
    return {
        node["account"]: sum(node["received"].get("taint_first", {}).values())
        for node in told["nodes"]
    }


def test_a_longer_window_brings_no_account_less() -> None:
    """Of one claim, and without refunds: these undo what a shorter window would have lost."""
    grew = 0
    for seed in range(6_100, 6_400):
        asked = question(seed)
        facts = [
            fact._replace(instrument="transfer") if fact.instrument in BACK else fact
            for fact in asked.facts
        ]
        asked = replace(asked, facts=facts, roots=[replace(r, claim="R") for r in asked.roots])
        before: dict[str, int] = {}
        for window_us in sorted((0, 60 * SECOND, HOUR, asked.policy.window_us)):
            policy = replace(asked.policy, window_us=window_us)
            now = units(compiled(replace(asked, policy=policy)))
            assert all(now[account] >= n for account, n in before.items()), f"graph {seed}"
            grew += bool(before) and now != before
            before = now
    assert grew > 20


def told_twice(asked: Question) -> Question:
    """What one bank told for both sides, told by two: by the payer's under the same id, by the
    payee's under another; a payment to oneself stays as it is."""
    facts: list[Fact] = []
    for number, fact in enumerate(asked.facts):
        if fact.side != "both" or not fact.payer or not fact.payee or fact.payer == fact.payee:
            facts.append(fact)
            continue
        uetr = fact.uetr or f"told-twice-{number}"
        facts.append(fact._replace(side="payer", uetr=uetr))
        facts.append(fact._replace(side="payee", uetr=uetr, id=f"{fact.id}-again"))
    Random(len(facts)).shuffle(facts)
    return replace(asked, facts=facts)


def test_a_payment_that_two_banks_tell_counts_once() -> None:
    twice = 0
    for seed in range(6_700, 6_900):
        asked = question(seed)
        facts = [f._replace(uetr=None, end_to_end_id=None) for f in asked.facts if f.side == "both"]
        roots = [replace(root, uetr=None) for root in asked.roots]
        asked = replace(asked, facts=facts, roots=roots)
        other = told_twice(asked)
        once, again = compiled(asked), compiled(other)
        for part in ("nodes", "parts", "frontier"):
            assert again[part] == once[part], f"graph {seed}"
        twice += len(other.facts) > len(facts) and any(leg["hop"] > 1 for leg in once["legs"])
    assert twice > 50


def test_banks_whose_clocks_differ_are_followed_as_defined() -> None:
    """Each bank's clock is up to half of the time wrong within which sides are joined."""
    for seed in range(6_900, 7_000):
        asked = question(seed)
        random = Random(seed)
        most_us = asked.policy.match_window_us // 2
        wrong_us: dict[str, int] = {}
        facts = []
        for fact in asked.facts:
            bank = (fact.payee_bank if fact.side == "payee" else fact.payer_bank) or ""
            late_us = wrong_us.setdefault(bank, random.randint(-most_us, most_us))
            facts.append(fact._replace(at_us=fact.at_us + late_us))
        asked = replace(asked, facts=facts)
        defined = told_document(asked.facts, asked.coverages, *asked.rest)
        assert compiled(asked) == defined, f"graph {seed}"
        assert violations(walked(asked)) == [], f"graph {seed}"
