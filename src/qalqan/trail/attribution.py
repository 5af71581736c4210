"""How many units of each claim sit where, under one attribution rule (REQ-39, REQ-92).

A pure function in integer units; sections 5 and 6 of `docs/reference/trail.md` say what each
step means. Every unit of a claim ends in exactly one place.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from qalqan.trail.books import OWN, Book, Units, add, open_book, share, stolen, subtract
from qalqan.trail.exits import exit_of
from qalqan.trail.semantics import Coverage, Root, Transfer
from qalqan.trail.timeline import Instant, Timeline

Leg = tuple[str, str | None]
"""(transfer, exit): one transfer may end in several ways."""

_GOES_BACK = frozenset({"refund", "return"})


@dataclass(frozen=True)
class Bounds:
    """What attribution needs besides the order of payments."""

    followed: Collection[str]
    claims_of_payer: Mapping[str, frozenset[str]]
    """Account → claims whose root it paid."""
    openings: Mapping[str, Sequence[Coverage]]
    """Account → statements with an opening balance, the best first."""
    window_us: int
    home_banks: frozenset[str]


@dataclass
class Attributed:
    """The answer under one rule."""

    legs: dict[Leg, Units] = field(default_factory=dict)
    received: dict[str, Units] = field(default_factory=dict)
    here: dict[str, Units] = field(default_factory=dict)
    first_us: dict[str, int] = field(default_factory=dict)
    """When stolen units first arrived at an account."""
    last_us: dict[str, int] = field(default_factory=dict)
    offers: dict[tuple[str, str], Units] = field(default_factory=dict)
    """(payer, payee not followed) → units paid in time."""


def attribute(rule: str, order: Timeline, bounds: Bounds) -> Attributed:
    """Settle all payments in order under one of `semantics.RULES`."""
    run = _Run(rule, bounds)
    for now, instant in order:
        run.begin(now, instant)
        for batch in instant.rounds:
            run.settle(now, batch)
    run.answer.here = {a: units for a, book in run.books.items() if (units := book.here())}
    run.answer.legs = {leg: units for leg, units in run.answer.legs.items() if units}
    return run.answer


def bounds_of(
    roots: Iterable[Root],
    followed: Collection[str],
    coverages: Iterable[Coverage],
    floor_us: int,
    window_us: int,
    home_banks: frozenset[str],
) -> Bounds:
    """Look-up tables for `attribute`."""
    claims: defaultdict[str, set[str]] = defaultdict(set)
    for root in roots:
        claims[root.payer].add(root.claim)
    openings: defaultdict[str, list[Coverage]] = defaultdict(list)
    for c in sorted(coverages, key=lambda c: (-c.from_us, -c.to_us, c.id)):
        if c.account is not None and c.opening is not None and c.from_us >= floor_us:
            openings[c.account].append(c)
    payers = {payer: frozenset(found) for payer, found in claims.items()}
    return Bounds(followed, payers, openings, window_us, home_banks)


class _Run:
    """One rule on its way through time."""

    def __init__(self, rule: str, bounds: Bounds) -> None:
        self.rule = rule
        self.bounds = bounds
        self.answer = Attributed()
        self.books: dict[str, Book] = {}
        self.flows: defaultdict[str, list[tuple[int, int]]] = defaultdict(list)
        """Account whose book is not open yet → (time, units in or out)."""
        self.under_way: dict[str, tuple[Units, Units]] = {}
        """Transfer → its lot, and the stolen units in it that count as received."""
        self.gone: defaultdict[tuple[str, str], list[tuple[Transfer, Leg]]] = defaultdict(list)
        """(payer, payee) → payments that were not followed there."""

    def begin(self, now: int, instant: Instant) -> None:
        """Roots leave; they and what was under way arrive."""
        for payer, amount in instant.leaving:
            self.note(payer, now, -amount)
            if payer in self.books:
                self.books[payer].take_of((OWN,), amount)
        arriving: list[tuple[str, Units]] = []
        for root, more in instant.entering:
            lot = {root.claim: root.amount, OWN: more} if more else {root.claim: root.amount}
            self.count_received(root.payee, {root.claim: root.amount})
            arriving.append((root.payee, lot))
        for x in instant.arriving:
            if x.payee is not None and x.id in self.under_way:
                lot, counted = self.under_way.pop(x.id)
                self.count_received(x.payee, counted)
                arriving.append((x.payee, lot))
        self.receive(now, arriving)

    def settle(self, now: int, batch: list[Transfer]) -> None:
        """One round: all give, then all receive."""
        followed = self.bounds.followed
        back = {x.id: self.undo(x) for x in batch if x.instrument in _GOES_BACK}
        carried = self.give(batch, back)
        arriving: list[tuple[str, Units]] = []
        for x in batch:
            counted = self.deliver(now, x, carried.get(x.id, {}))
            if x.payer is not None:
                self.note(x.payer, now, -x.amount)
            if x.payee is None or x.payee not in followed:
                continue
            lot = dict(counted)
            add(lot, back.get(x.id, {}))
            own = x.amount - sum(lot.values())
            if own:
                lot[OWN] = own
            if x.arrived_us == now:
                self.count_received(x.payee, counted)
                arriving.append((x.payee, lot))
            else:
                self.under_way[x.id] = (lot, counted)
        self.receive(now, arriving)

    def give(self, batch: list[Transfer], back: Mapping[str, Units]) -> dict[str, Units]:
        """Stolen units that each payment takes out of its payer's book."""
        by_payer: defaultdict[str, list[Transfer]] = defaultdict(list)
        for x in batch:
            if x.payer in self.books:
                by_payer[x.payer].append(x)
        carried: dict[str, Units] = {}
        for payer, payments in by_payer.items():
            book, rest = self.books[payer], {}
            for x in payments:
                rest[x.id] = x.amount - sum(back.get(x.id, {}).values())
                carried[x.id] = book.take_of(self.repaid_by(x), rest[x.id])
                rest[x.id] -= sum(carried[x.id].values())
            bundle = book.take(sum(rest.values()))
            for x in payments:
                part = share(rest[x.id], bundle)
                subtract(bundle, part)
                add(carried[x.id], stolen(part))
        return carried

    def repaid_by(self, x: Transfer) -> frozenset[str]:
        """Claims whose victim this payment goes to."""
        return self.bounds.claims_of_payer.get(x.payee or "", frozenset())

    def deliver(self, now: int, x: Transfer, units: Units) -> Units:
        """Write down where stolen units go; what of them arrives at a followed account."""
        if not units:
            return {}
        ending = exit_of(x, self.bounds.home_banks)
        if ending is not None:
            self.leave(x, ending, units)
            return {}
        repaid = self.repaid_by(x)
        if repaid:
            self.leave(x, "returned", {c: n for c, n in units.items() if c in repaid})
            units = {c: n for c, n in units.items() if c not in repaid}
            if not units:
                return {}
        assert x.payer is not None
        assert x.payee is not None
        in_time = self.answer.last_us[x.payer] >= now - self.bounds.window_us
        if in_time and x.payee in self.bounds.followed:
            self.answer.legs[x.id, None] = units
            return units
        self.leave(x, "unknown", units)
        if in_time:
            add(self.answer.offers.setdefault((x.payer, x.payee), {}), units)
        return {}

    def leave(self, x: Transfer, ending: str, units: Units) -> None:
        """Units that reach an exit."""
        if units:
            self.answer.legs[x.id, ending] = dict(units)
            if ending != "returned" and x.payer is not None and x.payee is not None:
                self.gone[x.payer, x.payee].append((x, (x.id, ending)))

    def undo(self, back: Transfer) -> Units:
        """What a refund or return brings back of what its payee had paid to its payer."""
        undone: Units = {}
        if back.payer is None or back.payee is None:
            return undone
        before = self.gone.get((back.payee, back.payer), [])
        for _, leg in sorted(before, key=lambda e: (e[0].at_us, e[0].id), reverse=True):
            units = self.answer.legs[leg]
            left = back.amount - sum(undone.values())
            part = share(min(left, sum(units.values())), units)
            subtract(units, part)
            add(undone, part)
        return undone

    def receive(self, now: int, arriving: list[tuple[str, Units]]) -> None:
        """What arrives at one account at once is one lot; the first stolen one opens its book."""
        lots: dict[str, Units] = {}
        for account, lot in arriving:
            if account in lots:
                add(lots[account], lot)
            else:
                lots[account] = lot
        for account, lot in lots.items():
            if len(lot) > 1 or OWN not in lot:
                if account not in self.books:
                    own = self.balance_before(account, now)
                    self.books[account] = open_book(self.rule, own)
                    self.answer.first_us[account] = now
                self.answer.last_us[account] = now
            if account in self.books:
                self.books[account].put(lot)
            else:
                self.note(account, now, sum(lot.values()))

    def note(self, account: str, now: int, units: int) -> None:
        """Keep what an opening balance has to be corrected by."""
        if account not in self.books and account in self.bounds.openings:
            self.flows[account].append((now, units))

    def balance_before(self, account: str, first_us: int) -> int:
        """Own money at the first stolen unit, as far as a statement tells; else 0."""
        for c in self.bounds.openings.get(account, ()):
            if c.from_us <= first_us <= c.to_us and c.opening is not None:
                since = sum(n for at_us, n in self.flows[account] if at_us >= c.from_us)
                return max(0, c.opening + since)
        return 0

    def count_received(self, account: str, units: Units) -> None:
        add(self.answer.received.setdefault(account, {}), units)
