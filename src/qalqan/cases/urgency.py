"""How pressing a case is: what is expected to leave within the hour, what ends next, and what an
officer does next (issue 5, Build 4; REQ-44, 90).

Pure. `at risk = what still moves × chance that it leaves within the hour`, place by place, by the
measured hazard, and all that is held by holds which lapse within the hour. The chance only sorts:
it blocks nothing by itself. Sums are minor units, times UTC microseconds, chances in millionths.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import NamedTuple

from qalqan.clock import DAY, HOUR, MINUTE
from qalqan.model.money import MINOR_DIGITS
from qalqan.model.order import WAITING, Kind, State
from qalqan.trail.hazard import MILLION, Curve, Hazard

NEVER = 2**62
"""When a clock ends that doesn't run."""
APPEAL_US = 2 * HOUR
"""An appeal is decided within two hours (issue 5, Build 3)."""
_HALF_WITHIN_US = DAY
"""Judgement: who is not half gone within a day runs no clock."""


@dataclass(frozen=True)
class QueueRule:
    """One version of how cases are put in order."""

    version: str
    within_us: int
    least: int
    """Tiyn; smaller rests run no clock."""
    thousand: Mapping[str, int]
    """Currency → tenge for a thousand units."""

    def weigh(self, minor: int, currency: str) -> int:
        """A sum as tiyn, to put it beside others; a currency without a rate weighs nothing."""
        scale: int = 1000 * 10 ** MINOR_DIGITS.get(currency, 2)
        return minor * self.thousand.get(currency, 0) * 100 // scale


@cache
def queue_rule() -> QueueRule:
    """The rule in force."""
    path = files("qalqan.cases") / "data" / "queue_1.toml"
    body = tomllib.loads(path.read_text(encoding="utf-8"))
    return QueueRule(
        body["version"],
        body["within_minutes"] * MINUTE,
        body["least_tenge"] * 100,
        body["thousand"],
    )


class Spot(NamedTuple):
    """An account where some of a case's money still moves."""

    account: str
    bank: str
    currency: str
    units: int
    hop: int
    arrived_us: int
    seen_us: int | None
    """Until when its books tell everything; None: nothing is told."""


class Ordered(NamedTuple):
    """What a case's list needs of one order."""

    id: str
    kind: str
    state: str
    parent_id: str | None
    amount: int
    currency: str
    effect: int
    created_us: int
    sent_us: int | None
    answered_us: int | None
    due_us: int | None
    """When the answer is due; of one that is appealed against, the decision."""
    expires_us: int | None


class Term(NamedTuple):
    """What ends when: leaves (half of the money is expected to be gone), answer, again (the answer
    to one that has been reminded), hold, appeal."""

    at_us: int
    from_us: int
    kind: str
    order: str | None = None


NO_TERM = Term(NEVER, 0, "")


class Step(NamedTuple):
    """What is done next, and to how many orders."""

    code: str
    n: int = 0


class Counts(NamedTuple):
    """Orders that wait for people, for a partner, are late, or are appealed against."""

    drafts: int
    awaited: int
    late: int
    appealed: int


def leaving(spot: Spot, hazard: Hazard, now_us: int, within_us: int) -> int:
    """Chance that money which was last seen there still is, and leaves within that time."""
    curve, age, seen = _seen(spot, hazard, now_us)
    return max(0, curve.leaving_ppm(seen, age, within_us))


def _seen(spot: Spot, hazard: Hazard, now_us: int) -> tuple[Curve, int, int]:
    age = max(0, now_us - spot.arrived_us)
    seen = 0 if spot.seen_us is None else max(0, spot.seen_us - spot.arrived_us)
    return hazard.curve(spot.hop, spot.arrived_us), age, min(seen, age)


def at_risk(spots: Iterable[Spot], hazard: Hazard, now_us: int, rule: QueueRule) -> int:
    """Tiyn that are expected to leave within the hour."""
    return sum(
        rule.weigh(spot.units, spot.currency)
        * leaving(spot, hazard, now_us, rule.within_us)
        // MILLION
        for spot in spots
    )


def lapsing(orders: Iterable[Ordered], now_us: int, rule: QueueRule) -> int:
    """Tiyn whose hold lapses by itself within the hour."""
    return sum(
        rule.weigh(order.effect, order.currency)
        for order in orders
        if holds_until(order, now_us) <= now_us + rule.within_us
    )


