"""Whom the money was attributed to, step by step; section 5 of `docs/reference/trail.md`.

Pure: where facts come from is the caller's business (REQ-39).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from qalqan.trail.attribution import Attributed, attribute, bounds_of
from qalqan.trail.exits import gaps
from qalqan.trail.semantics import RULES, Coverage, Fact, Root, TrailPolicy, Transfer
from qalqan.trail.timeline import timeline
from qalqan.trail.transfers import joined, roots_among


@dataclass(frozen=True)
class Known:
    """All that is known of the followed accounts."""

    facts: Iterable[Fact]
    coverages: Sequence[Coverage]


@dataclass(frozen=True)
class Step:
    """One round of following: payments that were joined, and where units went."""

    payments: Mapping[str, Transfer]
    rules: Mapping[str, Attributed]


def step(
    known: Known,
    roots: Sequence[Root],
    policy: TrailPolicy,
    followed: Iterable[str],
    home_banks: frozenset[str],
) -> Step:
    """Settle all that is known of the followed accounts under every rule."""
    accounts = frozenset(followed)
    floor_us = min(root.at_us for root in roots) - policy.lookback_us
    transfers = joined(known.facts, policy.match_window_us)
    are_roots = roots_among(transfers, roots, policy.match_window_us)
    mine = [c for c in known.coverages if c.account in accounts]
    payments = transfers + gaps(transfers, mine, floor_us)
    order = timeline(payments, roots, are_roots)
    bounds = bounds_of(roots, accounts, mine, floor_us, policy.window_us, home_banks)
    answers = {rule: attribute(rule, order, bounds) for rule in RULES}
    return Step({x.id: x for x in payments}, answers)


def joining(
    rules: Mapping[str, Attributed],
    hops: Mapping[str, int],
    roots: Iterable[Root],
    policy: TrailPolicy,
) -> dict[str, int]:
    """Accounts that are worth following and near enough, with their hops."""
    amounts: defaultdict[str, int] = defaultdict(int)
    for root in roots:
        amounts[root.claim] += root.amount
    hop_of: dict[str, int] = {}
    enough: set[str] = set()
    for answer in rules.values():
        paid: defaultdict[tuple[str, str], int] = defaultdict(int)
        for (payer, payee), units in answer.offers.items():
            hop_of[payee] = min(hop_of.get(payee, hops[payer] + 1), hops[payer] + 1)
            for claim, n in units.items():
                paid[payee, claim] += n
        for (payee, claim), n in paid.items():
            if n * 1_000_000 >= policy.min_share_ppm * amounts[claim]:
                enough.add(payee)
    return {a: hop for a, hop in hop_of.items() if a in enough and hop <= policy.max_hops}


def banks_of(
    accounts: Iterable[str], roots: Iterable[Root], payments: Iterable[Transfer]
) -> dict[str, str]:
    """Bank code of each account as payments tell it; of several the smallest, of none empty."""
    told: defaultdict[str, set[str]] = defaultdict(set)
    for root in roots:
        told[root.payee].add(root.payee_bank)
    for x in payments:
        if x.instrument != "gap":  # what a statement lacks is nobody's telling
            told[x.payee or ""].add(x.payee_bank or "")
            told[x.payer or ""].add(x.payer_bank or "")
    return {account: min(told[account] - {""}, default="") for account in accounts}
