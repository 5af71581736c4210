"""Who really uses a number: asked within a case, for a purpose (REQ-50)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from qalqan.cases import entities, number_user, seen
from qalqan.cases.number_user import Answer
from qalqan.errors import InputRejected, NotFound
from qalqan.register import purposes, rights
from qalqan.register.people import SignedIn
from qalqan.register.purposes import CODES, Stated
from qalqan.register.rights import Right
from qalqan.text.refusal import expectation
from qalqan.trust.tokens import last_four
from qalqan.web.access import FormOfficer, ThePageOfficer, database_of, keys_of, language_of
from qalqan.web.console.case_head import head_of
from qalqan.web.console.entrance import Field
from qalqan.web.console.pages import page
from qalqan.web.console.reader import reader_of

router = APIRouter(include_in_schema=False)
Words = Annotated[str, Form(max_length=2000)]
NUMBER = 100


@router.get("/cases/{case_id}/number-user")
def show(request: Request, officer: ThePageOfficer, case_id: str) -> Response:
    """Which number, and what for."""
    return _page(request, officer, case_id)


@router.post("/cases/{case_id}/number-user")
def look_up(
    request: Request, officer: FormOfficer, case_id: str,
    number: Words = "", code: Field = "", words: Words = "",
) -> Response:  # fmt: skip
    """Everybody who is tied to it. A form's body, since addresses stay in histories and logs."""
    chosen = (code, words)
    try:
        found = _found(request, officer, case_id, number, chosen)
    except InputRejected as error:
        told = expectation(error.expected, language_of(request), error.params)
        return _page(request, officer, case_id, 422, number, chosen, (error.field, told))
    return _page(request, officer, case_id, number=number, found=found)


@router.post("/cases/{case_id}/number-user/keep")
def keep(
    request: Request, officer: FormOfficer, case_id: str, number: Words = "", mark: Field = ""
) -> Response:
    """Take a candidate in among the case's identifiers, where his IIN can be opened."""
    try:
        found = _found(request, officer, case_id, number, ("", ""))
    except InputRejected as error:
        told = expectation(error.expected, language_of(request), error.params)
        return _page(request, officer, case_id, 422, number, problem=(error.field, told))
    for each in found.candidates:
        if seen.mark_of(each.person) == mark:
            with database_of(request).write() as session:
                entities.add_token(session, officer, case_id, "person", each.person)
            return RedirectResponse(f"/cases/{case_id}/entities", 303)
    raise NotFound("identifier", mark)


def _found(
    request: Request, officer: SignedIn, case_id: str, number: str, chosen: tuple[str, str]
) -> Answer:
    database, keys = database_of(request), keys_of(request)
    with database.session() as session:
        rights.check_case(session, officer, Right.CASEWORK, case_id)
    given = purposes.checked(*chosen) if chosen[0] or chosen[1].strip() else None
    return number_user.look_up(database, keys, officer, case_id, number[:NUMBER], given)


def _page(
    request: Request, officer: SignedIn, case_id: str, status: int = 200, number: str = "",
    chosen: tuple[str, str] = ("", ""), problem: tuple[str, str] = ("", ""),
    found: Answer | None = None,
) -> Response:  # fmt: skip
    with database_of(request).session() as session:
        rights.check_case(session, officer, Right.CASEWORK, case_id)
        rights.check_field(officer, "person")
        reader = reader_of(session, language_of(request))
        head = head_of(session, reader, officer, case_id, "entities")
        stated = purposes.of(session, officer.token_hash, case_id)
    return page(
        request, "case_number.html", officer, status, reader=reader, head=head, found=found,
        number=number[:NUMBER], stated=stated, chosen=Stated(*chosen), codes=CODES,
        wrong=problem[0], problem=problem[1], longest=purposes.LONGEST, mark_of=seen.mark_of,
        last_four=last_four, most=number_user.MOST_NUMBERS, direct=number_user.DIRECT,
    )  # fmt: skip
