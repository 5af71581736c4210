"""The book of one account under each attribution rule: whose units it holds, and which of them
leave with a payment (section 5 of `docs/reference/trail.md`, REQ-39).

Integer units only; whatever is shared is shared by largest remainder, claims by id, own last.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator
from typing import Protocol

from qalqan.model.money import apportion

OWN = chr(0x10FFFF)
"""Own money, beside the claims; sorts behind every claim."""

Units = dict[str, int]
"""Units by claim; none is 0 or less."""


def share(total: int, units: Units) -> Units:
    """`total` of these units in proportion, exactly.

    Raises:
        ValueError: more than there are.
    """
    whole = sum(units.values())
    if total >= whole:
        if total > whole:
            raise ValueError("more units are shared than there are")
        return dict(units)
    if len(units) == 1:
        return {next(iter(units)): total} if total else {}
    order = sorted(units)
    parts = apportion(total, [units[claim] for claim in order])
    return {claim: part for claim, part in zip(order, parts, strict=True) if part}


def add(units: Units, more: Units) -> None:
    """Put more units to these."""
    for claim, n in more.items():
        units[claim] = units.get(claim, 0) + n


def subtract(units: Units, part: Units) -> None:
    """Take units from these; what comes to nothing is left out."""
    for claim, n in part.items():
        left = units[claim] - n
        if left:
            units[claim] = left
        else:
            del units[claim]


def stolen(units: Units) -> Units:
    """Claims' units only."""
    return {claim: n for claim, n in units.items() if claim != OWN}


class Book(Protocol):
    """What an account holds under one rule."""

    def put(self, lot: Units) -> None:
        """Units that arrive at once."""

    def take(self, amount: int) -> Units:
        """Units that leave with a sum: exactly the sum; what is not there counts as own."""

    def take_of(self, claims: Collection[str], amount: int) -> Units:
        """Units of these claims alone (or own), at most the sum."""

    def here(self) -> Units:
        """Claims' units that are left."""


class ProRata:
    """Every unit in the account leaves with the same chance."""

    def __init__(self, own: int) -> None:
        self.units: Units = {OWN: own} if own else {}

    def put(self, lot: Units) -> None:
        add(self.units, lot)

    def take(self, amount: int) -> Units:
        bundle = share(min(amount, sum(self.units.values())), self.units)
        subtract(self.units, bundle)
        return _filled_up(bundle, amount)

    def take_of(self, claims: Collection[str], amount: int) -> Units:
        return _take_of(self.units, claims, amount)

    def here(self) -> Units:
        return stolen(self.units)


class TaintFirst(ProRata):
    """Stolen units leave first, in proportion, so own money need not be known."""

    def __init__(self, own: int) -> None:
        super().__init__(0)

    def put(self, lot: Units) -> None:
        super().put(stolen(lot))


class Lots:
    """Units leave lot by lot: what came last first (LIFO), or what came first (FIFO)."""

    def __init__(self, own: int, newest_first: bool) -> None:
        self.lots: deque[Units] = deque([{OWN: own}] if own else [])
        self.newest_first = newest_first

    def put(self, lot: Units) -> None:
        self.lots.append(dict(lot))

    def take(self, amount: int) -> Units:
        bundle: Units = {}
        needed = amount
        while needed and self.lots:
            lot = self.lots[-1 if self.newest_first else 0]
            part = share(min(needed, sum(lot.values())), lot)
            add(bundle, part)
            subtract(lot, part)
            needed -= sum(part.values())
            if not lot:
                self.lots.pop() if self.newest_first else self.lots.popleft()
        return _filled_up(bundle, amount)

    def take_of(self, claims: Collection[str], amount: int) -> Units:
        found: Units = {}
        for lot in self._in_order():
            part = _take_of(lot, claims, amount - sum(found.values()))
            add(found, part)
        return found

    def here(self) -> Units:
        whole: Units = {}
        for lot in self.lots:
            add(whole, stolen(lot))
        return whole

    def _in_order(self) -> Iterator[Units]:
        return reversed(self.lots) if self.newest_first else iter(self.lots)


def open_book(rule: str, own: int) -> Book:
    """The book of an account that held `own` money before the first stolen unit came."""
    if rule == "taint_first":
        return TaintFirst(own)
    if rule == "pro_rata":
        return ProRata(own)
    return Lots(own, newest_first=rule == "lifo")


def _take_of(units: Units, claims: Collection[str], amount: int) -> Units:
    mine = {claim: units[claim] for claim in claims if claim in units}
    part = share(min(amount, sum(mine.values())), mine)
    subtract(units, part)
    return part


def _filled_up(bundle: Units, amount: int) -> Units:
    missing = amount - sum(bundle.values())
    if missing:
        bundle[OWN] = bundle.get(OWN, 0) + missing
    return bundle
