"""A bank's statement dropped onto a case: handed in, understood, taken (REQ-19, 42, 44)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from qalqan.cases import documents, statement_drop, statement_taken
from qalqan.cases.documents import MOST_BYTES, Upload
from qalqan.cases.opening import sealed
from qalqan.cases.statement_drop import Dropped
from qalqan.errors import Conflict, InputRejected
from qalqan.lake.hand_in import Centre
from qalqan.register import rights
from qalqan.register.people import SignedIn
from qalqan.register.rights import Right
from qalqan.text.refusal import expectation
from qalqan.web.access import (
    FormOfficer,
    ThePageOfficer,
    database_of,
    keys_of,
    language_of,
    settings_of,
)
from qalqan.web.console.case_head import head_of
from qalqan.web.console.documents_page import read_upload
from qalqan.web.console.entrance import Field
from qalqan.web.console.pages import page
from qalqan.web.console.reader import reader_of
from qalqan.web.errors import problem_of

router = APIRouter(include_in_schema=False)

GivenFile = Annotated[UploadFile | None, File()]


@router.get("/cases/{case_id}/statements")
def ask(request: Request, officer: ThePageOfficer, case_id: str) -> Response:
    """Where a statement is dropped."""
    return _form(request, officer, case_id)


@router.post("/cases/{case_id}/statements")
def hand_in(
    request: Request, officer: FormOfficer, case_id: str, file: GivenFile = None,
    partner: Field = "",
) -> Response:  # fmt: skip
    """Keep the file as a document and show what it says."""
    try:
        data, name = read_upload(file), (file and file.filename) or ""
        with database_of(request).write() as session:
            bank = statement_drop.bank_of(session, partner)
            title = bank.names[language_of(request)]
            upload = Upload(data, name, title, title, "statement")
            document = documents.add(session, keys_of(request), officer, case_id, upload)
            number = document.id
    except InputRejected as error:
        told = expectation(error.expected, language_of(request), error.params)
        return _form(request, officer, case_id, 422, partner, told)
    return RedirectResponse(f"/cases/{case_id}/statements/{number}?partner={bank.code}", 303)


@router.get("/cases/{case_id}/statements/{document}")
def preview(
    request: Request, officer: ThePageOfficer, case_id: str, document: str, partner: str = ""
) -> Response:
    """What was understood."""
    return _preview(request, officer, Dropped(case_id, document, partner))


@router.post("/cases/{case_id}/statements/{document}")
def confirm(
    request: Request, officer: FormOfficer, case_id: str, document: str,
    partner: Field = "", take: Field = "",
) -> Response:  # fmt: skip
    """Take it: as the answer to the bank's open order, or as facts."""
    dropped, settings = Dropped(case_id, document, partner), settings_of(request)
    centre = Centre(database_of(request), keys_of(request), settings.lake_root)
    language = language_of(request)
    try:
        statement_taken.confirm(centre, settings.home, officer, dropped, take == "answer")
    except InputRejected as error:
        told = f"{error.field}: {expectation(error.expected, language, error.params)}"
        return _preview(request, officer, dropped, 422, told)
    except Conflict as error:
        told = str(problem_of(error, language).error["message"])
        return _preview(request, officer, dropped, 409, told)
    return RedirectResponse(f"/cases/{case_id}", 303)


def _form(
    request: Request,
    officer: SignedIn,
    case_id: str,
    status: int = 200,
    partner: str = "",
    problem: str = "",
) -> HTMLResponse:
    rights.check(officer, Right.CASEWORK)
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        head = head_of(session, reader, officer, case_id, "documents")
        banks = statement_drop.banks(session)
    return page(
        request, "statement_form.html", officer, status, reader=reader, head=head, banks=banks,
        partner=partner, problem=problem, most=MOST_BYTES >> 20,
    )  # fmt: skip


def _preview(
    request: Request, officer: SignedIn, dropped: Dropped, status: int = 200, problem: str = ""
) -> HTMLResponse:
    home, language = settings_of(request).home, language_of(request)
    try:
        with database_of(request).write() as session:
            reader = reader_of(session, language)
            head = head_of(session, reader, officer, dropped.case_id, "documents")
            told = statement_drop.understand(session, keys_of(request), home, officer, dropped)
    except InputRejected as error:
        words = f"{error.field}: {expectation(error.expected, language, error.params)}"
        return _form(request, officer, dropped.case_id, 422, dropped.partner, words)
    refused = [(each, expectation(each.expected, language, each.params)) for each in told.refused]
    return page(
        request, "statement_preview.html", officer, status, reader=reader, head=head, told=told,
        refused=refused, problem=problem, account=sealed(told.account) if told.account else None,
    )  # fmt: skip
