"""Orders on paper: the request to print, the note that it went, the answer that came (REQ-19)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from qalqan.cases import order_book, paper
from qalqan.cases.documents import Upload
from qalqan.cases.paper import Letter
from qalqan.errors import Conflict, InputRejected, NotAllowed
from qalqan.exchange.letter import DOCX
from qalqan.exchange.request import docx_of
from qalqan.model.order import WAITING
from qalqan.register import rights
from qalqan.register.people import SignedIn
from qalqan.register.rights import Right
from qalqan.text.catalogue import LANGUAGES
from qalqan.text.refusal import expectation
from qalqan.web.access import (
    FormOfficer,
    OrderId,
    ThePageOfficer,
    database_of,
    keys_of,
    language_of,
)
from qalqan.web.console.documents_page import GivenFile, read_upload
from qalqan.web.console.draft_page import amount_of
from qalqan.web.console.entrance import Field
from qalqan.web.console.pages import page
from qalqan.web.console.undecided import undecided

router = APIRouter(include_in_schema=False)


@router.post("/orders/{order}/request", response_class=Response)
def print_request(
    request: Request,
    officer: FormOfficer,
    order: OrderId,
    language: Field = "",
) -> Response:
    """The order as a Word document; it opens the values that it names."""
    spoken = language if language in LANGUAGES else language_of(request)
    try:
        told = paper.request(database_of(request), keys_of(request), officer, order, spoken)
    except (Conflict, NotAllowed) as error:
        return undecided(request, officer, order, error)
    headers = {"Content-Disposition": f'attachment; filename="{order}-{spoken}.docx"'}
    return Response(docx_of(told), media_type=DOCX, headers=headers)


@router.post("/orders/{order}/paper")
def mark_sent(request: Request, officer: FormOfficer, order: OrderId) -> Response:
    """Note that the request went on paper."""
    try:
        paper.mark_sent(database_of(request), keys_of(request), officer, order)
    except (Conflict, NotAllowed) as error:
        return undecided(request, officer, order, error)
    return RedirectResponse(f"/orders/{order}?done=paper", 303)


@router.get("/orders/{order}/answer")
def ask(request: Request, officer: ThePageOfficer, order: OrderId) -> HTMLResponse:
    """Ask what the letter answers."""
    return _form(request, officer, order, {"outcome": "", "amount": "", "words": "", "peer": ""})


@router.post("/orders/{order}/answer")
def enter(
    request: Request,
    officer: FormOfficer,
    order: OrderId,
    outcome: Field = "",
    amount: Field = "",
    words: Annotated[str, Form(max_length=2000)] = "",
    peer: Field = "",
    file: GivenFile = None,
) -> Response:
    """Enter an answer that came on paper, with its scan."""
    given = {"outcome": outcome, "amount": amount, "words": words, "peer": peer}
    name = (file and file.filename) or ""
    scan = Upload(read_upload(file), name, f"{order}: answer on paper", "paper", "document")
    try:
        with database_of(request).session() as session:
            currency = order_book.load(session, order).currency
        letter = Letter(outcome, amount_of(amount.strip(), currency), words, scan, peer)
        paper.enter_answer(database_of(request), keys_of(request), officer, order, letter)
    except InputRejected as error:
        told = expectation(error.expected, language_of(request), error.params)
        return _form(request, officer, order, given, 422, (error.field, told))
    except (Conflict, NotAllowed) as error:
        return undecided(request, officer, order, error)
    return RedirectResponse(f"/orders/{order}?done=answer", 303)


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
        rights.check_case(session, officer, Right.DRAFT, order.case_id)
    if order.state not in WAITING:
        error = Conflict("order", order.id, order.state, "answer")
        return undecided(request, officer, order_id, error)
    return page(
        request, "paper_answer.html", officer, status, order=order, given=given,
        outcomes=paper.outcomes(order), wrong=problem[0], problem=problem[1],
    )  # fmt: skip
