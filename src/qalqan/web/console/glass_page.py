"""Broken glass: open a case out of view for an hour, and judge who did (REQ-18)."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import RedirectResponse, Response

from qalqan.errors import InputRejected
from qalqan.register import break_glass, rights
from qalqan.register.people import SignedIn
from qalqan.register.rights import Right
from qalqan.text.refusal import expectation
from qalqan.web.access import FormOfficer, ThePageOfficer, database_of, language_of
from qalqan.web.console.entrance import Field
from qalqan.web.console.pages import page

router = APIRouter(include_in_schema=False)

Number = Annotated[int, Path(ge=1, lt=2**63)]
Reason = Annotated[str, Form(max_length=2000)]
Verdict = Literal["right", "wrong"]


@router.get("/glass")
def show_glass(request: Request, officer: ThePageOfficer, done: str = "") -> Response:
    """What waits for review."""
    return _glass(request, officer, done=done)


@router.post("/glass/break")
def break_one(
    request: Request,
    officer: FormOfficer,
    case: Field = "",
    reason: Reason = "",
) -> Response:
    """See a case for an hour; why stands in the audit."""
    try:
        with database_of(request).write() as session:
            number = break_glass.open_for(session, officer, case, reason).case_id
    except InputRejected as error:
        told = expectation(error.expected, language_of(request), error.params)
        return page(
            request, "glass_break.html", officer, 422, case_id=case, reason=reason, problem=told,
            longest=break_glass.LONGEST,
        )  # fmt: skip
    return RedirectResponse(f"/cases/{number}", 303)


@router.post("/glass/{number}")
def review(
    request: Request,
    officer: FormOfficer,
    number: Number,
    verdict: Annotated[Verdict, Form()],
    note: Reason = "",
) -> Response:
    """Say whether it was right."""
    try:
        with database_of(request).write() as session:
            break_glass.review(session, officer, number, verdict, note.strip())
    except InputRejected as error:
        told = expectation(error.expected, language_of(request), error.params)
        return _glass(request, officer, problem=told, status=422)
    return RedirectResponse(f"/glass?done={verdict}", 303)


def _glass(
    request: Request, officer: SignedIn, status: int = 200, problem: str = "", done: str = ""
) -> Response:
    rights.check(officer, Right.REVIEW)
    with database_of(request).session() as session:
        found = break_glass.unreviewed(session, officer)
    return page(
        request, "glass.html", officer, status, broken=found, problem=problem,
        done=done if done in ("right", "wrong") else "", longest=break_glass.LONGEST,
    )  # fmt: skip
