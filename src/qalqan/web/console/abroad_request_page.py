"""One request abroad: drafted for a case, agreed to, sent, answered; its letter (REQ-70)."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from qalqan.cases import abroad_letter, abroad_list, abroad_requests, abroad_steps, documents
from qalqan.cases.abroad_kinds import OUTCOMES, Event
from qalqan.cases.abroad_letter import LEFT, Asked
from qalqan.cases.abroad_requests import LONGEST_WORDS
from qalqan.cases.abroad_steps import SECOND, Told
from qalqan.cases.documents import Upload
from qalqan.cases.entities import SEALED
from qalqan.cases.opening import sealed
from qalqan.errors import InputRejected, QalqanError
from qalqan.exchange.letter import DOCX
from qalqan.exchange.two_columns import docx_of
from qalqan.register import purposes
from qalqan.register.people import SignedIn
from qalqan.web.access import FormOfficer, ThePageOfficer, database_of, keys_of, language_of
from qalqan.web.console.abroad_choices import number
from qalqan.web.console.documents_page import GivenFile, read_upload
from qalqan.web.console.entrance import Field
from qalqan.web.console.pages import is_simulated, page
from qalqan.web.console.reader import reader_of
from qalqan.web.console.wrong import said

router = APIRouter(include_in_schema=False)

RequestId = Annotated[str, Path(max_length=20, pattern=r"^[A-Z0-9-]+$")]
Words = Annotated[str, Form(max_length=LONGEST_WORDS * 4)]


@router.get("/abroad/{abroad}")
def show(request: Request, officer: ThePageOfficer, abroad: RequestId) -> Response:
    """One request."""
    return _one(request, officer, abroad)


@router.post("/abroad/{abroad}/step")
def take_step(
    request: Request, officer: FormOfficer, abroad: RequestId, event: Field = "",
    words: Words = "", version: Field = "", outcome: Field = "", reference: Field = "",
    file: GivenFile = None,
) -> Response:  # fmt: skip
    """What happened to it, or what somebody decided."""
    told = Told(words, None, outcome, reference)
    try:
        with database_of(request).write() as session:
            _step(request, session, officer, abroad, event, told, version, read_upload(file))
    except QalqanError as error:
        return _one(request, officer, abroad, *said(request, error), event)
    return RedirectResponse(f"/abroad/{abroad}", 303)


def _step(
    request: Request, session: Session, officer: SignedIn, row_id: str, event: str, told: Told,
    version: str, data: bytes,
) -> None:  # fmt: skip
    row = abroad_requests.load(session, officer, row_id)
    if event not in set(Event) - {Event.EXPIRE}:
        raise InputRejected("event", event, "one_of", choices=", ".join(Event))
    document = None
    if data and row.case_id is not None:
        title = f"{row.id}: {row.addressee}"[: documents.LONGEST_TITLE]
        upload = Upload(data, "answer", title, row.addressee, "document")
        document = documents.add(session, keys_of(request), officer, row.case_id, upload).id
    seen = number("version", version)
    told = Told(told.words, seen, told.outcome, told.reference, document)
    abroad_steps.step(session, officer, row_id, Event(event), told)


@router.post("/abroad/{abroad}/letter")
def make_letter(
    request: Request, officer: FormOfficer, abroad: RequestId, language: Field = "",
    translation: Words = "", purpose: Field = "",
) -> Response:  # fmt: skip
    """The letter in two languages; a purpose opens the value in it."""
    try:
        told = purposes.sentence(purpose) if purpose.strip() else ""
        asked = Asked(language, translation, told, is_simulated(request))
        with database_of(request).write() as session:
            made = abroad_letter.letter(session, keys_of(request), officer, abroad, asked)
    except QalqanError as error:
        return _one(request, officer, abroad, *said(request, error), "letter")
    headers = {"Content-Disposition": f'attachment; filename="{abroad}-{language}-en.docx"'}
    return Response(docx_of(made), media_type=DOCX, headers=headers)


def _one(
    request: Request, officer: SignedIn, number: str, status: int = 200, problem: str = "",
    act: str = "",
) -> Response:  # fmt: skip
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        view = abroad_list.one(session, officer, number, reader.now_us)
    row = view.row
    return page(
        request, "abroad_request.html", officer, status, reader=reader, view=view, row=row,
        line=abroad_list.line_of(row, reader.now_us), second=SECOND, outcomes=OUTCOMES,
        events=[each for each in view.events if each not in SECOND
                or officer.login != row.drafted_by],
        sealed=sealed(row.subject) if row.subject and row.subject_kind in SEALED else None,
        problem=problem, act=act, key=secrets.token_urlsafe(12), longest=LONGEST_WORDS,
        letter_languages=LEFT, purpose_most=purposes.LONGEST, soon_us=abroad_list.SOON_US,
    )  # fmt: skip
