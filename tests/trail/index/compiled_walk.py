"""A question of `trail_questions` put to the compiled walk, and what must hold of every answer."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
from trail_questions import Question

from qalqan.trail import document
from qalqan.trail.index.answer import trail_of
from qalqan.trail.index.facts import Listed, listed
from qalqan.trail.index.moves import FROM, HERE, SUM
from qalqan.trail.index.walk import Walked, walk
from qalqan.trail.plan import Stand, Terms, plan

RULES = range(4)


def source_of(asked: Question) -> Listed:
    """What an index tells for a question: one currency, between the look-back and its moment."""
    floor_us = min(root.at_us for root in asked.roots) - asked.policy.lookback_us
    currency = asked.roots[0].currency
    return listed(
        [
            fact
            for fact in asked.facts
            if fact.currency == currency and floor_us <= fact.at_us <= asked.as_of_us
        ],
        [told for told in asked.coverages if told.currency == currency],
    )


def walked(asked: Question) -> Walked:
    """The question followed to its end, in numbers."""
    return walk(source_of(asked), *asked.rest)


def compiled(asked: Question) -> dict[str, Any]:
    """The question's document by the compiled walk."""
    source = source_of(asked)
    found = walk(source, *asked.rest)
    return document(trail_of(found, source, asked.policy, asked.as_of_us, 0))


def violations(found: Walked) -> list[str]:
    """Which of the laws of money an answer breaks; sections 5 to 8 of `docs/reference/trail.md`:

    - of each claim every unit is in exactly one place, under every rule;
    - an account passes on what it received and no more, a payment carries no more than its sum;
    - no hold is above the units there, the claims, or a balance that is told (REQ-44).
    """
    amounts = np.zeros(len(found.claims), np.int64)
    for root in found.roots:
        amounts[found.claims.index(root.claim)] += root.amount
    told = found.found
    tables = (told.legs, told.here, told.received)
    broken = ["negative units"] if any(table[-1].min(initial=0) < 0 for table in tables) else []
    for rule in RULES:
        legs, here, received = (table[:, table[0] == rule] for table in tables)
        laws = (
            *_not_in_one_place(legs, here, amounts),
            *_overdrawn(told.moves, legs, here, received),
            *_held_above(found, here, amounts),
        )
        broken += [f"rule {rule}: {law}" for law in laws]
    return broken


def _not_in_one_place(legs: Any, here: Any, amounts: Any) -> list[str]:
    left = legs[:, legs[2] != HERE]
    placed = _sums(left[3], left[4], amounts) + _sums(here[2], here[3], amounts)
    return [f"{placed} of {amounts}"] if (placed != amounts).any() else []


def _overdrawn(moves: Any, legs: Any, here: Any, received: Any) -> list[str]:
    broken = []
    if (_sums(legs[1], legs[4], moves[SUM]) > moves[SUM]).any():
        broken.append("a payment carries more than its sum")
    books: Counter[tuple[int, int]] = Counter()
    for _, account, claim, n in received.T.tolist():
        books[account, claim] += n
    for _, account, claim, n in here.T.tolist():
        books[account, claim] -= n
    for _, move, _, claim, n in legs.T.tolist():
        books[int(moves[FROM, move]), claim] -= n
    if any(books.values()):
        broken.append("an account passes on other units than it received")
    return broken


def _sums(claims: Any, units: Any, like: Any) -> Any:
    sums = np.zeros_like(like)
    np.add.at(sums, claims, units)
    return sums


def _held_above(found: Walked, here: Any, amounts: Any) -> list[str]:
    """Hold plans over these books, with balances from nothing to more than enough."""
    units: dict[int, dict[str, int]] = {}
    for _, account, claim, n in here.T.tolist():
        units.setdefault(account, {})[found.claims[claim]] = n
    stands = [
        Stand(
            str(account), "B", int(found.hops[account]), 0, of,
            balance=None if account % 3 == 0 else sum(of.values()) * (account % 5) // 3,
            spared=sum(of.values()) // 4 if account % 2 else 0,
        )
        for account, of in units.items()
    ]  # fmt: skip
    at = {stand.account: stand for stand in stands}
    held: Counter[str] = Counter()
    broken = []
    for line in plan(stands, Terms(now_us=1)):
        stand = at[line.account]
        if stand.balance is not None and line.amount > stand.balance - stand.spared:
            broken.append(f"held {line.amount} of {stand}")
        if sum(line.claims.values()) != line.amount:
            broken.append(f"shares of {line}")
        broken += [f"held {n} of {stand}" for c, n in line.claims.items() if n > stand.units[c]]
        held.update(line.claims)
    of = dict(zip(found.claims, amounts.tolist(), strict=True))
    return broken + [f"held {n} of claim {c}" for c, n in held.items() if n > of[c]]
