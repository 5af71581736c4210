"""The evidence pack of a case, taken out of the house by an officer (REQ-19, 35)."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response, StreamingResponse

from qalqan.cases import evidence
from qalqan.cases.evidence import Asked
from qalqan.errors import InputRejected
from qalqan.exchange.evidence_pack import ZIP
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
from qalqan.web.console.entrance import Field
from qalqan.web.console.pages import page

router = APIRouter(include_in_schema=False)


@router.get("/cases/{case_id}/pack")
def ask(request: Request, officer: ThePageOfficer, case_id: str) -> HTMLResponse:
    """Say what is in a pack, and ask what it is for."""
    return _form(request, officer, case_id)


@router.post("/cases/{case_id}/pack", response_class=Response)
def take(request: Request, officer: FormOfficer, case_id: str, purpose: Field = "") -> Response:
    """The pack; with a purpose, the personal values that the officer's role may have opened."""
    try:
        told = purposes.sentence(purpose) if purpose.strip() else ""
    except InputRejected as error:
        problem = expectation(error.expected, language_of(request), error.params)
        return _form(request, officer, case_id, 422, purpose, problem)
    return handed_out(request, Asked(officer, case_id, told))


def handed_out(request: Request, asked: Asked) -> StreamingResponse:
    """The archive as it is made."""
    body = evidence.pack(database_of(request), keys_of(request), asked)
    headers = {"Content-Disposition": f'attachment; filename="{asked.case_id}.zip"'}
    return StreamingResponse(body, media_type=ZIP, headers=headers)


def _form(
    request: Request,
    officer: SignedIn,
    case_id: str,
    status: int = 200,
    purpose: str = "",
    problem: str = "",
) -> HTMLResponse:
    with database_of(request).session() as session:
        rights.check_case(session, officer, Right.EXPORT, case_id)
    return page(
        request, "pack.html", officer, status, case_id=case_id, purpose=purpose,
        problem=problem, longest=purposes.LONGEST,
    )  # fmt: skip
