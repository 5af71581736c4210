"""Which holds to place, prolong and let go: the disputed sum, never more (REQ-44).

Pure: a `Situation` in, drafts out, in the order of the plan (`trail.plan`): first where money is
likeliest to leave next. A provisional hold takes what the plan says of an account, so never above
its balance or the claim, and no other hold of ours holds. What a bank could not hold is not asked
for again before its books are told up to that answer; what lapsed, was refused or withdrawn is
left to people.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from qalqan.cases.places import Place
from qalqan.cases.reasons import ON_APPEAL, money, reason, when
from qalqan.cases.situation import OPEN, Bank, Draft, Situation, is_outdated, total
from qalqan.model.order import Kind, Order, Outcome, State
from qalqan.trail.plan import Line

_LEFT_TO_PEOPLE = frozenset({State.EXPIRED, State.REFUSED, State.WITHDRAWN})


def holds(now: Situation) -> Iterator[Draft]:
    """Provisional holds of what is traced and not held; two people decide on longer ones."""
    given: dict[tuple[str, str], int] = {}
    """(claim, currency) → what is being drafted."""
    for place, line in now.plan:
        for draft in _new(now, place, line, given):
            key = draft.order.report_id or "", place.currency
            given[key] = given.get(key, 0) + (draft.order.amount or 0)
            yield draft
    for place in now.places.values():
        bank = now.banks.get(place.bank)
        if bank is not None:
            yield from _longer(now, place, bank)


def _new(
    now: Situation, place: Place, line: Line, given: Mapping[tuple[str, str], int]
) -> Iterator[Draft]:
    mine = now.holds_at(place)
    spoken_for = total(mine, lambda hold: spoken_for_by(now, hold, place))
    missing = line.amount - sum(spoken_for.values())
    least = now.policy.least_of(place.currency)
    for claim, units in sorted(line.claims.items()):
        amount = min(missing, units - spoken_for.get(claim, 0))
        if (room := now.room(claim, place.currency)) is not None:
            amount = min(amount, room - given.get((claim, place.currency), 0))
        if amount >= least:
            missing -= amount
            yield Draft(_hold(now, place, line, claim, amount), units)


def spoken_for_by(now: Situation, hold: Order, place: Place) -> int:
    """What of a place one hold already answers for, minor units; with it what people let go out
    of it: the machine does not take that again."""
    return _answers_for(now, hold, place) + _let_go_by_people(now, hold)


def _let_go_by_people(now: Situation, hold: Order) -> int:
    """What officers released, by a draft of theirs or on an appeal."""
    released = (o for o in now.at(hold.account or "", Kind.RELEASE) if o.parent_id == hold.id)
    people = (o for o in released if not o.by_policy or o.reason.get("code") == ON_APPEAL)
    return sum(o.effect for o in people)


def _answers_for(now: Situation, hold: Order, place: Place) -> int:
    if hold.parent_id and (not hold.answers or hold.state is State.REFUSED):
        return 0  # its parent answers for that sum, also where the bank won't hold it longer
    if hold.state is State.REFUSED:
        return hold.amount or 0  # a no is not asked for again
    if hold.state in _LEFT_TO_PEOPLE:
        return _said_held(hold) if hold.answers else hold.amount or 0
    if hold.state in OPEN:
        return hold.amount or 0
    return now.held(hold) + _fell_short(hold, place)


def _fell_short(hold: Order, place: Place) -> int:
    """What the bank could not hold, as long as its books are not told up to that answer."""
    told = place.covered_us is not None and place.covered_us >= (hold.answered_us or 0)
    if told or not hold.answers or hold.parent_id:
        return 0
    if hold.answers[-1].outcome not in {Outcome.PARTIAL, Outcome.GONE}:
        return 0
    return (hold.amount or 0) - _said_held(hold)


def _said_held(hold: Order) -> int:
    """What the bank said it held; "held" without a sum is all that was asked."""
    answer = hold.answers[-1]
    whole = hold.amount or 0 if answer.outcome is Outcome.HELD else 0
    return whole if answer.amount is None else answer.amount


def _hold(now: Situation, place: Place, line: Line, claim: str, amount: int) -> Order:
    earlier = sum(hold.report_id == claim for hold in now.holds_at(place))
    return now.draft(
        Kind.HOLD,
        now.claims[claim],
        now.banks[place.bank],
        f"hold:{claim}:{place.account}:{earlier}",
        provisional=True,
        account=place.account,
        amount=amount,
        currency=place.currency,
        from_us=place.first_us,
        expires_us=now.now_us + now.policy.hold_us,
        reason=why(line, amount, place.currency),
    )


def why(line: Line, amount: int, currency: str) -> dict[str, Any]:
    """Why a line of the plan is held: what came when, how far from the victim, how soon such
    money leaves, which wages stay payable."""
    told = {
        "amount": money(amount, currency),
        "at": when(line.arrived_us),
        "hop": line.hop,
        "chance": round(line.leaving_ppm / 10_000),
    }
    if line.spared:
        return reason("hold_beside_wages", **told, spared=money(line.spared, currency))
    return reason("hold_planned", **told)


def _longer(now: Situation, place: Place, bank: Bank) -> Iterator[Draft]:
    """Prolong what lapses soon, once for each provisional hold; again if the hold has shrunk
    meanwhile and people have not said no."""
    for hold in now.holds_at(place):
        held = min(now.held(hold), place.units)
        if not hold.provisional or not held or hold.report_id is None:
            continue
        if (hold.expires_us or 0) - now.now_us > now.policy.prolong_before_us:
            continue
        earlier = [order for order in now.holds_at(place) if order.parent_id == hold.id]
        if not all(is_outdated(order) for order in earlier):
            continue
        until = now.now_us + now.policy.prolonged_hold_us
        order = now.draft(
            Kind.HOLD,
            now.claims[hold.report_id],
            bank,
            f"prolong:{hold.id}:{len(earlier)}" if earlier else f"prolong:{hold.id}",
            parent_id=hold.id,
            account=place.account,
            amount=held,
            currency=place.currency,
            expires_us=until,
            reason=reason("prolong", amount=money(held, place.currency), at=when(until)),
        )
        yield Draft(order, held)


def releases(now: Situation) -> Iterator[Draft]:
    """Let go what is held above the traced sum; what is on its way back is not counted twice.
    What a hold keeps can't leave: units that the trail sees leave after a bank's answer are still
    there, and what left was other money (trail.md, section 11), unless it is held where it went:
    then a claim would be held twice."""
    let_go: dict[str, int] = {}
    """Hold → what is being let go."""
    for excess in (False, True):  # what has left first: it may be all that is held twice
        for place in now.places.values():
            if place.bank in now.banks:
                yield from _above(now, place, let_go, excess)


def _above(now: Situation, place: Place, let_go: dict[str, int], excess: bool) -> Iterator[Draft]:
    """What one place holds above the trail; `excess`: only as far as its claim is held twice."""
    mine = [hold for hold in now.holds_at(place) if now.held(hold)]
    since_us = min((hold.answered_us or 0 for hold in mine), default=0)
    here = place.units + (0 if excess else place.left_since(since_us))
    over = sum(now.held(hold) - _let_go(now, hold) - let_go.get(hold.id, 0) for hold in mine) - here
    for hold in reversed(mine):
        free = now.held(hold) - _let_go(now, hold) - now.open_for(hold, Kind.RETURN)
        amount = min(over, free - let_go.get(hold.id, 0))
        if excess:
            amount = min(amount, _twice(now, hold, let_go))
        if amount > 0:
            over -= amount
            let_go[hold.id] = let_go.get(hold.id, 0) + amount
            yield Draft(_release(now, place, now.banks[place.bank], hold, amount), free)


def _twice(now: Situation, hold: Order, let_go: Mapping[str, int]) -> int:
    """What of a hold's claim is held above what was stolen, and not being let go yet."""
    claim, currency = hold.report_id or "", hold.currency or ""
    mine = [o for o in now.orders if o.report_id == claim and o.currency == currency]
    going = sum(_let_go(now, o) + let_go.get(o.id, 0) for o in mine if now.held(o))
    return now.excess(claim, currency) - going


def _let_go(now: Situation, hold: Order) -> int:
    """What releases take out of a hold already, or would if the bank had not refused."""
    of = now.about(hold, Kind.RELEASE)
    return sum(o.amount or 0 for o in of if o.state in OPEN | _LEFT_TO_PEOPLE)


def _release(now: Situation, place: Place, bank: Bank, hold: Order, amount: int) -> Order:
    earlier = sum(order.parent_id == hold.id for order in now.at(place.account, Kind.RELEASE))
    return now.draft(
        Kind.RELEASE,
        now.claims[hold.report_id or ""],
        bank,
        f"release:{hold.id}:{earlier}",
        parent_id=hold.id,
        account=place.account,
        amount=amount,
        currency=place.currency,
        reason=reason("release", amount=money(amount, place.currency)),
    )
