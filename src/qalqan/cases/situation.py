"""What the machine looks at before it drafts anything: places, orders, partners, reports.

Pure values; `cases.pursuit` gathers them, `holds`, `questions` and `returns` decide on them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from qalqan.cases.grounds import usual_ground
from qalqan.cases.places import Place
from qalqan.cases.policy import PursuitPolicy
from qalqan.model.order import WAITING, Kind, Order, State, held_now
from qalqan.trail.hazard import Hazard
from qalqan.trail.plan import Ask, Line, Stand, Terms, plan, questions, withheld
from qalqan.trail.restraint import left_to_people

OPEN = WAITING | {State.DRAFTED}
"""States in which nobody knows yet what becomes of an order."""


@dataclass(frozen=True)
class Bank:
    """A bank or e-wallet that takes part."""

    partner: str
    feed: bool
    """It streams every payment: nothing need be asked."""


@dataclass(frozen=True)
class Claim:
    """A report whose payment was confirmed."""

    report: str
    case: str
    payer_account: str


@dataclass(frozen=True)
class Draft:
    """An order to draft, and the confirmed or traced sum that bounds it."""

    order: Order
    limit: int | None = None


@dataclass(frozen=True)
class Situation:
    """Everything known of cases that share accounts, at one moment."""

    now_us: int
    policy: PursuitPolicy
    places: Mapping[tuple[str, str], Place]
    """(account, currency) → place."""
    orders: Sequence[Order]
    banks: Mapping[str, Bank]
    """Bank code → who answers for it."""
    claims: Mapping[str, Claim]
    hazard: Hazard = field(default_factory=Hazard)
    """How soon money leaves an account."""
    amounts: Mapping[tuple[str, str], int] = field(default_factory=dict)
    """(claim, currency) → all that was stolen."""

    @cached_property
    def plan(self) -> list[tuple[Place, Line]]:
        """What to hold where, in the order in which it is pressing."""
        found = [
            (self.places[line.account, currency], line)
            for currency in self._currencies
            for line in plan(self._stands(currency), self.terms(currency, Kind.HOLD))
        ]
        return sorted(found, key=lambda each: -each[1].loss) if len(self._currencies) > 1 else found

    @cached_property
    def asks(self) -> list[tuple[Place, Ask]]:
        """Whose books to ask for, the answer that is worth most first."""
        return [
            (self.places[ask.account, currency], ask)
            for currency in self._currencies
            for ask in questions(self._stands(currency), self.terms(currency, Kind.STATEMENT))
        ]

    def terms(self, currency: str, kind: Kind) -> Terms:
        """The plan's terms in one currency."""
        least, due = self.policy.least_of(currency), self.policy.due_in(kind)
        first = self.policy.ask_first_us
        return Terms(self.now_us, self.hazard, least, due, self.banks, first)

    @cached_property
    def _currencies(self) -> list[str]:
        return sorted({currency for _, currency in self.places})

    def _stands(self, currency: str) -> Iterator[Stand]:
        left = {place.account for place in self.left if place.currency == currency}
        for (account, of), place in self.places.items():
            if of == currency:
                silent = self.is_silent(place)
                yield place.stand()._replace(left=account in left, silent=silent)

    @cached_property
    def left(self) -> list[Place]:
        """Where stolen money may lie that people decide on (`trail.restraint`)."""
        most, found = self.policy.busy_payers, list[Place]()
        for currency in self._currencies if most is not None else ():
            mine = {p.account: p for p in self.places.values() if p.currency == currency}
            left = left_to_people(
                {account: place.hop for account, place in mine.items()},
                {account: place.standing.others for account, place in mine.items()},
                {account: place.sources for account, place in mine.items()},
                most or 0,
            )
            found += [mine[account] for account in sorted(left)]
        return found

    @cached_property
    def waiting(self) -> list[Place]:
        """Where a hold waits for the books, which are asked for first."""
        found = []
        for currency in self._currencies:
            terms = self.terms(currency, Kind.HOLD)
            found += [
                self.places[stand.account, currency]
                for stand in self._stands(currency)
                if not stand.left and withheld(stand, terms)
            ]
        return found

    def is_silent(self, place: Place) -> bool:
        """Whether there is no use in waiting for a place's books: its bank streams, or was asked
        about the last arrival and has not told in its time, or has been asked too often."""
        bank = self.banks.get(place.bank)
        if bank is None or bank.feed:
            return True
        every = self.questions_at(place)
        asked = [order for order in every if order.created_us >= place.last_us]
        if not asked:
            return len(every) >= self.policy.statements_an_account
        until = asked[-1].created_us + self.policy.due_in(Kind.STATEMENT)
        return asked[-1].state not in OPEN or until <= self.now_us

    @cached_property
    def _by_account(self) -> Mapping[str, list[Order]]:
        found: dict[str, list[Order]] = {}
        for order in self.orders:
            found.setdefault(order.account or "", []).append(order)
        return found

    def at(self, account: str, *kinds: Kind) -> list[Order]:
        """Orders about an account, oldest first."""
        return [order for order in self._by_account.get(account, ()) if order.kind in kinds]

    def holds_at(self, place: Place) -> list[Order]:
        """All holds at a place, whatever became of them."""
        return [o for o in self.at(place.account, Kind.HOLD) if o.currency == place.currency]

    def questions_at(self, place: Place) -> list[Order]:
        """All that was asked of a place's books; those in another currency are other books."""
        every = self.at(place.account, Kind.STATEMENT)
        return [o for o in every if o.currency in (None, place.currency)]

    def held(self, order: Order) -> int:
        """What a hold holds now, minor units."""
        return held_now(order, self.now_us)

    def room(self, claim: str, currency: str) -> int | None:
        """What may still be held of a claim anywhere: what was stolen less what is held, asked
        for and returned; None: it is not known."""
        whole = self.amounts.get((claim, currency))
        if whole is None:
            return None
        return max(0, whole - self._returned(claim, currency) - self._taken(claim, currency))

    def excess(self, claim: str, currency: str) -> int:
        """What banks hold of a claim anywhere above what was stolen, with what was returned; a
        bank that answers late may find other money where the trail has moved on."""
        whole = self.amounts.get((claim, currency))
        if whole is None:
            return 0
        held = sum(self.held(hold) for hold in self._of(claim, currency, Kind.HOLD))
        return max(0, held + self._returned(claim, currency) - whole)

    def owed(self, claim: str, currency: str) -> int | None:
        """What may still be paid back of a claim from anywhere: what was stolen less what was
        returned and what open returns will pay; None: it is not known."""
        whole = self.amounts.get((claim, currency))
        if whole is None:
            return None
        mine = self._of(claim, currency, Kind.RETURN)
        under_way = sum(o.amount or 0 for o in mine if o.state in OPEN)
        return max(0, whole - self._returned(claim, currency) - under_way)

    def _of(self, claim: str, currency: str, kind: Kind) -> list[Order]:
        every = (o for o in self.orders if o.report_id == claim and o.kind is kind)
        return [order for order in every if order.currency == currency]

    def _returned(self, claim: str, currency: str) -> int:
        return sum(order.effect for order in self._of(claim, currency, Kind.RETURN))

    def _taken(self, claim: str, currency: str) -> int:
        """What holds of a claim hold, and what unanswered ones can still take: together no more
        than the trail sees at an account beside what is held there already. What was told to have
        left has to be held where it went. One that prolongs takes what its parent does."""
        mine = self._of(claim, currency, Kind.HOLD)
        held: defaultdict[str, int] = defaultdict(int)
        asked: defaultdict[str, int] = defaultdict(int)
        for hold in mine:
            held[hold.account or ""] += self.held(hold)
            if hold.state in OPEN and not hold.parent_id:
                asked[hold.account or ""] += hold.amount or 0
        taken = sum(held.values())
        for account, units in asked.items():
            place = self.places.get((account, currency))
            there = place.traced.get(claim, 0) if place else 0
            taken += min(units, max(0, there - held[account]))
        return taken

    def open_for(self, hold: Order, *kinds: Kind) -> int:
        """Minor units that open orders of these kinds will take out of a hold, also those
        drafted before it was prolonged."""
        return sum(o.amount or 0 for o in self.about(hold, *kinds) if o.state in OPEN)

    def about(self, hold: Order, *kinds: Kind) -> list[Order]:
        """Orders of these kinds that take out of a hold or of the one it prolonged."""
        same = {hold.id, hold.parent_id or hold.id}
        return [o for o in self.at(hold.account or "", *kinds) if o.parent_id in same]

    def draft(self, kind: Kind, claim: Claim, bank: Bank, key: str, **more: Any) -> Order:
        """An order of the policy's, due by its terms; the rest as given."""
        return Order(
            id="",
            case_id=claim.case,
            report_id=claim.report,
            kind=kind,
            partner=bank.partner,
            state=State.DRAFTED,
            ground=usual_ground(kind, self.now_us).code,
            drafted_by=self.policy.actor,
            idempotency_key=key,
            created_us=self.now_us,
            due_us=self.now_us + self.policy.due_in(kind),
            **more,
        )


