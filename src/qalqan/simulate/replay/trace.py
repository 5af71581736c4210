"""The software's own trail over what a centre would know of a world (REQ-39, 44).

The facts are those that banks tell; following and attribution are `qalqan.trail`'s, and so are
the sums to hold.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from qalqan.simulate.replay.world import BANKS, Payment, World
from qalqan.trail.attribution import Attributed
from qalqan.trail.coverage import Covered
from qalqan.trail.following import Known, joining, step
from qalqan.trail.holds import hold_amounts
from qalqan.trail.policy import default
from qalqan.trail.semantics import Coverage, Fact, Root

HOME = frozenset(BANKS)
_NO_ACCOUNT = frozenset({"cash_out"})


class Place(NamedTuple):
    """An account where stolen money sits, as far as is known."""

    account: int
    hop: int
    claims: dict[str, int]
    """Claim → units, kept ones included: what a hold may take at most, tiyn."""
    first_us: int
    last_us: int
    covered_us: int | None
    """Until when its bank has told everything since the first arrival."""

    @property
    def units(self) -> int:
        """Of all claims."""
        return sum(self.claims.values())


class Traced(NamedTuple):
    """Where the money is thought to be."""

    places: tuple[Place, ...]
    followed: frozenset[int]


def name_of(account: int) -> str:
    """The token of an account."""
    return f"{account:03d}"


def fact_of(world: World, p: Payment, side: str) -> Fact:
    """A payment as the books of that side tell it (`both`: the books of a feed)."""
    outside = world.outside
    payer_bank = BANKS[world.banks[p.payer]] if p.payer != outside else "other"
    payee_bank = BANKS[world.banks[p.payee]] if p.payee != outside else "other"
    payee = None if p.instrument in _NO_ACCOUNT else name_of(p.payee)
    return Fact(
        f"{side}:{p.number:07d}", p.at_us, side, name_of(p.payer), payer_bank, payee, payee_bank,
        p.amount, p.instrument, f"00000000-0000-4000-8000-{p.number:012x}", None,
        "AE" if p.abroad else None,
    )  # fmt: skip


def root_of(world: World, number: int) -> Root:
    """A victim's payment as his bank has confirmed it."""
    claim = world.claims[number]
    payee = world.stages[claim.stage].account
    return Root(
        id=f"root:{number}", claim=f"R{number}", payer=name_of(claim.payer), payee=name_of(payee),
        payee_bank=BANKS[world.banks[payee]], amount=claim.amount, currency="KZT",
        at_us=claim.at_us, payer_bank=BANKS[world.banks[claim.payer]],
    )  # fmt: skip


class Facts:
    """What is known, by account."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._of: list[dict[str, Fact]] = [{} for _ in world.kinds]
        self._told = [0] * len(world.kinds)
        self.coverages: list[Coverage] = []

    def take(self, payment: Payment, side: str) -> None:
        """Learn one payment from one side."""
        fact = fact_of(self.world, payment, side)
        for account in (payment.payer, payment.payee):
            self._told[account] += fact.id not in self._of[account]
            self._of[account][fact.id] = fact

    def cover(self, account: int, period: tuple[int, int], opening: int, closing: int) -> None:
        """Learn that all payments of the period are told, and both balances."""
        bank, number = BANKS[self.world.banks[account]], len(self.coverages)
        of = Coverage(name_of(account), bank, *period, opening, closing, f"s:{number:06d}")
        self.coverages.append(of)
        self._told[account] += 1

    def count(self, accounts: Iterable[int]) -> int:
        """How often something was learned of these accounts."""
        return sum(self._told[account] for account in accounts)

    def naming(self, accounts: Iterable[int]) -> list[Fact]:
        """All facts that name one of the accounts, once each."""
        found: dict[str, Fact] = {}
        for account in accounts:
            found |= self._of[account]
        return list(found.values())


class Trail:
    """The trail of one world, walked again and again while more becomes known."""

    def __init__(self, world: World, rule: str) -> None:
        self.facts = Facts(world)
        self.rule = rule
        self.roots: list[Root] = []
        self._steps: dict[tuple[frozenset[str], int], tuple[dict[str, int], Attributed]] = {}

    def confirm(self, root: Root) -> None:
        """One more victim's payment is confirmed."""
        self.roots.append(root)
        self._steps.clear()

    def walk(self) -> Traced:
        """Follow all roots together over what is known, as `qalqan.trail.lake_walk` does."""
        hops = {root.payee: 1 for root in self.roots}
        while True:
            further, answer = self._step(hops)
            if not further:
                break
            hops |= further
        followed = frozenset(int(a) for a in hops)
        return Traced(_places(self.facts, hops, answer, self.rule), followed)

    def _step(self, hops: Mapping[str, int]) -> tuple[dict[str, int], Attributed]:
        """One round of following. Facts are never changed, so as many facts of the same accounts
        are the same facts, and have the same answer."""
        accounts = [int(a) for a in hops]
        key = frozenset(hops), self.facts.count(accounts)
        if key not in self._steps:
            policy = default()
            first_us = min(root.at_us for root in self.roots)
            floor_us = first_us - policy.lookback_us
            known = Known(
                [f for f in self.facts.naming(accounts) if f.at_us >= floor_us],
                [c for c in self.facts.coverages if c.to_us >= first_us],
            )
            told = step(known, self.roots, policy, hops, HOME)
            further = joining(told.rules, hops, self.roots, policy)
            self._steps[key] = further, told.rules[self.rule]
        return self._steps[key]


def _places(
    facts: Facts, hops: Mapping[str, int], answer: Attributed, rule: str
) -> tuple[Place, ...]:
    nodes = [{"account": a, "here": {rule: units}} for a, units in answer.here.items()]
    here: dict[str, dict[str, int]] = {}
    for (claim, account), units in hold_amounts({"nodes": nodes}, rule).items():
        here.setdefault(account, {})[claim] = units
    covered, banks = Covered(facts.coverages), facts.world.banks
    places = []
    for a, claims in sorted(here.items()):
        first_us = answer.first_us[a]
        until = covered.to_us(a, BANKS[banks[int(a)]], first_us)
        places.append(Place(int(a), hops[a], claims, first_us, answer.last_us[a], until))
    return tuple(places)
