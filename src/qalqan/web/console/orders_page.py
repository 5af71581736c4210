"""All orders in view, by the clock; what was escalated to the reader (REQ-19, 44)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from qalqan.cases import call_appeals, escalation, order_list
from qalqan.cases.order_list import SHOWN, Wanted
from qalqan.model.order import Kind, Order, State
from qalqan.register import rights
from qalqan.register.rights import Right
from qalqan.web.access import ThePageOfficer, database_of, language_of
from qalqan.web.console.appeal_view import AppealView, views
from qalqan.web.console.clocks import Clock, clock_of
from qalqan.web.console.order_cards import kind_of, state_of, tone_of
from qalqan.web.console.pages import page
from qalqan.web.console.reader import Reader, reader_of
from qalqan.web.looks import shows

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Row:
    """One order of the list."""

    order: Order
    kind: str
    state: str
    tone: str
    clock: Clock | None


@router.get("/orders")
def list_orders(
    request: Request,
    officer: ThePageOfficer,
    shown: str = SHOWN[0],
    kind: str = "",
    partner: str = "",
    state: str = "",
    mine: str = "",
    after: str = "",
) -> HTMLResponse:
    """One page of orders."""
    rights.check(officer, Right.CASES)
    shown = shown if shown in SHOWN else SHOWN[0]
    wanted = Wanted(shown, kind, partner[:32], state, bool(mine), after[:60])
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        found = order_list.listed(
            session, order_list.of_officer(officer), wanted, reader.now_us, officer.login
        )
    return page(
        request, "orders.html", officer, reader=reader, rows=rows(reader, found.orders),
        wanted=wanted, shown=SHOWN, kinds=tuple(Kind), states=tuple(State),
        next=_next(wanted, found.next), filters=_query(wanted),
    )  # fmt: skip


def rows(reader: Reader, orders: Sequence[Order]) -> tuple[Row, ...]:
    """Rows of these orders, in their order."""
    made = []
    for order in orders:
        clock = clock_of(order, reader.now_us)
        made.append(Row(order, kind_of(order), state_of(order), tone_of(order, clock), clock))
    return tuple(made)


def _query(wanted: Wanted, **more: str) -> str:
    given = {
        "kind": wanted.kind, "partner": wanted.partner, "state": wanted.state,
        "mine": "1" if wanted.mine else "", **more,
    }  # fmt: skip
    return urlencode({name: value for name, value in given.items() if value})


def _next(wanted: Wanted, after: str) -> str:
    return after and f"/orders?{_query(wanted, shown=wanted.shown, after=after)}"


@router.get("/escalated")
def list_escalated(request: Request, officer: ThePageOfficer) -> HTMLResponse:
    """What nobody answered or decided in time, and now waits for this officer."""
    rights.check(officer, Right.CASES)
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        orders = escalation.to_me(session, officer)
        appeals = _appeals(session, reader, officer)
        may = rights.has(officer, Right.ASSIGN)
        late = call_appeals.late(session, reader.now_us) if may else 0
    shows(request, [*(o.case_id for o in orders), *(each.appeal.case_id for each in appeals)])
    return page(
        request, "escalated.html", officer, reader=reader, rows=rows(reader, orders),
        appeals=appeals, late=late,
    )  # fmt: skip


def _appeals(session: Session, reader: Reader, officer: ThePageOfficer) -> Sequence[AppealView]:
    return views(session, reader, officer, escalation.appeals_to_me(session, officer))
