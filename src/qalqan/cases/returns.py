"""Held money back to its victims: the headline (REQ-15, 44).

Pure. What an account's holds keep is shared among the victims whose money the trail shows there
(`trail.holds.share_return`), once its books are told past the holds and nothing is still asked in
the victim's case. Two people and a prosecutor decide; money counts as returned when the bank
shows the payment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from qalqan.cases.places import Place
from qalqan.cases.reasons import money, reason
from qalqan.cases.situation import OPEN, Bank, Draft, Situation, is_outdated
from qalqan.model.order import Kind, Order, State
from qalqan.trail.holds import share_return

_UNSETTLING = frozenset({Kind.CONFIRM, Kind.STATEMENT, Kind.HOLD, Kind.RELEASE})


def returns(now: Situation) -> Iterator[Draft]:
    """Returns of what is held and settled, one for each hold and victim."""
    unsettled = {o.case_id for o in now.orders if o.kind in _UNSETTLING and _is_asked(o)}
    owed: dict[tuple[str, str], int | None] = {}
    """(claim, currency) → what may still be paid back; a bank may have paid, or been told to, what
    the trail found elsewhere afterwards."""
    for place in now.places.values():
        bank = now.banks.get(place.bank)
        if bank is None or not _is_told(now, place):
            continue
        for claim in place.traced:
            owed.setdefault((claim, place.currency), now.owed(claim, place.currency))
        settled = [c for c in sorted(place.traced) if now.claims[c].case not in unsettled]
        for draft in _of_place(now, place, bank, settled, owed):
            key = draft.order.report_id or "", place.currency
            if (left := owed[key]) is not None:
                owed[key] = left - (draft.order.amount or 0)
            yield draft


def overtaken(now: Situation) -> Iterator[Order]:
    """Returns for whose victim the trail no longer shows so much there: the machine takes them
    back, and what is left is drafted anew. One that people have agreed to, too, as long as the
    bank has not got it: they agreed to another sum, and are asked again."""
    for order in now.orders:
        if order.kind is not Kind.RETURN or not _is_still_here(order):
            continue
        account, currency, claim = (order.account or "", order.currency or "", order.report_id)
        place = now.places.get((account, currency))
        traced = place.traced.get(claim or "", 0) if place else 0
        mine = (o for o in now.at(account, Kind.RETURN) if o.report_id == claim)
        if sum(o.amount or 0 for o in mine if o.state in OPEN) > traced:
            yield order


def _is_still_here(order: Order) -> bool:
    """Nobody outside has it: a bank that has may have paid already."""
    return order.state is State.DRAFTED or (order.state is State.APPROVED and order.sent_us is None)


def _is_asked(order: Order) -> bool:
    """A prolonging hold waits for people, not for knowledge."""
    return order.state in OPEN and not (order.kind is Kind.HOLD and order.parent_id)


def _is_told(now: Situation, place: Place) -> bool:
    answered = [h.answered_us or 0 for h in now.holds_at(place) if now.held(h)]
    return bool(answered) and place.covered_us is not None and place.covered_us >= max(answered)


def _of_place(
    now: Situation,
    place: Place,
    bank: Bank,
    settled: list[str],
    owed: Mapping[tuple[str, str], int | None],
) -> Iterator[Draft]:
    holding = [hold for hold in now.holds_at(place) if now.held(hold) and not _is_disputed(hold)]
    shares = share_return(sum(now.held(hold) for hold in holding), place.traced)
    left = {h.id: now.held(h) - now.open_for(h, Kind.RETURN, Kind.RELEASE) for h in holding}
    for claim in settled:
        share = shares[claim] - _under_way(now, place, claim)
        if (most := owed[claim, place.currency]) is not None:
            share = min(share, most)
        if share < now.policy.least_of(place.currency):
            continue
        for hold in sorted(holding, key=lambda hold: hold.report_id != claim):
            amount = min(share, left[hold.id])
            if amount > 0:
                share -= amount
                left[hold.id] -= amount
                yield Draft(_return(now, place, bank, hold, claim, amount), amount)


def _is_disputed(hold: Order) -> bool:
    """Somebody has appealed: his money goes nowhere before that is decided."""
    return hold.state is State.APPEALED


def _under_way(now: Situation, place: Place, claim: str) -> int:
    """What open returns will pay this victim, and what people or the bank refused to."""
    stopped = OPEN | {State.REFUSED, State.WITHDRAWN}
    mine = [
        order
        for order in now.at(place.account, Kind.RETURN)
        if order.report_id == claim and order.currency == place.currency
    ]
    return sum(o.amount or 0 for o in mine if o.state in stopped and not is_outdated(o))


def _return(
    now: Situation, place: Place, bank: Bank, hold: Order, claim: str, amount: int
) -> Order:
    earlier = sum(
        order.parent_id == hold.id and order.report_id == claim
        for order in now.at(place.account, Kind.RETURN)
    )
    return now.draft(
        Kind.RETURN,
        now.claims[claim],
        bank,
        f"return:{hold.id}:{claim}:{earlier}",
        parent_id=hold.id,
        account=place.account,
        beneficiary=now.claims[claim].payer_account,
        amount=amount,
        currency=place.currency,
        reason=reason("return", amount=money(amount, place.currency)),
    )
