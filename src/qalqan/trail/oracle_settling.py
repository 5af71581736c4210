"""Attribution as sections 3 and 5 of `docs/reference/trail.md` say: instant after instant, round
after round, lot after lot. Part of the oracle."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from qalqan.trail.oracle_exits import Question, exit_of, gaps
from qalqan.trail.oracle_lots import OWN, Units, less, repaid, shared, stolen, taken, together
from qalqan.trail.oracle_transfers import arrival_of
from qalqan.trail.semantics import Root, Transfer


@dataclass
class Settled:
    """Everything that happened under one rule."""

    rule: str
    question: Question
    payments: dict[str, Transfer] = field(default_factory=dict)
    books: dict[str, list[Units]] = field(default_factory=dict)
    """Followed account → lots, oldest first; missing until the first stolen unit."""
    flows: list[tuple[str, int, int]] = field(default_factory=list)
    """(account, time, units in or out) of all that has settled."""
    under_way: dict[int, list[tuple[str, Units, Units]]] = field(default_factory=dict)
    """Due time → (account, lot, what of it counts as received)."""
    arrivals: dict[str, list[int]] = field(default_factory=dict)
    """When stolen units arrived at an account."""
    received: dict[str, Units] = field(default_factory=dict)
    legs: dict[tuple[str, str | None], Units] = field(default_factory=dict)
    offers: dict[tuple[str, str], Units] = field(default_factory=dict)
    """(payer, payee not followed) → units paid in time."""

    def here(self, account: str) -> Units:
        """Claims' units in the book."""
        return stolen(together(self.books.get(account, [])))


def settled(rule: str, question: Question) -> Settled:
    """Settle everything."""
    run = Settled(rule, question)
    roots = [x.id for x in question.are_roots.values()]
    payments = [x for x in question.transfers if x.id not in roots] + gaps(question)
    run.payments = {x.id: x for x in payments}
    leaving = {root.id: _paid(root, question) for root in question.roots}
    for root in question.roots:
        lot = {root.claim: root.amount, OWN: max(0, leaving[root.id][1] - root.amount)}
        now = arrival_of(root, question.are_roots)
        run.under_way.setdefault(now, []).append((root.payee, lot, {root.claim: root.amount}))
    instants = {x.at_us for x in payments} | {x.arrived_us for x in payments} | set(run.under_way)
    for now in sorted(instants | {at for at, _ in leaving.values()}):
        for root in sorted(question.roots, key=lambda root: root.id):
            if leaving[root.id][0] == now:
                _leave_own(run, root.payer, leaving[root.id][1], now)
        due = run.under_way.get(now, [])
        for account, _, counted in due:
            _add(run.received, account, counted)
        _receive(run, [(account, lot) for account, lot, _ in due], now)
        waiting = [x for x in payments if x.at_us == now]
        while waiting:
            payers = ready(waiting, now)
            batch = [x for x in waiting if x.payer in payers]
            waiting = [x for x in waiting if x.payer not in payers]
            _settle(run, sorted(batch, key=lambda x: x.id), now)
    return run


def ready(waiting: Sequence[Transfer], now: int) -> set[str | None]:
    """Payers of section 3: whoever can pay into them can also be paid by them."""
    pays = {(x.payer, x.payee) for x in waiting if x.arrived_us == now and x.payer and x.payee}
    while True:
        longer = {(u, w) for u, v in pays for v2, w in pays if v == v2} - pays
        if not longer:
            break
        pays |= longer
    return {
        x.payer
        for x in waiting
        if all((x.payer, u) in pays for u, v in pays if v == x.payer and u != x.payer)
    }


