"""Which statements to ask for: only where stolen money sits and nobody has told enough (REQ-44).

Pure. The statement whose answer is worth most is asked for first (`trail.plan.questions`). A bank
that streams its payments is never asked. An account is told enough once its books
are known up to the last thing that happened to the stolen money there: an arrival, the answer to
a hold, or the moment a hold lapsed.
"""

from __future__ import annotations

from collections.abc import Iterator

from qalqan.cases.places import Place
from qalqan.cases.reasons import money, reason, when
from qalqan.cases.situation import OPEN, Bank, Draft, Situation, largest
from qalqan.model.order import Kind, Order, Outcome, State


def statements(now: Situation) -> Iterator[Draft]:
    """Statements that would move the trail on."""
    for place, _ in now.asks:
        bank = now.banks[place.bank]
        if bank.feed:
            continue
        asked = now.questions_at(place)
        if any(order.state in OPEN for order in asked) or in_vain(now, place):
            continue
        wanted = _wanted_us(now, place)
        if place.covered_us is None or place.covered_us < wanted:
            earlier = len(now.at(place.account, Kind.STATEMENT))
            yield Draft(_question(now, place, bank, earlier))


def in_vain(now: Situation, place: Place) -> bool:
    """The bank has been asked often enough without an answer that tells anything, be it a
    statement that ends before what it was asked for."""
    asked, wanted_us = now.questions_at(place), _wanted_us(now, place)
    told = [o for o in asked if o.answers and o.answers[-1].outcome is Outcome.STATEMENT]
    short = sum(order.created_us >= wanted_us for order in told)
    return len(asked) - len(told) + short >= now.policy.statements_an_account


def _wanted_us(now: Situation, place: Place) -> int:
    moments = [place.last_us]
    for hold in now.holds_at(place):
        moments.append(hold.answered_us or 0)
        if hold.state is State.EXPIRED and hold.answers:
            moments.append(hold.expires_us or 0)
    return max(moments)


def _question(now: Situation, place: Place, bank: Bank, earlier: int) -> Order:
    begin = place.covered_us
    if begin is None:
        begin = max(0, place.first_us - now.policy.statement_before_us)
    return now.draft(
        Kind.STATEMENT,
        now.claims[largest(place.traced)],
        bank,
        f"statement:{place.account}:{place.currency}:{earlier}",
        account=place.account,
        currency=place.currency,
        from_us=begin,
        reason=reason(
            "statement", amount=money(place.units, place.currency), at=when(place.last_us)
        ),
    )