def holds_now(order: Ordered, now_us: int) -> bool:
    """Whether an order holds something at this moment."""
    alive = order.kind == Kind.HOLD and order.state in (State.ANSWERED, State.APPEALED)
    return alive and order.effect > 0 and (order.expires_us is None or order.expires_us > now_us)


def holds_until(order: Ordered, now_us: int) -> int:
    """When what an order holds lapses by itself; `NEVER`: it holds nothing, or without end."""
    if not holds_now(order, now_us) or order.expires_us is None:
        return NEVER
    return order.expires_us


def next_term(
    spots: Sequence[Spot],
    orders: Iterable[Ordered],
    hazard: Hazard,
    now_us: int,
    rule: QueueRule,
) -> Term:
    """The term that ends first; an appeal's before all others, as its case stands first."""
    terms = [term for order in orders for term in _terms(order, now_us)]
    appeals = [term for term in terms if term.kind == "appeal"]
    return min(appeals or terms + _leaves(spots, hazard, now_us, rule), default=NO_TERM)


def _terms(order: Ordered, now_us: int) -> list[Term]:
    if order.state == State.APPEALED:
        since = order.answered_us or order.created_us
        due = since + APPEAL_US if order.due_us is None else order.due_us
        return [Term(due, min(since, due), "appeal", order.id)]
    if order.state in WAITING and order.due_us is not None:
        kind = "again" if order.state == State.ESCALATED else "answer"
        return [Term(order.due_us, order.sent_us or order.created_us, kind, order.id)]
    until = holds_until(order, now_us)
    if until == NEVER:
        return []
    return [Term(until, order.answered_us or order.created_us, "hold", order.id)]


def _leaves(spots: Sequence[Spot], hazard: Hazard, now_us: int, rule: QueueRule) -> list[Term]:
    """When half of what moves at the most pressing place is expected to be gone."""
    worth = [(rule.weigh(spot.units, spot.currency), spot) for spot in spots]
    pressing = [
        (weight * leaving(spot, hazard, now_us, rule.within_us), spot)
        for weight, spot in worth
        if weight >= rule.least
    ]
    if not pressing:
        return []
    _, spot = max(pressing)
    at_us = spot.arrived_us + half_us(*_seen(spot, hazard, now_us)[::2])
    return [Term(at_us, spot.seen_us or spot.arrived_us, "leaves")] if at_us > now_us else []


def half_us(curve: Curve, seen_us: int) -> int:
    """Age by which half of what was there at `seen_us` is expected to be gone, to the minute."""
    low, high = seen_us, seen_us + _HALF_WITHIN_US
    if curve.at(high) * 2 > curve.at(seen_us):
        return NEVER
    while high - low > MINUTE:
        middle = (low + high) // 2
        low, high = (low, middle) if curve.at(middle) * 2 <= curve.at(seen_us) else (middle, high)
    return high


def counts(orders: Iterable[Ordered], now_us: int) -> Counts:
    """How many orders wait for whom."""
    drafts = awaited = late = appealed = 0
    for order in orders:
        drafts += order.state == State.DRAFTED
        appealed += order.state == State.APPEALED
        if order.state in WAITING:
            overdue = order.due_us is not None and order.due_us <= now_us
            is_late = order.state == State.ESCALATED or overdue
            late, awaited = late + is_late, awaited + (not is_late)
    return Counts(drafts, awaited, late, appealed)


def next_step(orders: Sequence[Ordered], told: Counts, *, owned: bool, moving: int) -> Step:
    """What an officer does next: the first that applies."""
    if told.appealed:
        return Step("appeal", told.appealed)
    drafted = [order for order in orders if order.state == State.DRAFTED]
    longer = sum(order.kind == Kind.HOLD and order.parent_id is not None for order in drafted)
    if longer:
        return Step("prolong", longer)
    for kind, code in ((Kind.HOLD, "approve"), (Kind.RETURN, "return")):
        if mine := sum(order.kind == kind for order in drafted):
            return Step(code, mine)
    if drafted:
        return Step("decide", len(drafted))
    if told.late:
        return Step("remind", told.late)
    if told.awaited:
        return Step("wait", told.awaited)
    return Step("take" if not owned and moving else "none")
