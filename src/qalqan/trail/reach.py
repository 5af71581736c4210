"""Where stolen money could have gone, or come from, whatever the sums; section 4 of
`docs/reference/trail.md` (REQ-39).

The frontier is made of arrivals, not of accounts: who is paid twice opens his window twice. Back,
it is made of departures.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

from qalqan.trail.exits import exit_of
from qalqan.trail.semantics import Fact, Root, Sought, TrailPolicy, Transfer
from qalqan.trail.transfers import joined, roots_among

PPM = 1_000_000


class Arrival(NamedTuple):
    """Money at an account from a moment on; of a departure, until then."""

    account: str
    at_us: int
    hop: int
    amount: int


@dataclass(frozen=True)
class Reached:
    """What was reached over the facts that were given."""

    hops: dict[str, int]
    """Transfer → its smallest hop."""
    arrivals: list[Arrival]
    """All that were looked at or could be."""
    stopped: frozenset[str]
    """Accounts that were reached and not passed through."""

    def accounts(self, max_hop: int) -> set[str]:
        """Accounts that were reached within the hops."""
        return {arrival.account for arrival in self.arrivals if arrival.hop <= max_hop}


def reached(
    facts: Iterable[Fact], roots: Sequence[Root], policy: TrailPolicy, home_banks: frozenset[str]
) -> Reached:
    """Forward from the roots."""
    transfers = joined(facts, policy.match_window_us)
    are_roots = roots_among(transfers, roots, policy.match_window_us)
    told = {x.id for x in are_roots.values()}
    first = [
        Arrival(root.payee, _arrived_us(root, are_roots.get(root.id)), 1, root.amount)
        for root in roots
    ]
    claims: defaultdict[str, int] = defaultdict(int)
    for root in roots:
        claims[root.claim] += root.amount
    paid = _Paid(
        _by(transfers, lambda x: None if x.id in told else x.payer, _at_us), _at_us, policy
    )

    def further(at: Arrival, x: Transfer) -> Arrival | None:
        if x.payee is None or exit_of(x, home_banks) is not None:
            return None
        return Arrival(x.payee, x.arrived_us, at.hop + 1, x.amount)

    return _walked(first, paid, policy.max_hops, min(claims.values()), further)


def origins(
    facts: Iterable[Fact],
    sought: Sequence[Sought],
    policy: TrailPolicy,
    home_banks: frozenset[str],
) -> Reached:
    """Back from the sums that are asked about."""
    transfers = joined(facts, policy.match_window_us)
    first = [Arrival(s.account, s.at_us, 0, s.amount) for s in sought]
    came = _Came(_by(transfers, _payee, _arrived), _arrived, policy, home_banks)

    def further(at: Arrival, x: Transfer) -> Arrival | None:
        return (x.payer and Arrival(x.payer, x.at_us, at.hop + 1, x.amount)) or None

    return _walked(first, came, policy.max_hops - 1, min(s.amount for s in sought), further)


_at_us = attrgetter("at_us")
_arrived = attrgetter("arrived_us")
_payee = attrgetter("payee")


@dataclass(frozen=True)
class _Paid:
    """What leaves an account after an arrival."""

    of: dict[str, list[Transfer]]
    time: Callable[[Transfer], int]
    policy: TrailPolicy

    def window(self, at: Arrival) -> list[Transfer]:
        """All within the window."""
        return self._between(at, at.at_us, at.at_us + self.policy.window_us)

    def passes(self, at: Arrival, x: Transfer) -> bool:
        """Whether one of them is like what arrived."""
        return _is_like(at.amount, x.amount, x.at_us - at.at_us, self.policy)

    def _between(self, at: Arrival, first_us: int, last_us: int) -> list[Transfer]:
        of = self.of.get(at.account, [])
        first = bisect_left(of, first_us, key=self.time)
        return of[first : bisect_right(of, last_us, key=self.time)]


@dataclass(frozen=True)
class _Came(_Paid):
    """What came to an account before a departure."""

    home_banks: frozenset[str]

    def window(self, at: Arrival) -> list[Transfer]:
        return self._between(at, at.at_us - self.policy.window_us, at.at_us)

    def passes(self, at: Arrival, x: Transfer) -> bool:
        after_us = at.at_us - x.arrived_us
        like = _is_like(x.amount, at.amount, after_us, self.policy)
        return like and exit_of(x, self.home_banks) is None


def _walked(
    first: list[Arrival],
    near: _Paid,
    max_hop: int,
    smallest: int,
    further: Callable[[Arrival, Transfer], Arrival | None],
) -> Reached:
    policy = near.policy
    frontier, arrivals = first, list(first)
    hops: dict[str, int] = {}
    stopped: set[str] = set()
    while frontier and frontier[0].hop <= max_hop:
        found: list[Arrival] = []
        for at in frontier:
            window = near.window(at)
            if at.account in policy.stops or 0 < policy.hub_payments < len(window):
                stopped.add(at.account)
                continue
            for x in window:
                enough = x.amount * PPM >= policy.min_share_ppm * smallest
                if enough and x.id not in hops and near.passes(at, x):
                    hops[x.id] = at.hop + 1
                    if (onward := further(at, x)) is not None:
                        found.append(onward)
        arrivals += found
        frontier = found
    return Reached(hops, arrivals, frozenset(stopped))


def _is_like(came: int, went: int, after_us: int, policy: TrailPolicy) -> bool:
    match = policy.match
    if match is None:
        return True
    enough = match.least_ppm * came <= went * PPM <= match.most_ppm * came
    return enough and after_us <= match.delay_us


def _by(
    transfers: Iterable[Transfer],
    account: Callable[[Transfer], str | None],
    time: Callable[[Transfer], int],
) -> dict[str, list[Transfer]]:
    """Transfers by an account of theirs, in order of a time of theirs."""
    found: defaultdict[str, list[Transfer]] = defaultdict(list)
    for x in transfers:
        if (whose := account(x)) is not None:
            found[whose].append(x)
    for payments in found.values():
        payments.sort(key=time)
    return dict(found)


def _arrived_us(root: Root, paid: Transfer | None) -> int:
    return max(root.at_us, paid.arrived_us) if paid else root.at_us