def with_left(
    places: Mapping[tuple[str, str], Place],
    orders: Iterable[Order],
    banks: Mapping[str, Bank],
    now_us: int,
) -> dict[tuple[str, str], Place]:
    """The places, and those that the trail has left although a hold is still alive there: what
    was learned later showed that no stolen money had come, so all of it is let go."""
    bank_of = {bank.partner: code for code, bank in banks.items()}
    found = dict(places)
    for hold in orders:
        bank, account, currency = bank_of.get(hold.partner), hold.account, hold.currency
        if held_now(hold, now_us) and bank and account and currency:
            found.setdefault((account, currency), Place(account, bank, currency, 0, None, 0))
    return found


def is_outdated(order: Order) -> bool:
    """Withdrawn by the machine: nobody said no, so what it was about may be drafted again."""
    return order.state is State.WITHDRAWN and all(each.approved for each in order.approvals)


def largest(units: Mapping[str, int]) -> str:
    """The claim with most units, the first of equals."""
    return min(units, key=lambda claim: (-units[claim], claim))


def total(orders: Iterable[Order], sum_of: Callable[[Order], int]) -> dict[str, int]:
    """Claim → sum over its orders."""
    found: dict[str, int] = {}
    for order in orders:
        claim = order.report_id or ""
        found[claim] = found.get(claim, 0) + sum_of(order)
    return found
