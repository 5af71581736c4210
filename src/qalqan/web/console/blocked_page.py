"""What is blocked: since when, by which orders, on which ground, until when, who appealed, and the
whole history, over all cases."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan.cases import blocked
from qalqan.cases.approvals import LONGEST_NOTE
from qalqan.cases.blocked import Blocked
from qalqan.cases.entities import SEALED
from qalqan.cases.opening import Sealed, sealed
from qalqan.model.order import held_now
from qalqan.register import orm
from qalqan.register.people import SignedIn
from qalqan.web.access import OrderId, ThePageOfficer, database_of, language_of
from qalqan.web.console.appeal_view import AppealView, views
from qalqan.web.console.order_cards import Card, Line, cards
from qalqan.web.console.pages import page
from qalqan.web.console.reader import Reader, reader_of
from qalqan.web.looks import shows

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class BlockedPage:
    """All that the page shows."""

    of: Blocked
    cases: tuple[orm.Case, ...]
    """In view, the newest first."""
    sealed: Sealed | None
    """The value, where it is personal."""
    stopping: tuple[Card, ...]
    """Orders in force, the oldest first."""
    orders: tuple[Card, ...]
    appeals: tuple[AppealView, ...]
    history: tuple[tuple[str, Line], ...]
    """(order, what happened), the newest first."""
    held: tuple[tuple[int, str], ...]
    """(minor units, currency) held there now."""


@router.get("/blocked/{order}")
def show(request: Request, officer: ThePageOfficer, order: OrderId) -> HTMLResponse:
    """What this order blocks."""
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        view = _view(session, reader, officer, order)
    shows(request, [each.case_id for each in view.of.orders])
    return page(
        request, "blocked.html", officer, reader=reader, view=view, asked=order,
        case_id=next(each.case_id for each in view.of.orders if each.id == order),
        longest=LONGEST_NOTE,
    )  # fmt: skip


def _view(session: Session, reader: Reader, officer: SignedIn, order_id: str) -> BlockedPage:
    found = blocked.about(session, officer, order_id, reader.now_us)
    made = cards(session, reader, found.orders, ())
    cases = select(orm.Case).where(orm.Case.id.in_([order.case_id for order in found.orders]))
    stopping = {order.id for order in found.in_force}
    told = [(card.order.id, line) for card in made for line in card.history]
    return BlockedPage(
        of=found,
        cases=tuple(session.scalars(cases.order_by(orm.Case.id.desc()))),
        sealed=sealed(found.subject) if found.kind in SEALED else None,
        stopping=tuple(
            sorted((c for c in made if c.order.id in stopping), key=lambda c: c.order.id)
        ),
        orders=made,
        appeals=views(session, reader, officer, found.appeals),
        history=tuple(reversed(sorted(told, key=lambda each: each[1].at_us))),
        held=_held(found),
    )


def _held(found: Blocked) -> tuple[tuple[int, str], ...]:
    sums: dict[str, int] = {}
    for order in found.in_force:
        if order.currency:
            units = held_now(order, found.now_us)
            sums[order.currency] = sums.get(order.currency, 0) + units
    return tuple((units, currency) for currency, units in sorted(sums.items()) if units)
