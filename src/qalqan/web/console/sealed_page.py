"""One sealed value of a case: opened for the purpose that this session has stated, which is asked
for the first time only (DESIGN section 7, 5)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from qalqan.cases import opening
from qalqan.errors import InputRejected
from qalqan.register import purposes, rights
from qalqan.register.people import SignedIn
from qalqan.register.purposes import CODES, Stated
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
Words = Annotated[str, Form(max_length=2000)]


@router.get("/cases/{case_id}/sealed/{mark}")
def ask_purpose(request: Request, officer: ThePageOfficer, case_id: str, mark: str) -> Response:
    """Ask what a sealed value is needed for; or, if that has been said, whether to open it."""
    return _sealed(request, officer, case_id, mark)


@router.post("/cases/{case_id}/sealed/{mark}")
def open_sealed(
    request: Request, officer: FormOfficer, case_id: str, mark: str,
    code: Field = "", words: Words = "",
) -> Response:  # fmt: skip
    """Show one value once; the audit keeps who, when and what for."""
    database, keys = database_of(request), keys_of(request)
    try:
        given = purposes.checked(code, words) if code or words.strip() else None
        value = opening.open_one(database, keys, case_id, mark, officer, given)
    except InputRejected as error:
        told = expectation(error.expected, language_of(request), error.params)
        return _sealed(request, officer, case_id, mark, 422, chosen=(code, words), problem=told)
    return _sealed(request, officer, case_id, mark, value=value)


def _sealed(
    request: Request, officer: SignedIn, case_id: str, mark: str, status: int = 200,
    chosen: tuple[str, str] | None = None, problem: str = "", value: str = "",
) -> Response:  # fmt: skip
    with database_of(request).session() as session:
        rights.check_case(session, officer, Right.CASES, case_id)
        sealed, token = opening.find(session, case_id, mark)
        stated = purposes.of(session, officer.token_hash, case_id)
        state = opening.state_of(session, token, case_id)
    rights.check_field(officer, sealed.klass)
    given = chosen or (("", "") if stated is None else (stated.code, stated.words))
    return page(
        request, "sealed.html", officer, status, sealed=sealed, case_id=case_id, value=value,
        stated=stated, chosen=Stated(*given), asks=stated is None or bool(problem),
        problem=problem, codes=CODES, longest=purposes.LONGEST, state=state,
    )  # fmt: skip
