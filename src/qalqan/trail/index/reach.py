"""Reach over the index, forward and back, exactly as over the lake (section 4 of
`docs/reference/trail.md`, REQ-39, REQ-44).

Where one bank tells both sides of every payment met on the way, compiled loops read facts where
they lie. Where two banks tell one payment, facts are gathered and joined first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from qalqan.trail.index import joined_reach
from qalqan.trail.index.facts import INSTRUMENTS, reference_key
from qalqan.trail.index.pool import Pool, View
from qalqan.trail.index.roots import roots_at
from qalqan.trail.index.runfile import Array
from qalqan.trail.index.spread import BY_BANK, ENDS, PASSES, spread
from qalqan.trail.semantics import Match, Root, Sought, TrailPolicy

_MEANS = {"cash_out": ENDS, "crypto": ENDS, "fee": ENDS, "card": ENDS, "salary": ENDS,
          "benefit": ENDS, "loan": ENDS, "wallet": BY_BANK}  # fmt: skip
_INSTRUMENTS = np.array([_MEANS.get(name, PASSES) for name in INSTRUMENTS], np.int64)


@dataclass(frozen=True)
class Found:
    """What was reached: places of facts in the pool with their hops; ids if facts were joined."""

    pool: Pool
    places: Array
    at_hops: Array
    stopped: frozenset[str]
    """Accounts that were reached and not passed through."""
    by_id: dict[str, int] = field(default_factory=dict)

    @property
    def hops(self) -> dict[str, int]:
        """Transfer → its smallest hop."""
        if not len(self.places):
            return self.by_id
        return dict(zip(self.pool.ids(self.places), self.at_hops.tolist(), strict=True))

    def __len__(self) -> int:
        """How many transfers were reached."""
        return len(self.places) or len(self.by_id)


def reach(
    view: View, roots: Sequence[Root], policy: TrailPolicy, home_banks: frozenset[str]
) -> Found:
    """Every transfer that stolen money could have gone through. The view begins at the question's
    floor and ends as of its time; roots are of the view's currency."""
    pool = view.pool
    claims: defaultdict[str, int] = defaultdict(int)
    for root in roots:
        claims[root.claim] += root.amount
    decided = not pool.unnamed
    if decided:
        decided, candidates, payees = _candidates(view, roots, policy)
    if decided:
        paid = _matched(pool, roots, candidates) if len(candidates) else {}
        times = [max(r.at_us, paid[r.id][1]) if r.id in paid else r.at_us for r in roots]
        left_out = np.array([place for place, _ in paid.values()], np.int64)
        sums = [root.amount for root in roots]
        found = _spread(view, policy, home_banks, (payees, times, sums), min(claims.values()),
                        left_out, False)  # fmt: skip
        if found is not None:
            return _with(found, {root.payee for root in roots} & policy.stops)
    told = joined_reach.reach(view, roots, policy, home_banks)
    found = Found(pool, np.empty(0, np.int64), np.empty(0, np.int64), told.stopped, told.hops)
    return _with(found, {root.payee for root in roots} & policy.stops)


def origins(
    view: View, sought: Sequence[Sought], policy: TrailPolicy, home_banks: frozenset[str]
) -> Found:
    """Every transfer that these sums could have come through; the view's bounds are those of
    `lake_walk.bounds_of`."""
    pool = view.pool
    if not pool.one_sided:
        codes = pool.account_codes([s.account for s in sought])
        starts = codes, [s.at_us for s in sought], [s.amount for s in sought]
        smallest = min(s.amount for s in sought)
        none = np.empty(0, np.int64)
        found = _spread(view, policy, home_banks, starts, smallest, none, True)
        if found is not None:
            return _with(found, {s.account for s in sought} & policy.stops)
    told = joined_reach.origins(view, sought, policy, home_banks)
    found = Found(pool, np.empty(0, np.int64), np.empty(0, np.int64), told.stopped, told.hops)
    return _with(found, {s.account for s in sought} & policy.stops)


def _with(found: Found, named: set[str]) -> Found:
    """Listed accounts that the question names are stops, whether or not a fact names them."""
    if not named:
        return found
    return replace(found, stopped=found.stopped | named)


def _candidates(
    view: View, roots: Sequence[Root], policy: TrailPolicy
) -> tuple[bool, Array, list[int]]:
    """Facts that may be roots, and the payees' numbers."""
    n = len(roots)
    codes = view.account_codes([r.payer for r in roots] + [r.payee for r in roots])
    floor_us, until_us, seal = view.bounds
    decided, found = roots_at(
        view.pool.table, np.array(codes[:n]), np.array(codes[n:]),
        np.array([r.at_us for r in roots]), np.array([r.amount for r in roots]),
        np.array([reference_key(r.uetr) for r in roots], np.uint64), policy.match_window_us,
        floor_us, until_us, seal,
    )  # fmt: skip
    return decided, found, codes[n:]


def _matched(pool: Pool, roots: Sequence[Root], candidates: Array) -> dict[str, tuple[int, int]]:
    """Place and time of the fact that is the root, by the root's id: greedy, as section 2 says."""
    told = candidates[:, 3].tolist()
    ids = dict.fromkeys(told, "")
    if len(ids) > 1 or len(roots) > 1:  # several contend
        ids = dict(zip(told, pool.ids(candidates[:, 3]), strict=True))
    ordered = sorted(
        (step, apart, roots[root].id, ids[place], place)
        for root, step, apart, place in candidates.tolist()
    )
    paid: dict[str, tuple[int, int]] = {}
    taken: set[int] = set()
    for _, _, root, _, place in ordered:
        if root not in paid and place not in taken:
            row = pool.runs[place >> 40]["words"][place & 0xFFFFFFFFFF]
            paid[root] = place, int(row[0])
            taken.add(place)
    return paid


def _spread(
    view: View, policy: TrailPolicy, home_banks: frozenset[str],
    starts: tuple[Sequence[int], Sequence[int], Sequence[int]], smallest: int, left_out: Array,
    back: bool,
) -> Found | None:  # fmt: skip
    """None if it can't be decided without joining facts."""
    pool = view.pool
    floor_us, until_us, seal = view.bounds
    match = policy.match or Match()
    numbers = np.array([
        policy.window_us, policy.max_hops, -(-policy.min_share_ppm * smallest // 1_000_000),
        policy.hub_payments, match.least_ppm, match.most_ppm, match.delay_us, floor_us, until_us,
        seal, policy.match is not None, 0,
    ], np.int64)  # fmt: skip
    stops = np.array(pool.account_codes(sorted(policy.stops)) if policy.stops else [], np.int64)
    lines = np.array(starts, np.int64).T.copy()
    decided, found, stopped = spread(
        pool.table, numbers, lines, left_out, stops[stops >= 0], _INSTRUMENTS,
        pool.homes(home_banks), back,
    )  # fmt: skip
    if not decided:
        return None
    return Found(
        pool,
        found[:, 0],
        found[:, 1],
        frozenset(pool.account_names(set(stopped.tolist())) if len(stopped) else ()),
    )
