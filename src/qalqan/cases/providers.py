"""Providers of telephony: whose calls nobody matched, and who keeps logs when asked (REQ-48, 49).

What the two-sided ledger of legs finds about a provider stands among findings; what it answered to
requests for logs stands in its orders. Here both are read side by side; neither says why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import order_book
from qalqan.model.order import WAITING, Asked, Kind, Order, Outcome, State
from qalqan.register import orm
from qalqan.register.orm import FindingRow

UNMATCHED = "calls.legs_unmatched"
"""The detector of the ledger."""
_NAMED = {Outcome.DONE: "answered", Outcome.NOT_FOUND: "no_logs"}
OUTCOMES = ("answered", "no_logs", "refused", "silent", "waiting")


@dataclass(frozen=True)
class Provider:
    """One operator or provider of telephony."""

    code: str
    active: bool
    unmatched: FindingRow | None
    """The newest finding about its legs: its share with its bound stands in the evidence."""
    logs: Mapping[str, int]
    """Outcome → requests for call logs that ended, or wait, so."""


def providers(session: Session) -> list[Provider]:
    """All of them by their codes."""
    asked = select(orm.Partner).where(orm.Partner.kind == "operator").order_by(orm.Partner.code)
    found = session.scalars(asked).all()
    codes = [row.code for row in found]
    unmatched, logs = _unmatched(session, codes), _logs(session, codes)
    return [
        Provider(row.code, row.active, unmatched.get(row.code), logs.get(row.code, {}))
        for row in found
    ]


def _unmatched(session: Session, codes: Sequence[str]) -> Mapping[str, FindingRow]:
    """The newest finding of each that nobody has dismissed and that has not faded."""
    asked = select(FindingRow).where(
        FindingRow.detector == UNMATCHED, FindingRow.subject.in_(codes),
        FindingRow.state.in_(("new", "confirmed")),
    )  # fmt: skip
    newest = asked.order_by(FindingRow.window_to_us, FindingRow.id)
    return {row.subject: row for row in session.scalars(newest)}


def _logs(session: Session, codes: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
    found = order_book.find(
        session, orm.Order.kind == Kind.DATA, orm.Order.partner.in_(codes),
        orm.Order.sent_us.is_not(None), orm.Order.state != State.WITHDRAWN,
    )  # fmt: skip
    counted: dict[str, dict[str, int]] = {}
    for order in found:
        if Asked.CALLS in order.asked:
            mine = counted.setdefault(order.partner, dict.fromkeys(OUTCOMES, 0))
            mine[_outcome(order, clock.now_us())] += 1
    return counted


def _outcome(order: Order, now_us: int) -> str:
    """What became of one request: its answer, or silence once the term was over."""
    if order.answers:
        return _NAMED.get(order.answers[-1].outcome, "refused")
    if order.state in WAITING and (order.due_us is None or now_us < order.due_us):
        return "waiting"
    return "silent"
