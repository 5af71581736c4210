"""The hold plan: how much to hold at which account, where money is likeliest to leave next first;
and which statement is worth most (REQ-44, 90).

Pure. It needs of an account only what `Stand` says, so a trail's document and the arrays of a
compiled walk serve alike. What must hold of every plan, whatever goes in:

- a line never holds more than the claims' units there, of each claim and together;
- nor more than the balance that is told, less the wages and benefits that still lie there;
- what a line holds is shared among its victims in proportion to their units (`apportion`).

A balance of 0 or less leaves nothing to hold. The score only sorts: it never blocks by itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from qalqan.clock import HOUR, MINUTE
from qalqan.trail.hazard import MILLION, Hazard
from qalqan.trail.holds import share_return

USUAL_ANSWER_US = 15 * MINUTE
"""How long a bank takes of which nothing is known: the term that a hold's answer has."""


class Stand(NamedTuple):
    """One account where units sit under the plan's rule; sums in minor units of one currency."""

    account: str
    bank: str
    hop: int
    arrived_us: int
    """When stolen units last arrived."""
    units: Mapping[str, int]
    """Claim → units there."""
    seen_us: int | None = None
    """Until when the books tell everything; None: nothing is told."""
    balance: int | None = None
    """What the account holds as far as its bank tells; None: nobody does."""
    spared: int = 0
    """Wages and benefits that still lie there."""
    left: bool = False
    """People decide on it (`trail.restraint`)."""
    silent: bool = False
    """Its bank is not asked for its books, or was and has not told in time."""


@dataclass(frozen=True)
class Terms:
    """What else a plan depends on."""

    now_us: int
    hazard: Hazard = field(default_factory=Hazard)
    least: int = 1
    """Sums below are not worth an order."""
    due_us: int = USUAL_ANSWER_US
    """How long a bank has to answer."""
    banks: Collection[str] | None = None
    """Banks that can be asked; None: all."""
    ask_first_us: int | None = None
    """Of what came longer ago and is not told since, the books are asked for first; None: never."""


class Line(NamedTuple):
    """Hold this sum here."""

    account: str
    bank: str
    hop: int
    arrived_us: int
    amount: int
    claims: Mapping[str, int]
    """Claim → what of the sum is its; none is 0."""
    leaving_ppm: int
    """Chance that what is there now leaves within the hour."""
    loss: int
    """Units that are expected to leave before the bank's usual answer."""
    spared: int
    """Wages and benefits left alone."""
    balance: int | None
    deadline_us: int
    """When the bank's answer is due."""


class Ask(NamedTuple):
    """Ask this bank how this account went on."""

    account: str
    bank: str
    units: int
    since_us: int
    """From when on nobody has told."""
    moved_ppm: int
    """Chance that the units have moved on since."""
    onward_ppm: int
    """Share of what moves that reaches another account, where it can still be held."""
    worth: int
    """Units that the answer is expected to make holdable."""


def holdable(stand: Stand) -> int:
    """The most that may be held at an account."""
    units = sum(stand.units.values())
    if stand.balance is None:
        return units
    return min(units, max(0, stand.balance - max(0, stand.spared)))


def withheld(stand: Stand, terms: Terms) -> bool:
    """Whether nothing is to be held there by machine, as things stand: people decide, or the money
    has most likely gone, and what would be held now would be the holder's own."""
    if stand.left:
        return True
    if terms.ask_first_us is None or stand.silent:
        return False
    told = stand.seen_us is not None and stand.seen_us >= stand.arrived_us
    return not told and terms.now_us - stand.arrived_us > terms.ask_first_us


def plan(stands: Iterable[Stand], terms: Terms) -> list[Line]:
    """What to hold, the largest expected loss first; of equals what can leave soonest, then the
    larger sum, then by account."""
    lines = [
        _line(stand, amount, terms)
        for stand in stands
        if (terms.banks is None or stand.bank in terms.banks)
        and not withheld(stand, terms)
        and (amount := holdable(stand)) >= terms.least
        and amount > 0
    ]
    return sorted(lines, key=lambda line: (-line.loss, -line.leaving_ppm, -line.amount, line[0]))


def _line(stand: Stand, amount: int, terms: Terms) -> Line:
    age, seen = _ages(stand, terms.now_us)
    curve = terms.hazard.curve(stand.hop, stand.arrived_us)
    answer_us = terms.hazard.answers_us.get(stand.bank, terms.due_us)
    leaves = curve.leaving_ppm(seen, age, answer_us)
    shares = stand.units if amount == sum(stand.units.values()) else _shared(stand, amount)
    return Line(
        account=stand.account,
        bank=stand.bank,
        hop=stand.hop,
        arrived_us=stand.arrived_us,
        amount=amount,
        claims={claim: units for claim, units in shares.items() if units},
        leaving_ppm=curve.leaving_ppm(age, age, HOUR),
        loss=amount * leaves // MILLION,
        spared=stand.spared,
        balance=stand.balance,
        deadline_us=terms.now_us + terms.due_us,
    )


def _shared(stand: Stand, amount: int) -> Mapping[str, int]:
    return share_return(amount, stand.units)


def _ages(stand: Stand, now_us: int) -> tuple[int, int]:
    """How old the last arrival is, and at which age it was last seen to be there."""
    age = max(0, now_us - stand.arrived_us)
    seen = 0 if stand.seen_us is None else max(0, stand.seen_us - stand.arrived_us)
    return age, min(seen, age)


def questions(stands: Iterable[Stand], terms: Terms) -> list[Ask]:
    """Whose statement is worth most: units × chance that they moved on × share of it that an
    answer can still save. Accounts that are told up to now are no question."""
    asks = []
    for stand in stands:
        units = sum(stand.units.values())
        told = stand.seen_us is not None and stand.seen_us >= terms.now_us
        if units < terms.least or not units or told:
            continue
        if terms.banks is None or stand.bank in terms.banks:
            asks.append(_ask(stand, units, terms))
    return sorted(asks, key=lambda ask: (-ask.worth, -ask.units, ask.account))


def _ask(stand: Stand, units: int, terms: Terms) -> Ask:
    age, seen = _ages(stand, terms.now_us)
    moved = terms.hazard.curve(stand.hop, stand.arrived_us).gone_ppm(seen, age)
    onward = terms.hazard.onward(stand.hop)
    since = stand.arrived_us if stand.seen_us is None else max(stand.seen_us, stand.arrived_us)
    worth = units * moved // MILLION * onward // MILLION
    return Ask(stand.account, stand.bank, units, since, moved, onward, worth)
