"""A clerk's pages: his institution's orders by their clocks, one order, its answer (REQ-19, 44)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.datastructures import FormData

from qalqan.cases import own_orders
from qalqan.cases.answers import take_answer
from qalqan.cases.grounds import ground
from qalqan.errors import Conflict, InputRejected
from qalqan.model.order import WAITING, Kind, Order, State
from qalqan.register import orm
from qalqan.text.failure import failure
from qalqan.text.refusal import expectation
from qalqan.trust.tokens import last_four
from qalqan.web.access import (
    OrderId,
    check_csrf,
    database_of,
    keys_of,
    language_of,
)
from qalqan.web.console.clerks import Clerk, TheClerk
from qalqan.web.console.clocks import Clock, clock_of
from qalqan.web.console.order_cards import Line, kind_of, line, state_of, tone_of
from qalqan.web.console.pages import page
from qalqan.web.console.partner_answer import LINES, answer_of, outcomes
from qalqan.web.console.reader import Reader, reader_of

router = APIRouter(include_in_schema=False)

NEW = "partner.new"
"""Nobody there has seen it: who agreed to it inside is not their concern."""


@dataclass(frozen=True)
class Row:
    """One order in a list; the account's last four characters alone."""

    order: Order
    kind: str
    state: str
    tone: str
    clock: Clock | None
    last: str


@dataclass(frozen=True)
class Problem:
    """What was wrong with a form, by the field's name."""

    field: str
    words: str


@router.get("/partner")
def show_orders(request: Request, clerk: TheClerk, before: str = "") -> HTMLResponse:
    """Everything that this institution was told."""
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        found = own_orders.own(session, clerk.code, before[:20])
    return page(
        request, "partner.html", clerk.officer, reader=reader, clerk=clerk,
        waiting=_rows(reader, found.waiting), in_force=_rows(reader, found.in_force),
        over=_rows(reader, found.over), next=found.next, first=not before,
    )  # fmt: skip


def _rows(reader: Reader, orders: Sequence[Order]) -> list[Row]:
    return [_row(reader, order) for order in orders]


def _row(reader: Reader, order: Order) -> Row:
    clock = clock_of(order, reader.now_us)
    about = order.account or order.subject or ""
    shown = last_four(about) if order.account or order.subject_kind == "phone" else about
    state = NEW if order.state is State.APPROVED else state_of(order)
    return Row(order, kind_of(order), state, tone_of(order, clock), clock, shown)


@router.get("/partner/orders/{order}")
def show_order(request: Request, clerk: TheClerk, order: OrderId, done: str = "") -> HTMLResponse:
    """One order with its account in clear: it is addressed to this institution."""
    return _order_page(request, clerk, order, done=done == "answer")


@router.post("/partner/orders/{order}/answer")
async def answer(request: Request, clerk: TheClerk, order: OrderId) -> Response:
    """Answer one order."""
    form = await request.form()
    check_csrf(request, clerk.officer, form)
    return await run_in_threadpool(_answered, request, clerk, order, form)


def _answered(request: Request, clerk: Clerk, order_id: str, form: FormData) -> Response:
    given = {name: value for name, value in form.items() if isinstance(value, str)}
    database, keys, language = database_of(request), keys_of(request), language_of(request)
    try:
        _, message = own_orders.opened(database, keys, clerk.code, order_id, clerk.officer.login)
        told = answer_of(message, given)
        take_answer(database, keys, clerk.code, told, brought_by=clerk.officer.login)
    except InputRejected as error:
        words = expectation(error.expected, language, error.params)
        problem = Problem(error.field.removeprefix("payment."), words)
        return _order_page(request, clerk, order_id, 422, given, problem)
    except Conflict as error:
        problem = Problem("", failure(error, language))
        return _order_page(request, clerk, order_id, 409, given, problem)
    return RedirectResponse(f"/partner/orders/{order_id}?done=answer", 303)


def _order_page(
    request: Request,
    clerk: Clerk,
    order_id: str,
    status: int = 200,
    given: Mapping[str, str] | None = None,
    problem: Problem | None = None,
    done: bool = False,
) -> HTMLResponse:
    database = database_of(request)
    order, message = own_orders.opened(
        database, keys_of(request), clerk.code, order_id, clerk.officer.login
    )
    with database.session() as session:
        reader = reader_of(session, language_of(request))
        history = _history(session, reader, order)
    legal = ground(order.ground, order.kind, order.created_us)
    return page(
        request, "partner_order.html", clerk.officer, status, reader=reader, clerk=clerk,
        order=order, message=message, row=_row(reader, order), history=history, legal=legal,
        reason=message.reason.get(reader.language, ""), given=given or {}, problem=problem,
        done=done, outcomes=outcomes(order.kind) if order.state in WAITING else (),
        lines=range(1, LINES + 1), by_file=order.kind is Kind.STATEMENT,
    )  # fmt: skip


_SEEN = (
    "sign", "send", "receive", "answer", "remind", "nudge", "escalate", "expire", "appeal",
    "dismiss", "settle", "close", "withdraw", "reduce",
)  # fmt: skip


def _history(session: Session, reader: Reader, order: Order) -> list[Line]:
    """What happened between the centre and the institution; who decided inside is not shown."""
    wanted = select(orm.OrderEvent).where(
        orm.OrderEvent.order_id == order.id, orm.OrderEvent.event.in_(_SEEN)
    )
    events = session.scalars(wanted.order_by(orm.OrderEvent.id))
    return [line(reader, order, kind_of(order), event) for event in events]
