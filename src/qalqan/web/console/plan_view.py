"""The hold plan and the frontier of a case as its page shows them (REQ-39, 44, 90).

Both are made at the moment of looking: chances change with every minute. Where several victims'
money lies in one account, the page shows this case's part.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from qalqan.cases.figures import Around
from qalqan.cases.opening import Sealed, sealed
from qalqan.cases.policy import current
from qalqan.cases.pursuit import situation
from qalqan.cases.questions import in_vain
from qalqan.cases.situation import Situation
from qalqan.errors import NotAllowed
from qalqan.model.order import WAITING, Kind, Order, Outcome, State
from qalqan.text.show import share
from qalqan.trail import Document
from qalqan.trail.hazard import MILLION
from qalqan.trail.policy import default
from qalqan.web.console.clocks import Clock, clock_of
from qalqan.web.console.reader import Reader

_ENDS = {
    State.REFUSED: "console.frontier.refused",
    State.EXPIRED: "console.frontier.expired",
    State.WITHDRAWN: "console.frontier.withdrawn",
}

_ASKED, _QUEUED = "console.frontier.asked", "console.frontier.queued"


@dataclass(frozen=True)
class PlanLine:
    """Hold this much here; sums are this case's part."""

    account: Sealed
    bank: str
    amount: int
    held: int
    arrived_us: int
    hop: int
    chance: str
    """To leave within the hour."""
    loss: int
    spared: int
    """Of the whole account, as the balance."""
    balance: int | None


@dataclass(frozen=True)
class Left:
    """An account where people decide on a hold; sums are this case's part."""

    account: Sealed
    bank: str
    amount: int
    held: int
    others: int
    """How many others have paid it lately; 0: what lies there came from such an account."""


@dataclass(frozen=True)
class Unknown:
    """A frontier account: from when on nobody has told us, and what became of the question."""

    account: Sealed
    bank: str
    from_us: int
    units: tuple[int, int]
    """Least and most over the rules."""
    status: str
    """Where the question stands: a sentence of the catalogue."""
    at_us: int
    """When the bank answered; 0: it has not."""
    clock: Clock | None
    worth: int
    """What the answer is expected to make holdable."""


@dataclass(frozen=True)
class Small:
    """Sums below the least that is worth an order, told as one."""

    n: int
    units: int


