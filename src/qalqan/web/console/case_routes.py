"""A case's overview, its orders, and what is done with it as a whole (REQ-18)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from qalqan.cases import closing, notes, order_book, tasks
from qalqan.cases.approvals import LONGEST_NOTE
from qalqan.cases.opening import sealed
from qalqan.errors import Conflict, InputRejected
from qalqan.register import orm, purposes, rights, vault
from qalqan.register.people import SignedIn
from qalqan.register.rights import Right
from qalqan.text.refusal import expectation
from qalqan.trail.semantics import RULES
from qalqan.web.access import (
    FormOfficer,
    ThePageOfficer,
    database_of,
    keys_of,
    language_of,
)
from qalqan.web.console import entrance
from qalqan.web.console.case_head import head_of
from qalqan.web.console.case_page import case_cards, case_page, counts, seen_of
from qalqan.web.console.entrance import Field
from qalqan.web.console.order_cards import decided_on
from qalqan.web.console.pages import page
from qalqan.web.console.reader import reader_of
from qalqan.web.errors import problem_of

router = APIRouter(include_in_schema=False)

Onlooker = Annotated[SignedIn, Depends(entrance.onlooker)]
Reason = Annotated[str, Form(max_length=2000)]
Story = Annotated[str, Form(max_length=notes.LONGEST + 1000)]


@router.get("/cases/{case_id}")
def show_case(
    request: Request, officer: ThePageOfficer, case_id: str, rule: str = "", decided: str = ""
) -> Response:
    """One case."""
    return _overview(request, officer, case_id, rule, decided)


@router.get("/cases/{case_id}/orders")
def show_orders(
    request: Request, officer: Onlooker, case_id: str, seen: str = "", decided: str = ""
) -> Response:
    """The orders: a tab of the case, or for a page that refreshes them, the part alone."""
    is_part = bool(seen) or "hx-request" in request.headers
    with database_of(request).session() as session:
        rights.check_case(session, officer, Right.CASES, case_id)
        reader = reader_of(session, language_of(request))
        orders = order_book.of_cases(session, [case_id])
        made = case_cards(session, reader, officer, orders)
        newest = seen_of(session, case_id)
        head = None if is_part else head_of(session, reader, officer, case_id, "orders")
    return page(
        request, "_orders.html" if is_part else "case_orders.html", officer, reader=reader,
        head=head, cards=made, counts=counts(made), case_id=case_id, refreshed=is_part,
        seen=seen if is_part else newest, newest=newest, longest=LONGEST_NOTE,
        done=decided_on(made, decided, officer),
    )  # fmt: skip


@router.post("/cases/{case_id}/number")
def number(request: Request, officer: FormOfficer, case_id: str, number: Field = "") -> Response:
    """Give the case its number in the pre-trial register."""
    return _act(
        request, officer, case_id, "number",
        lambda session: closing.number(session, officer, case_id, number),
    )  # fmt: skip


@router.post("/cases/{case_id}/story")
def tell(request: Request, officer: FormOfficer, case_id: str, words: Story = "") -> Response:
    """Say what happened."""
    keys = keys_of(request)
    return _act(
        request, officer, case_id, "story",
        lambda session: closing.tell(session, keys, officer, case_id, words),
    )  # fmt: skip


@router.post("/cases/{case_id}/close")
def close(request: Request, officer: FormOfficer, case_id: str, reason: Reason = "") -> Response:
    """Close the case."""
    return _act(
        request, officer, case_id, "close",
        lambda session: closing.close(session, officer, case_id, reason),
    )  # fmt: skip


@router.post("/cases/{case_id}/reopen")
def reopen(request: Request, officer: FormOfficer, case_id: str, reason: Reason = "") -> Response:
    """Open it again."""
    return _act(
        request, officer, case_id, "reopen",
        lambda session: closing.reopen(session, officer, case_id, reason),
    )  # fmt: skip


def _act(
    request: Request, officer: SignedIn, case_id: str, act: str, do: Callable[[Session], object]
) -> Response:
    """Do it and show the case, or the case with what was wrong."""
    language = language_of(request)
    try:
        with database_of(request).write() as session:
            do(session)
    except InputRejected as error:
        told = expectation(error.expected, language, error.params)
        return _overview(request, officer, case_id, status=422, wrong=act, problem=told)
    except Conflict as error:
        told = str(problem_of(error, language).error["message"])
        return _overview(request, officer, case_id, status=409, wrong=act, problem=told)
    return RedirectResponse(f"/cases/{case_id}", 303)


def _overview(
    request: Request,
    officer: SignedIn,
    case_id: str,
    rule: str = "",
    decided: str = "",
    status: int = 200,
    wrong: str = "",
    problem: str = "",
) -> HTMLResponse:
    database = database_of(request)
    with database.session() as session:
        reader = reader_of(session, language_of(request))
        view = case_page(session, reader, officer, case_id, rule)
        left = {
            "orders": closing.open_orders(session, case_id),
            "tasks": tasks.count_open(session, case_id),
        }
        gone = vault.gone_us(session, view.case.story) if view.case.story else None
    done = decided_on(view.cards, decided, officer)
    return page(
        request, "case.html", officer, status, reader=reader, head=view.head, view=view,
        rules=RULES, done=done, counts=counts(view.cards), longest=LONGEST_NOTE, left=left,
        wrong=wrong, problem=problem, story=_story(request, officer, view.case), story_gone=gone,
        sealed=sealed,
    )  # fmt: skip


def _story(request: Request, officer: SignedIn, case: orm.Case) -> str | None:
    """What happened, in an officer's words; that it was read stands in the audit."""
    if case.story is None:
        return None
    with database_of(request).write() as session:
        stated = purposes.of(session, officer.token_hash, case.id)
        return closing.story(session, keys_of(request), officer, case, stated)
