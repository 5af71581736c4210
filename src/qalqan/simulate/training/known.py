"""What is known of an exercise's world, and where the money is by it: the software's own trail in
plain Python (`trail.following`), so that no page waits for compiled code (REQ-39)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace

from qalqan.simulate.replay.world import BANKS, Payment, World
from qalqan.trail.body import Trail
from qalqan.trail.coverage import Covered
from qalqan.trail.following import Known, banks_of, joining, step
from qalqan.trail.policy import default
from qalqan.trail.semantics import Coverage, Fact, Root

HOME = frozenset(BANKS)
ABROAD = "AE"
_FIRST, _ASIDE = 4_000, 5_000_000
_BODY = "0" * 24
"""No value's: tokens of a vault are never so."""
_HOLDS_FROM = 2_000_000


def name_of(account: int) -> str:
    """The token of an account: its last four are what people see."""
    return f"acc_{_BODY}_{_FIRST + account:04d}"


def number_of(name: str) -> int:
    """The account of a token."""
    return int(name.rpartition("_")[2]) - _FIRST


@dataclass(frozen=True)
class Spot:
    """An account with stolen money, as far as is known; tiyn."""

    account: int
    hop: int
    units: int
    """What holds may take, held ones included."""
    loose: int
    """Of these the ones that no hold took."""
    first_us: int
    last_us: int
    covered_us: int | None


class Told:
    """All that banks have told of one world, and the roots that they have confirmed."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.policy = default()
        self.coverages: list[Coverage] = []
        self.hubs: set[int] = set()
        """Accounts that nothing is followed through."""
        self.roots: list[Root] = []
        self.hops: dict[int, int] = {}
        self._facts: dict[tuple[int, str], Fact] = {}
        self._holds: defaultdict[int, list[tuple[int, str]]] = defaultdict(list)
        self._n_holds = 0

    def confirm(self, root: Root) -> None:
        """One more victim's payment is confirmed."""
        self.roots.append(root)

    def take(self, payment: Payment, side: str) -> None:
        """Learn one payment from one side; a second time it is nothing new."""
        key = payment.number, side
        if key in self._facts:
            return
        outside = payment.payee == self.world.outside
        self._facts[key] = Fact(
            id=f"{side}:{payment.number:07d}", at_us=payment.at_us, side=side,
            payer=name_of(payment.payer), payer_bank=self._bank(payment.payer),
            payee=None if payment.instrument == "cash_out" else name_of(payment.payee),
            payee_bank="other" if outside else self._bank(payment.payee), amount=payment.amount,
            instrument=payment.instrument, uetr=f"{payment.number:07d}",
            payee_country=ABROAD if payment.abroad else None,
        )  # fmt: skip

    def cover(self, account: int, period: tuple[int, int], opening: int, closing: int) -> None:
        """Learn that all payments of the period are told, and both balances."""
        number = len(self.coverages)
        bank = BANKS[self.world.banks[account]]
        self.coverages.append(
            Coverage(name_of(account), bank, *period, opening, closing, f"s:{number:06d}")
        )

    def hold(self, at_us: int, account: int, amount: int) -> None:
        """Learn that a bank holds so much: it can't be paid on."""
        if amount <= 0:
            return
        number = _HOLDS_FROM + self._n_holds
        self._n_holds += 1
        aside = account + _ASIDE
        self.take(Payment(at_us, account, aside, amount, "crypto", False, number), "payee")
        self._holds[account].append((number, "payee"))

    def unhold(self, account: int, amount: int) -> None:
        """So much of the holds was let go, of the latest first."""
        for key in reversed(self._holds[account]):
            fact = self._facts[key]
            less = min(amount, fact.amount - 1)
            self._facts[key] = fact._replace(amount=fact.amount - less)
            amount -= less

    def lines(self) -> list[Fact]:
        """All payments that banks have told, in order of time, each once."""
        seen: dict[str, Fact] = {}
        for (number, _), fact in self._facts.items():
            if number < _HOLDS_FROM:
                seen.setdefault(fact.uetr or fact.id, fact)
        return sorted(seen.values(), key=lambda fact: (fact.at_us, fact.id))

    def walk(self, at_us: int, holds: bool = True) -> Trail | None:
        """The trail of all roots by what is told; None before one is confirmed. Without holds, what
        is held is not set aside: as a case's page shows it, which draws holds by itself."""
        if not self.roots:
            return None
        hops = {root.payee: 1 for root in self.roots}
        while True:
            known = Known(list(self._naming(hops, holds)), self._of(hops))
            told = step(known, self.roots, self.policy, hops, HOME)
            further = joining(told.rules, hops, self.roots, self.policy)
            if not further:
                break
            hops |= further
        self.hops = {number_of(name): hop for name, hop in hops.items()}
        banks = banks_of(hops, self.roots, told.payments.values())
        return Trail(
            self.policy, 0, at_us, "KZT", tuple(self.roots), hops, banks, told.payments,
            Covered(self.coverages), told.rules,
        )  # fmt: skip

    def spots(self, at_us: int, rule: str = "") -> tuple[Spot, ...]:
        """Where the money of all roots is thought to be under one rule of the trail."""
        trail = self.walk(at_us)
        if trail is None:
            return ()
        answer = trail.rules[rule or self.policy.rule]
        held: defaultdict[str, int] = defaultdict(int)
        for (transfer, ending), units in answer.legs.items():
            payment = trail.payments[transfer]
            if ending and payment.payee and number_of(payment.payee) >= _ASIDE:
                held[payment.payer or ""] += sum(units.values())
        found = []
        for name in trail.hops:
            loose = sum(answer.here.get(name, {}).values())
            if loose + held[name]:
                first, bank = answer.first_us[name], trail.banks[name]
                found.append(Spot(
                    number_of(name), trail.hops[name], loose + held[name], loose, first,
                    answer.last_us[name], trail.covered.to_us(name, bank, first),
                ))  # fmt: skip
        return tuple(sorted(found, key=lambda spot: spot.account))

    def follow_at_least(self, min_share_ppm: int) -> None:
        """Follow accounts from this share of a claim on."""
        self.policy = replace(self.policy, min_share_ppm=min_share_ppm)

    def _bank(self, account: int) -> str:
        account %= _ASIDE
        return "other" if account == self.world.outside else BANKS[self.world.banks[account]]

    def _naming(self, hops: dict[str, int], holds: bool) -> Iterator[Fact]:
        hubs = {name_of(hub) for hub in self.hubs}
        for (number, _), fact in self._facts.items():
            named = fact.payer in hops or fact.payee in hops
            if named and fact.payer not in hubs and (holds or number < _HOLDS_FROM):
                yield fact

    def _of(self, hops: dict[str, int]) -> list[Coverage]:
        return [told for told in self.coverages if told.account in hops]


def root_of(world: World, number: int) -> Root:
    """A victim's payment as his bank has confirmed it."""
    claim = world.claims[number]
    payee = world.stages[claim.stage].account
    return Root(
        id=f"root:{claim.number}", claim=f"R{claim.number}", payer=name_of(claim.payer),
        payee=name_of(payee), payee_bank=BANKS[world.banks[payee]], amount=claim.amount,
        currency="KZT", at_us=claim.at_us, payer_bank=BANKS[world.banks[claim.payer]],
    )  # fmt: skip