def _settle(run: Settled, batch: list[Transfer], now: int) -> None:
    """One round: all give, then all receive."""
    question = run.question
    back = {x.id: _undone(run, x) for x in batch}
    carried: dict[str, Units] = {x.id: {} for x in batch}
    rest = {x.id: x.amount - sum(back[x.id].values()) for x in batch}
    for payer in {x.payer for x in batch if x.payer in run.books}:
        assert payer is not None
        mine = [x for x in batch if x.payer == payer]
        for x in mine:
            carried[x.id] = repaid(run.rule, run.books[payer], question.repaid_by(x), rest[x.id])
            rest[x.id] -= sum(carried[x.id].values())
        bundle = taken(run.rule, run.books[payer], sum(rest[x.id] for x in mine))
        for x in mine:
            part = shared(rest[x.id], bundle)
            bundle = less(bundle, part)
            carried[x.id] = together([carried[x.id], stolen(part)])
    arriving = []
    for x in batch:
        units = _delivered(run, x, carried[x.id], now)
        credit = together([units, back[x.id]])
        credit[OWN] = x.amount - sum(credit.values())
        run.flows.append((x.payer or "", now, -x.amount))
        if x.payee in question.followed:
            if x.arrived_us == now:
                _add(run.received, x.payee, units)
                arriving.append((x.payee, credit))
            else:
                run.under_way.setdefault(x.arrived_us, []).append((x.payee, credit, units))
    _receive(run, arriving, now)


def _paid(root: Root, question: Question) -> tuple[int, int]:
    """When the root's payment left its payer, and of what sum."""
    paid = question.are_roots.get(root.id)
    return (paid.at_us, paid.amount) if paid else (root.at_us, root.amount)


def _leave_own(run: Settled, payer: str, amount: int, now: int) -> None:
    """A root is paid out of own money."""
    run.flows.append((payer, now, -amount))
    if payer in run.books:
        repaid(run.rule, run.books[payer], {OWN}, amount)


def _delivered(run: Settled, x: Transfer, units: Units, now: int) -> Units:
    """Write down where stolen units went; what the payee's book gets of them."""
    question = run.question
    ending = exit_of(x, question.home_banks)
    if ending is not None:
        _add(run.legs, (x.id, ending), units)
        return {}
    mine = question.repaid_by(x)
    _add(run.legs, (x.id, "returned"), {c: n for c, n in units.items() if c in mine})
    others = {c: n for c, n in units.items() if c not in mine}
    if not others:
        return {}
    assert x.payer is not None
    assert x.payee is not None
    in_time = any(now - question.policy.window_us <= t for t in run.arrivals[x.payer])
    if in_time and x.payee in question.followed:
        _add(run.legs, (x.id, None), others)
        return others
    _add(run.legs, (x.id, "unknown"), others)
    if in_time:
        _add(run.offers, (x.payer, x.payee), others)
    return {}


def _undone(run: Settled, back: Transfer) -> Units:
    """What a refund or return takes back out of exits of its payee to its payer."""
    if back.instrument not in {"refund", "return"} or back.payer is None:
        return {}
    if back.payee not in run.question.followed:
        return {}
    before = [
        (run.payments[id], ending)
        for id, ending in run.legs
        if ending not in {None, "returned"}
        and run.payments[id].payer == back.payee
        and run.payments[id].payee == back.payer
    ]
    undone: Units = {}
    for x, ending in sorted(before, key=lambda e: (e[0].at_us, e[0].id), reverse=True):
        units = run.legs[x.id, ending]
        left = back.amount - sum(undone.values())
        part = shared(min(left, sum(units.values())), units)
        run.legs[x.id, ending] = stolen(less(units, part))
        undone = together([undone, part])
    return undone


def _receive(run: Settled, arriving: Iterable[tuple[str, Units]], now: int) -> None:
    """Everything that arrives at one account at once is one lot."""
    lots: dict[str, Units] = {}
    for account, units in arriving:
        lots[account] = together([lots.get(account, {}), units])
    for account, lot in lots.items():
        if stolen(lot):
            if account not in run.books:
                run.books[account] = [{OWN: balance_before(run, account, now)}]
            run.arrivals.setdefault(account, []).append(now)
        if account in run.books:
            run.books[account].append(lot)
        run.flows.append((account, now, sum(lot.values())))


def balance_before(run: Settled, account: str, first_us: int) -> int:
    """B₀ of section 5."""
    mine = [
        c
        for c in run.question.coverages
        if c.account == account
        and c.opening is not None
        and run.question.floor <= c.from_us <= first_us <= c.to_us
    ]
    if not mine:
        return 0
    best = sorted(mine, key=lambda c: (-c.from_us, -c.to_us, c.id))[0]
    assert best.opening is not None
    since = [n for who, at, n in run.flows if who == account and at >= best.from_us]
    return max(0, best.opening + sum(since))


def _add(sums: dict[Any, Units], key: Any, units: Units) -> None:
    if stolen(units):
        sums[key] = together([sums.get(key, {}), stolen(units)])
