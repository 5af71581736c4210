"""A clerk of an operator: its numbers that are to be put in order, and its answers (REQ-51)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import RedirectResponse, Response

from qalqan.cases import compliance, compliance_list
from qalqan.cases.compliance import LONGEST_WORDS, OPEN, Outcome
from qalqan.cases.evidence_files import csv_of
from qalqan.errors import Conflict, InputRejected
from qalqan.register import audit
from qalqan.web.access import database_of, keys_of, language_of
from qalqan.web.console.clerks import Clerk, FormClerk, TheClerk
from qalqan.web.console.entrance import Field
from qalqan.web.console.pages import page
from qalqan.web.errors import problem_of

router = APIRouter(include_in_schema=False)

ItemId = Annotated[str, Path(max_length=20, pattern=r"^[A-Z0-9-]+$")]
Words = Annotated[str, Form(max_length=2000)]
MOST = 200


@router.get("/partner/numbers")
def show(request: Request, clerk: TheClerk) -> Response:
    """The items of this operator, never another's."""
    return _page(request, clerk)


@router.get("/partner/numbers/{item}.csv")
def numbers(request: Request, clerk: TheClerk, item: ItemId) -> Response:
    """The numbers of an item, one a line; that they were taken stands in the record."""
    login = clerk.officer.login
    with database_of(request).write() as session:
        _, clear = compliance_list.opened(session, keys_of(request), clerk.code, item, login)
        audit.note(session, login, "numbers.export", "compliance", item)
    body = b"\xef\xbb\xbf" + csv_of(("number",), ((number.lstrip("+"),) for number in clear))
    headers = {"Content-Disposition": f'attachment; filename="{item}.csv"'}
    return Response(body, media_type="text/csv; charset=utf-8", headers=headers)


@router.post("/partner/numbers/{item}/answer")
def answer(
    request: Request, clerk: FormClerk, item: ItemId, outcome: Field = "", words: Words = ""
) -> Response:
    """What became of the numbers."""
    login = clerk.officer.login
    try:
        with database_of(request).write() as session:
            compliance.answer(session, item, clerk.code, outcome, words, login)
    except (InputRejected, Conflict) as error:
        problem = problem_of(error, language_of(request))
        told = (item, str(problem.error["message"]))
        return _page(request, clerk, problem.status, told, words[:LONGEST_WORDS])
    return RedirectResponse("/partner/numbers", 303)


def _page(
    request: Request, clerk: Clerk, status: int = 200, problem: tuple[str, str] = ("", ""),
    words: str = "",
) -> Response:  # fmt: skip
    with database_of(request).session() as session:
        items = compliance_list.of_partner(session, clerk.code, most=MOST)
    newest = sorted(items, key=lambda item: (item.state not in OPEN, item.due_us))
    return page(
        request, "partner_numbers.html", clerk.officer, status, clerk=clerk, items=newest,
        stands=compliance_list.stands, outcomes=tuple(Outcome), open=OPEN, wrong=problem[0],
        problem=problem[1], words=words, longest=LONGEST_WORDS,
    )  # fmt: skip