class Plan:
    """The plan of everything around a case."""

    def __init__(self, session: Session, reader: Reader, around: Around) -> None:
        self._reader = reader
        self._claims = {root.claim for root in around.roots}
        self._held = around.held(default().rule)
        self.seen: Situation | None = None
        try:
            policy = current(session, reader.now_us)
        except NotAllowed:
            return  # no two people have agreed to a policy: the machine plans nothing
        documents, orders = around.documents, around.orders
        self.seen = situation(session, documents, orders, policy, reader.now_us)

    def least(self, currency: str) -> int:
        """The least sum that is shown by itself."""
        return self.seen.policy.least_of(currency) if self.seen else 1

    def lines(self, currency: str) -> tuple[PlanLine, ...]:
        """What to hold of this case, the most pressing first."""
        return tuple(self._lines(currency))

    def _lines(self, currency: str) -> Iterator[PlanLine]:
        for place, line in self.seen.plan if self.seen else ():
            mine = sum(units for claim, units in line.claims.items() if claim in self._claims)
            if place.currency != currency or not mine:
                continue
            held = self._held.get((place.account, currency), {})
            yield PlanLine(
                account=sealed(place.account),
                bank=place.bank,
                amount=mine,
                held=sum(units for claim, units in held.items() if claim in self._claims),
                arrived_us=line.arrived_us,
                hop=line.hop,
                chance=share(line.leaving_ppm, MILLION, self._reader.language),
                loss=rough(line.loss * mine // line.amount),
                spared=line.spared,
                balance=line.balance,
            )

    def left(self, currency: str) -> tuple[Left, ...]:
        """Where money of this case lies that the machine does not hold, the largest sum first."""
        if self.seen is None:
            return ()
        found, most = [], self.seen.policy.busy_payers or 0
        for place in self.seen.left:
            amount = _of(place.traced, self._claims)
            if place.currency == currency and amount >= self.least(currency):
                held = _of(self._held.get((place.account, currency), {}), self._claims)
                others = place.standing.others if place.standing.others > most else 0
                found.append(Left(sealed(place.account), place.bank, amount, held, others))
        return tuple(sorted(found, key=lambda left: -left.amount))

    @property
    def ask_first_us(self) -> int:
        """So long after it came, money waits for its statement; 0 if it never does."""
        return (self.seen.policy.ask_first_us or 0) if self.seen else 0

    def waiting(self, currency: str) -> Small:
        """What of this case is held only once the books have been asked for."""
        sums = [
            _of(place.traced, self._claims)
            for place in (self.seen.waiting if self.seen else ())
            if place.currency == currency
        ]
        worth = [units for units in sums if units >= self.least(currency)]
        return Small(len(worth), sum(worth))

    def frontier(self, document: Document) -> tuple[tuple[Unknown, ...], Small]:
        """What to ask next, the answer that is worth most first; small sums as one."""
        whole = [self._unknown(document, asked) for asked in document["frontier"]]
        least = self.least(document["currency"])
        shown = [one for one in whole if one.units[1] >= least]
        small = [one.units[1] for one in whole if one.units[1] < least]
        shown.sort(key=lambda one: (-one.worth, -one.units[1], one.from_us))
        return tuple(shown), Small(len(small), sum(small))

    def _unknown(self, document: Document, asked: Document) -> Unknown:
        account, currency = asked["account"], document["currency"]
        status, at_us, order = self._status(account, asked["bank"], currency)
        units = asked["units"].values()
        return Unknown(
            account=sealed(account),
            bank=asked["bank"],
            from_us=asked["from_us"],
            units=(min(units), max(units)),
            status=status,
            at_us=at_us,
            clock=clock_of(order, self._reader.now_us) if order else None,
            worth=self._worth(account, currency),
        )

    def _worth(self, account: str, currency: str) -> int:
        for place, ask in self.seen.asks if self.seen else ():
            if (place.account, place.currency) == (account, currency) and ask.units:
                return rough(ask.worth * _of(place.traced, self._claims) // ask.units)
        return 0

    def _status(self, account: str, bank: str, currency: str) -> tuple[str, int, Order | None]:
        """Where the question to the bank stands; when it answered; the open question."""
        asked = self.seen.at(account, Kind.STATEMENT) if self.seen else []
        asked = [order for order in asked if order.currency in (None, currency)]
        if not asked or self.seen is None:
            return self._unasked(account, bank, currency), 0, None
        last = asked[-1]
        if last.state in WAITING:
            return (_ASKED if last.sent_us else _QUEUED), 0, last
        place = self.seen.places.get((account, currency))
        if last.state is not State.REFUSED and place and in_vain(self.seen, place):
            return "console.frontier.no_more", last.answered_us or 0, None
        return _ended(last), last.answered_us or 0, None

    def _unasked(self, account: str, bank: str, currency: str) -> str:
        if self.seen is None:
            return "console.frontier.not_asked"
        partner = self.seen.banks.get(bank)
        if partner is None:
            return "console.frontier.outside"
        if partner.feed:
            return "console.frontier.streams"
        place = self.seen.places.get((account, currency))
        least = self.seen.policy.least_of(currency)
        if place is None or place.units < least:
            return "console.frontier.too_small"
        return "console.frontier.next"


def _ended(order: Order) -> str:
    """What became of a question that waits for nothing any more."""
    if order.state in _ENDS:
        return _ENDS[order.state]
    told = bool(order.answers) and order.answers[-1].outcome is Outcome.STATEMENT
    return "console.frontier.answered" if told else "console.frontier.not_found"


def _of(units: Mapping[str, int], claims: set[str]) -> int:
    return sum(n for claim, n in units.items() if claim in claims)


def rough(units: int) -> int:
    """An expected sum to three figures: nobody knows it to the tiyn."""
    step = int(10 ** max(0, len(str(units)) - 3))
    return (units + step // 2) // step * step


def folded(sums: Sequence[int], least: int) -> Small:
    """Those of these sums that are below the least."""
    small = [units for units in sums if units < least]
    return Small(len(small), sum(small))
