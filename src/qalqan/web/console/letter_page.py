"""The letter to a lender, made at the desk for a victim of a loan (REQ-30, 31)."""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import ValidationError

from qalqan.cases.loan_dispute import HOW, LoanDispute
from qalqan.errors import InputRejected
from qalqan.exchange.sums import exact
from qalqan.register import rights
from qalqan.register.people import SignedIn
from qalqan.register.rights import Right
from qalqan.text.refusal import expectation
from qalqan.web.access import FormOfficer, ThePageOfficer, database_of, language_of
from qalqan.web.api.letters import written
from qalqan.web.console.entrance import Field
from qalqan.web.console.pages import page
from qalqan.web.validation import refusal_of

router = APIRouter(include_in_schema=False)


@router.get("/cases/{case_id}/loan-letter")
def ask(request: Request, officer: ThePageOfficer, case_id: str) -> HTMLResponse:
    """Ask what the letter has to say."""
    blank = dict.fromkeys(("lender", "reference", "day", "amount"), "")
    given = {**blank, "language": language_of(request), "how": HOW[0]}
    return _form(request, officer, case_id, given)


@router.post("/cases/{case_id}/loan-letter")
def make(
    request: Request,
    officer: FormOfficer,
    case_id: str,
    language: Field = "",
    lender: Field = "",
    reference: Field = "",
    day: Field = "",
    amount: Field = "",
    how: Field = "",
) -> Response:
    """The letter, or what is wrong with the form."""
    given = {
        "language": language, "lender": lender, "reference": reference, "day": day,
        "amount": amount, "how": how,
    }  # fmt: skip
    number = _number(request, officer, case_id)
    try:
        return written(_told(given, number))
    except InputRejected as error:
        problem = (error.field, expectation(error.expected, language_of(request), error.params))
        return _form(request, officer, case_id, given, 422, problem)


def _told(given: Mapping[str, str], number: str) -> LoanDispute:
    """Raises `InputRejected`: the first thing that does not fit."""
    amount = given["amount"].strip()
    tiyn = exact(amount, 2, "," if "," in amount else ".") if amount else None
    if amount and tiyn is None:
        raise InputRejected("amount", amount, "asked.amount")
    try:
        return LoanDispute.model_validate(
            {**given, "day": given["day"] or None, "amount": tiyn, "case": number}
        )
    except ValidationError as error:
        raise refusal_of(error.errors(include_url=False)) from None


def _number(request: Request, officer: SignedIn, case_id: str) -> str:
    """The pre-trial register's number of the case, else ours."""
    with database_of(request).session() as session:
        case = rights.check_case(session, officer, Right.CASES, case_id)
        return case.register_number or case.id


def _form(
    request: Request,
    officer: SignedIn,
    case_id: str,
    given: Mapping[str, str],
    status: int = 200,
    problem: tuple[str, str] = ("", ""),
) -> HTMLResponse:
    _number(request, officer, case_id)
    return page(
        request, "loan_letter.html", officer, status, case_id=case_id, given=given,
        ways=HOW, wrong=problem[0], problem=problem[1],
    )  # fmt: skip
