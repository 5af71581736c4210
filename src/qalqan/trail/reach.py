"""Where stolen money could have gone, whatever the sums; section 4 of
`docs/reference/trail.md` (REQ-39).

The frontier is made of arrivals, not of accounts: who is paid twice opens his window twice.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from operator import attrgetter

from qalqan.trail.exits import exit_of
from qalqan.trail.semantics import Fact, Root, TrailPolicy, Transfer
from qalqan.trail.transfers import joined, roots_among

Arrival = tuple[str, int, int]
"""Account, time, hop."""

_at_us = attrgetter("at_us")


def reached(
    facts: Iterable[Fact], roots: Sequence[Root], policy: TrailPolicy, home_banks: frozenset[str]
) -> tuple[dict[str, int], list[Arrival]]:
    """Hop by id of the transfers reached, and all arrivals that were looked at or could be."""
    transfers = joined(facts, policy.match_window_us)
    are_roots = roots_among(transfers, roots, policy.match_window_us)
    leaving = _leaving(transfers, roots, {x.id for x in are_roots.values()}, policy)
    frontier = [(root.payee, _arrived_us(root, are_roots.get(root.id)), 1) for root in roots]
    arrivals = list(frontier)
    hops: dict[str, int] = {}
    for hop in range(2, policy.max_hops + 2):
        further: list[Arrival] = []
        for account, at_us, _ in frontier:
            for x in _within(leaving.get(account, []), at_us, policy.window_us):
                if x.id not in hops:
                    hops[x.id] = hop
                    if x.payee is not None and exit_of(x, home_banks) is None:
                        further.append((x.payee, x.arrived_us, hop))
        arrivals += further
        frontier = further
    return hops, arrivals


def arrivals_of(arrivals: Iterable[Arrival], max_hops: int) -> set[str]:
    """Accounts that were reached within the hops."""
    return {account for account, _, hop in arrivals if hop <= max_hops}


def _leaving(
    transfers: Iterable[Transfer], roots: Iterable[Root], told: set[str], policy: TrailPolicy
) -> dict[str, list[Transfer]]:
    """Payments that are large enough and no roots, by payer, in order of time."""
    claims: defaultdict[str, int] = defaultdict(int)
    for root in roots:
        claims[root.claim] += root.amount
    least = policy.min_share_ppm * min(claims.values())
    by_payer: defaultdict[str, list[Transfer]] = defaultdict(list)
    for x in transfers:
        if x.payer is not None and x.id not in told and x.amount * 1_000_000 >= least:
            by_payer[x.payer].append(x)
    for payments in by_payer.values():
        payments.sort(key=_at_us)
    return by_payer


def _within(payments: list[Transfer], at_us: int, window_us: int) -> list[Transfer]:
    first = bisect_left(payments, at_us, key=_at_us)
    return payments[first : bisect_right(payments, at_us + window_us, key=_at_us)]


def _arrived_us(root: Root, paid: Transfer | None) -> int:
    return max(root.at_us, paid.arrived_us) if paid else root.at_us
