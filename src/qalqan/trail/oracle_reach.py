"""Where money could have gone, and come from, as section 4 of `docs/reference/trail.md` says: every
payment tried with every arrival. Part of the oracle."""

from __future__ import annotations

from collections.abc import Sequence

from qalqan.trail.oracle_exits import exit_of
from qalqan.trail.oracle_transfers import arrival_of, transfers_of
from qalqan.trail.semantics import Coverage, Fact, Root, Sought, TrailPolicy, Transfer


def told_reach(
    facts: Sequence[Fact],
    roots: Sequence[Root],
    policy: TrailPolicy,
    as_of_us: int,
    home_banks: frozenset[str] = frozenset(),
) -> dict[str, int]:
    """Section 4: hop by id of every transfer that stolen money could have gone through."""
    return told_whole_reach(facts, roots, policy, as_of_us, home_banks)[0]


def told_whole_reach(
    facts: Sequence[Fact],
    roots: Sequence[Root],
    policy: TrailPolicy,
    as_of_us: int,
    home_banks: frozenset[str] = frozenset(),
) -> tuple[dict[str, int], set[str]]:
    """The same, and the accounts that were reached and not passed through."""
    facts, _ = counted(facts, [], roots, policy, as_of_us)
    touched = {root.payee for root in roots}
    while True:
        known = [f for f in facts if {f.payer, f.payee} & (touched - policy.stops)]
        transfers, are_roots = transfers_of(known, roots, policy)
        hops, arrivals = _reached(transfers, are_roots, roots, policy, home_banks)
        if {account for account, _, _, _ in arrivals} <= touched:
            paying = [x for x in transfers if x not in are_roots.values()]
            return hops, {a[0] for a in arrivals if _is_stop(a, paying, policy)}
        touched |= {account for account, _, _, _ in arrivals}


Arrival = tuple[str, int, int, int]
"""Account, time, hop, sum."""


def _reached(
    transfers: list[Transfer],
    are_roots: dict[str, Transfer],
    roots: Sequence[Root],
    policy: TrailPolicy,
    home_banks: frozenset[str],
) -> tuple[dict[str, int], set[Arrival]]:
    smallest = min(claim_amounts(roots).values())
    arrivals = {(root.payee, arrival_of(root, are_roots), 1, root.amount) for root in roots}
    paying = [x for x in transfers if x not in are_roots.values()]
    hops: dict[str, int] = {}
    for hop in range(1, policy.max_hops + 1):
        for x in paying:
            if (
                x.id not in hops
                and x.amount * 1_000_000 >= policy.min_share_ppm * smallest
                and any(
                    arrival[2] == hop
                    and x.payer == arrival[0]
                    and 0 <= x.at_us - arrival[1] <= policy.window_us
                    and not _is_stop(arrival, paying, policy)
                    and _is_like(arrival[3], x.amount, x.at_us - arrival[1], policy)
                    for arrival in arrivals
                )
            ):
                hops[x.id] = hop + 1
                if x.payee is not None and exit_of(x, home_banks) is None:
                    arrivals = arrivals | {(x.payee, x.arrived_us, hop + 1, x.amount)}
    return hops, {arrival for arrival in arrivals if arrival[2] <= policy.max_hops}


def _is_stop(arrival: Arrival, paying: Sequence[Transfer], policy: TrailPolicy) -> bool:
    account, at, _, _ = arrival
    leaving = [x for x in paying if x.payer == account and 0 <= x.at_us - at <= policy.window_us]
    return account in policy.stops or 0 < policy.hub_payments < len(leaving)


def _is_like(came: int, went: int, after_us: int, policy: TrailPolicy) -> bool:
    match = policy.match
    return match is None or (
        match.least_ppm * came <= went * 1_000_000 <= match.most_ppm * came
        and after_us <= match.delay_us
    )


def told_origins(
    facts: Sequence[Fact],
    sought: Sequence[Sought],
    policy: TrailPolicy,
    home_banks: frozenset[str] = frozenset(),
) -> tuple[dict[str, int], set[str]]:
    """Section 4, back: hop by id of every transfer that the sums could have come through, and the
    accounts that were reached and not passed through."""
    floor = min(s.at_us for s in sought) - policy.max_hops * policy.window_us
    last = max(s.at_us for s in sought)
    facts = [f for f in facts if f.currency == sought[0].currency and floor <= f.at_us <= last]
    touched = {s.account for s in sought}
    while True:
        known = [f for f in facts if {f.payer, f.payee} & (touched - policy.stops)]
        transfers, _ = transfers_of(known, [], policy)
        hops, departures = _origins(transfers, sought, policy, home_banks)
        if {account for account, _, _, _ in departures} <= touched:
            return hops, {d[0] for d in departures if _is_source(d, transfers, policy)}
        touched |= {account for account, _, _, _ in departures}


def _origins(
    transfers: list[Transfer],
    sought: Sequence[Sought],
    policy: TrailPolicy,
    home_banks: frozenset[str],
) -> tuple[dict[str, int], set[Arrival]]:
    smallest = min(s.amount for s in sought)
    departures = {(s.account, s.at_us, 0, s.amount) for s in sought}
    hops: dict[str, int] = {}
    for hop in range(policy.max_hops):
        for x in transfers:
            if (
                x.id not in hops
                and exit_of(x, home_banks) is None
                and x.amount * 1_000_000 >= policy.min_share_ppm * smallest
                and any(
                    departure[2] == hop
                    and x.payee == departure[0]
                    and 0 <= departure[1] - x.arrived_us <= policy.window_us
                    and not _is_source(departure, transfers, policy)
                    and _is_like(x.amount, departure[3], departure[1] - x.arrived_us, policy)
                    for departure in departures
                )
            ):
                hops[x.id] = hop + 1
                if x.payer is not None:
                    departures = departures | {(x.payer, x.at_us, hop + 1, x.amount)}
    return hops, {departure for departure in departures if departure[2] < policy.max_hops}


def _is_source(departure: Arrival, transfers: Sequence[Transfer], policy: TrailPolicy) -> bool:
    account, at, _, _ = departure
    coming = [
        x for x in transfers if x.payee == account and 0 <= at - x.arrived_us <= policy.window_us
    ]
    return account in policy.stops or 0 < policy.hub_payments < len(coming)


def counted(
    facts: Sequence[Fact],
    coverages: Sequence[Coverage],
    roots: Sequence[Root],
    policy: TrailPolicy,
    as_of_us: int,
) -> tuple[list[Fact], list[Coverage]]:
    """Section 1: what counts of all facts."""
    currency, first = roots[0].currency, min(root.at_us for root in roots)
    floor = first - policy.lookback_us
    payments = [f for f in facts if f.currency == currency and floor <= f.at_us <= as_of_us]
    statements = [c for c in coverages if c.currency == currency and first <= c.to_us <= as_of_us]
    return payments, statements


def claim_amounts(roots: Sequence[Root]) -> dict[str, int]:
    """The sum of each claim's roots."""
    claims = {root.claim for root in roots}
    return {claim: sum(r.amount for r in roots if r.claim == claim) for claim in claims}
