"""Requests abroad in a list, due soonest first, and those that came from abroad (REQ-70)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response

from qalqan.cases import abroad_list, abroad_requests
from qalqan.cases.abroad_kinds import Kind
from qalqan.cases.abroad_list import SOON_US, TABS
from qalqan.cases.abroad_requests import LONGEST_ADDRESSEE, LONGEST_WORDS, Came
from qalqan.errors import QalqanError
from qalqan.register import rights
from qalqan.register.people import SignedIn
from qalqan.register.rights import Right
from qalqan.web.access import FormOfficer, ThePageOfficer, database_of, language_of
from qalqan.web.console.abroad_choices import countries, number
from qalqan.web.console.entrance import Field
from qalqan.web.console.pages import page
from qalqan.web.console.reader import reader_of
from qalqan.web.console.wrong import said
from qalqan.web.looks import shows

router = APIRouter(include_in_schema=False)

PageNumber = Annotated[int, Query(alias="page", ge=1, lt=10_000)]
Words = Annotated[str, Form(max_length=LONGEST_WORDS * 4)]
_NOTHING: Mapping[str, str] = {
    "kind": Kind.DATA, "country": "", "sender": "", "reference": "", "term": "", "case": "",
    "words": "",
}  # fmt: skip


@router.get("/abroad")
def show_list(
    request: Request, officer: ThePageOfficer, tab: str = TABS[0], at: PageNumber = 1
) -> Response:
    """Requests in view."""
    return _list(request, officer, tab, at)


@router.post("/abroad")
def receive(
    request: Request, officer: FormOfficer, kind: Field = "", country: Field = "",
    sender: Field = "", reference: Field = "", term: Field = "", case: Field = "",
    words: Words = "", key: Field = "",
) -> Response:  # fmt: skip
    """Enter a request that came from abroad."""
    given = {"kind": kind, "country": country, "sender": sender, "reference": reference,
             "term": term, "case": case, "words": words}  # fmt: skip
    rights.check(officer, Right.ABROAD)
    try:
        came = Came(kind, country, sender, words, reference, number("term", term), case)
        with database_of(request).write() as session:
            row = abroad_requests.receive(session, officer, came, key or secrets.token_hex(8))
            made = row.id
    except QalqanError as error:
        status, problem = said(request, error)
        return _list(request, officer, "in", 1, status, problem, given)
    return RedirectResponse(f"/abroad/{made}", 303)


def _list(
    request: Request, officer: SignedIn, tab: str, number: int, status: int = 200,
    problem: str = "", given: Mapping[str, str] = _NOTHING,
) -> Response:  # fmt: skip
    rights.check(officer, Right.ABROAD)
    language = language_of(request)
    with database_of(request).session() as session:
        reader = reader_of(session, language)
        found = abroad_list.listed(session, officer, tab, reader.now_us, number)
    shows(request, [line.row.case_id for line in found.lines if line.row.case_id])
    return page(
        request, "abroad.html", officer, status, reader=reader, found=found, tabs=TABS,
        tab=tab if tab in TABS else TABS[0], soon_us=SOON_US, kinds=tuple(Kind), given=given,
        countries=countries(language), problem=problem, key=secrets.token_urlsafe(12),
        longest=LONGEST_WORDS, longest_sender=LONGEST_ADDRESSEE,
    )  # fmt: skip
