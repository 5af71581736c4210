"""Evidence and documents of a case: handed in, handed out as attachments, with their chain of
custody (REQ-35)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from qalqan.cases import documents, opening
from qalqan.cases.documents import EVENTS, MOST_BYTES, Upload
from qalqan.errors import InputRejected
from qalqan.register import purposes, rights
from qalqan.register.people import SignedIn
from qalqan.register.rights import Right
from qalqan.text.refusal import expectation
from qalqan.web.access import (
    FormOfficer,
    ThePageOfficer,
    database_of,
    keys_of,
    language_of,
)
from qalqan.web.console.case_head import head_of
from qalqan.web.console.entrance import Field
from qalqan.web.console.pages import page
from qalqan.web.console.reader import reader_of

router = APIRouter(include_in_schema=False)

GivenFile = Annotated[UploadFile | None, File()]
Words = Annotated[str, Form(max_length=2000)]
_NOTHING: Mapping[str, str] = {"title": "", "source": "", "document": ""}


@router.get("/cases/{case_id}/evidence")
def show_evidence(request: Request, officer: ThePageOfficer, case_id: str) -> Response:
    """What proves something."""
    return _page(request, officer, case_id, "evidence")


@router.get("/cases/{case_id}/documents")
def show_documents(request: Request, officer: ThePageOfficer, case_id: str) -> Response:
    """Letters, requests, banks' statements."""
    return _page(request, officer, case_id, "documents")


@router.post("/cases/{case_id}/documents")
def add(
    request: Request, officer: FormOfficer, case_id: str, file: GivenFile = None,
    title: Words = "", source: Words = "", kind: Field = "evidence",
) -> Response:  # fmt: skip
    """Take a file."""
    tab = "evidence" if kind == "evidence" else "documents"
    try:
        upload = Upload(read_upload(file), (file and file.filename) or "", title, source, kind)
        with database_of(request).write() as session:
            documents.add(session, keys_of(request), officer, case_id, upload)
    except InputRejected as error:
        given = {"title": title, "source": source}
        return _refused(request, officer, case_id, tab, given, error)
    return RedirectResponse(f"/cases/{case_id}/{tab}", 303)


def read_upload(file: UploadFile | None) -> bytes:
    """The bytes of a form's file, none if there is no file; one too many tells that it is too
    large."""
    return b"" if file is None else file.file.read(MOST_BYTES + 1)


@router.post("/cases/{case_id}/documents/{document}/read")
def read(
    request: Request, officer: FormOfficer, case_id: str, document: str,
    purpose: Field = "",
) -> Response:  # fmt: skip
    """Hand a document out for a purpose, as an attachment under our number."""
    with database_of(request).session() as session:
        rights.check_case(session, officer, Right.CASES, case_id)
        kind = documents.get(session, case_id, document).kind
    tab = "evidence" if kind == "evidence" else "documents"
    try:
        purpose = purposes.sentence(purpose)
        with database_of(request).write() as session:
            row, data = documents.read(
                session, keys_of(request), officer, case_id, document, purpose
            )
            name = documents.file_name(row)
    except InputRejected as error:
        return _refused(request, officer, case_id, tab, {"document": document}, error)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, media_type="application/octet-stream", headers=headers)


@router.post("/cases/{case_id}/documents/{document}/custody")
def hand_on(
    request: Request, officer: FormOfficer, case_id: str, document: str,
    event: Field = "", words: Words = "",
) -> Response:  # fmt: skip
    """Write a line into the chain of custody."""
    try:
        with database_of(request).write() as session:
            documents.hand_on(session, officer, case_id, document, event, words)
    except InputRejected as error:
        return _refused(request, officer, case_id, "evidence", {"document": document}, error)
    return RedirectResponse(f"/cases/{case_id}/evidence", 303)


def _refused(
    request: Request,
    officer: SignedIn,
    case_id: str,
    tab: str,
    given: Mapping[str, str],
    error: InputRejected,
) -> Response:
    told = expectation(error.expected, language_of(request), error.params)
    return _page(request, officer, case_id, tab, 422, given, (error.field, told))


def _page(
    request: Request,
    officer: SignedIn,
    case_id: str,
    tab: str,
    status: int = 200,
    given: Mapping[str, str] = _NOTHING,
    problem: tuple[str, str] = ("", ""),
) -> HTMLResponse:
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        head = head_of(session, reader, officer, case_id, tab)
        found = documents.of_case(session, case_id)
        shown = [each for each in found if (each.kind == "evidence") == (tab == "evidence")]
        custody = documents.custody_of(session, [each.id for each in shown])
    return page(
        request, "case_documents.html", officer, status, reader=reader, head=head,
        documents=shown, custody=custody, events=EVENTS, given={**_NOTHING, **given},
        wrong=problem[0], problem=problem[1], sealed=opening.sealed, most=MOST_BYTES >> 20,
        longest=purposes.LONGEST,
    )  # fmt: skip
