"""Narrower policies, and sums whose origin is asked, for the random questions."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from trail_questions import Question

from qalqan.trail.semantics import Match, Sought, TrailPolicy


def narrowed(asked: Question, seed: int) -> TrailPolicy:
    """The question's policy with any of what may narrow reach."""
    random = Random(seed)
    accounts = sorted({a for f in asked.facts for a in (f.payer, f.payee) if a})
    unit = asked.policy.window_us // 10 + 1
    return replace(
        asked.policy,
        stops=frozenset(random.sample(accounts, min(len(accounts), random.choice((0, 0, 1, 2))))),
        hub_payments=random.choice((0, 0, 1, 2, 5)),
        match=random.choice(
            (None, Match(850_000, 1_005_000, unit), Match(1, 10**6, 9 * unit), Match(10**6, 10**9))
        ),
    )


def sought(asked: Question, seed: int) -> list[Sought]:
    """One to three sums at accounts of the question."""
    random = Random(seed)
    accounts = sorted({a for f in asked.facts for a in (f.payer, f.payee) if a})
    accounts = accounts or [asked.roots[0].payee]
    return [
        Sought(random.choice(accounts), asked.as_of_us - random.choice((0, 0, 10**6)), n)
        for n in random.choices((1, 20, 60, 10**14), k=random.choice((1, 1, 2, 3)))
    ]
