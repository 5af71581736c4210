"""Appeals: written down at the desk, listed with their clocks, decided (REQ-44)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from qalqan.cases import appeal_book, appeals, call_appeals, order_book
from qalqan.cases.appeal_book import Channel, Verdict
from qalqan.cases.appeals import MOST_NOTE, MOST_WORDS, REASONS, Decision
from qalqan.cases.orders import APPEALABLE
from qalqan.errors import Conflict, InputRejected, NotAllowed
from qalqan.model.order import State
from qalqan.register import rights
from qalqan.register.people import SignedIn
from qalqan.register.rights import Right
from qalqan.text.refusal import expectation
from qalqan.web.access import (
    FormOfficer,
    OrderId,
    ThePageOfficer,
    database_of,
    keys_of,
    language_of,
)
from qalqan.web.console import call_appeal_page
from qalqan.web.console.appeal_view import views
from qalqan.web.console.draft_page import amount_of
from qalqan.web.console.entrance import Field
from qalqan.web.console.pages import page
from qalqan.web.console.reader import reader_of
from qalqan.web.console.undecided import undecided
from qalqan.web.looks import shows

router = APIRouter(include_in_schema=False)

CHANNELS = (Channel.PHONE, Channel.VISIT, Channel.LETTER)
Words = Annotated[str, Form(max_length=MOST_WORDS)]


@router.get("/appeals")
def list_appeals(request: Request, officer: ThePageOfficer, done: str = "") -> HTMLResponse:
    """Open appeals by their coming, and those decided lately."""
    rights.check(officer, Right.CASES)
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        waiting = views(session, reader, officer, appeal_book.listed(session, officer, True))
        over = views(session, reader, officer, appeal_book.listed(session, officer, False, 20))
        calls, past = (
            call_appeal_page.views(session, reader, officer, call_appeals.listed(session, *asked))
            for asked in ((True,), (False, 20))
        )
    shows(request, [each.appeal.case_id for each in (*waiting, *over)])
    return page(
        request, "appeals.html", officer, reader=reader, waiting=waiting, over=over,
        calls=calls, past=past, done=done[:20],
    )  # fmt: skip


@router.get("/orders/{order}/appeals/new")
def ask(request: Request, officer: ThePageOfficer, order: OrderId) -> HTMLResponse:
    """Ask what somebody says against an order."""
    given = {"channel": CHANNELS[0], "words": "", "key": secrets.token_urlsafe(16)}
    return _form(request, officer, order, given)


@router.post("/orders/{order}/appeals/new")
def record(
    request: Request,
    officer: FormOfficer,
    order: OrderId,
    channel: Field = "",
    words: Words = "",
    key: Field = "",
) -> Response:
    """Write an appeal down: its two hours begin."""
    try:
        made = appeals.record(
            database_of(request), keys_of(request), officer, order, channel, words, key
        )
    except InputRejected as error:
        given = {"channel": channel, "words": words, "key": key}
        return _form(request, officer, order, given, 422, _problem(request, error))
    except Conflict as error:
        return undecided(request, officer, order, error)
    return RedirectResponse(f"/appeals?done={made.id}", 303)


def _form(
    request: Request,
    officer: SignedIn,
    order_id: str,
    given: Mapping[str, str],
    status: int = 200,
    problem: tuple[str, str] = ("", ""),
) -> HTMLResponse:
    with database_of(request).session() as session:
        order = order_book.load(session, order_id)
        rights.check_case(session, officer, Right.APPEALS, order.case_id)
    if order.kind not in APPEALABLE or order.state is not State.ANSWERED:
        error = Conflict("order", order.id, order.state, "appeal")
        return undecided(request, officer, order_id, error)
    return page(
        request, "appeal_new.html", officer, status, order=order, given=given,
        channels=CHANNELS, wrong=problem[0], problem=problem[1], longest=MOST_WORDS,
    )  # fmt: skip


@router.get("/appeals/{appeal}")
def show(request: Request, officer: ThePageOfficer, appeal: str) -> HTMLResponse:
    """One appeal, with the form that decides it."""
    given = {"verdict": "", "reason": "", "words": "", "amount": ""}
    return _decision(request, officer, appeal, given)


@router.post("/appeals/{appeal}")
def decide(
    request: Request,
    officer: FormOfficer,
    appeal: str,
    version: Annotated[int, Form()],
    verdict: Field = "",
    words: Words = "",
    amount: Field = "",
    reason: Field = "",
) -> Response:
    """Decide; what was wrong is let go at once."""
    try:
        known = set(REASONS)
        told = Decision(
            Verdict(verdict) if verdict in known else Verdict.OPEN,
            reason.partition(".")[2] if reason.startswith(f"{verdict}.") else reason,
            words, _sum(request, appeal, amount) if verdict == Verdict.PART else None, version,
        )  # fmt: skip
        appeals.decide(database_of(request), keys_of(request), appeal, officer, told)
    except InputRejected as error:
        given = {"verdict": verdict, "reason": reason, "words": words, "amount": amount}
        return _decision(request, officer, appeal, given, 422, _problem(request, error))
    except (Conflict, NotAllowed) as error:
        with database_of(request).session() as session:
            of = appeal_book.load(session, appeal).order_id
        return undecided(request, officer, of, error)
    return RedirectResponse(f"/appeals?done={appeal}", 303)


def _sum(request: Request, appeal_id: str, amount: str) -> int | None:
    with database_of(request).session() as session:
        order = order_book.load(session, appeal_book.load(session, appeal_id).order_id)
    return amount_of(amount.strip(), order.currency)


def _decision(
    request: Request,
    officer: SignedIn,
    appeal_id: str,
    given: Mapping[str, str],
    status: int = 200,
    problem: tuple[str, str] = ("", ""),
) -> HTMLResponse:
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        found = appeal_book.load(session, appeal_id)
        rights.check_case(session, officer, Right.CASES, found.case_id)
        (view,) = views(session, reader, officer, [found])
    return page(
        request, "appeal.html", officer, status, reader=reader, view=view, given=given,
        reasons=REASONS, wrong=problem[0], problem=problem[1], longest=MOST_NOTE,
    )  # fmt: skip


def _problem(request: Request, error: InputRejected) -> tuple[str, str]:
    return error.field, expectation(error.expected, language_of(request), error.params)
