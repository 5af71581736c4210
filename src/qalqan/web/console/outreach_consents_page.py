"""Consents: how many stand, one written down, one ended; numbers are not shown (REQ-76)."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from qalqan.bulletin.figures.hiding import LEAST
from qalqan.bulletin.outreach import consent, policy
from qalqan.bulletin.outreach.consent import LONGEST_SOURCE, Given
from qalqan.clock import DAY
from qalqan.errors import InputRejected, NotFound
from qalqan.register import rights
from qalqan.register.people import SignedIn
from qalqan.register.rights import Right
from qalqan.text.failure import failure
from qalqan.web.access import (
    FormOfficer,
    ThePageOfficer,
    database_of,
    keys_of,
    language_of,
    settings_of,
)
from qalqan.web.console import outreach_view as view
from qalqan.web.console.entrance import Field
from qalqan.web.console.pages import page
from qalqan.web.console.reader import reader_of
from qalqan.web.console.wrong import said

router = APIRouter(include_in_schema=False)


@router.get("/outreach/consents")
def show(request: Request, officer: ThePageOfficer, done: str = "") -> Response:
    """Counts by region; under five are not told."""
    return _list(request, officer, done=done == "yes")


@router.post("/outreach/consents")
def give(
    request: Request, officer: FormOfficer, phone: Field = "", source: Field = "",
    language: Field = "", region: Field = "", age: Field = "",
) -> Response:  # fmt: skip
    """Write one down."""
    rights.check(officer, Right.CAMPAIGNS)
    try:
        with database_of(request).write() as session:
            told = Given(phone, source, language, region, age)
            consent.give(session, keys_of(request), officer, told)
    except InputRejected as error:
        return _list(request, officer, said(request, error).sentence, "give")
    return RedirectResponse("/outreach/consents?done=yes", 303)


@router.post("/outreach/consents/end")
def end(request: Request, officer: FormOfficer, phone: Field = "") -> Response:
    """End all of a number's, at its user's word."""
    rights.check(officer, Right.CAMPAIGNS)
    try:
        with database_of(request).write() as session:
            consent.withdraw(session, keys_of(request), officer, phone)
    except InputRejected as error:
        return _list(request, officer, said(request, error).sentence, "end")
    except NotFound as error:
        return _list(request, officer, failure(error, language_of(request)), "end")
    return RedirectResponse("/outreach/consents?done=yes", 303)


def _list(
    request: Request, officer: SignedIn, problem: str = "", act: str = "", done: bool = False
) -> Response:
    rights.check(officer, Right.CAMPAIGNS)
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        standing = consent.standing(session)
        limits = policy.current(session, reader.now_us)
        offered = view.choices(session, reader)
    return page(
        request, "outreach_consents.html", officer, 422 if problem else 200, reader=reader,
        tab="consents", problem=problem, act=act, done=done, least=LEAST, limits=limits,
        days=limits.person_us // DAY, gateway=settings_of(request).sms,
        standing=sorted(standing.items(), key=lambda it: reader.region(it[0])),
        longest=LONGEST_SOURCE, **offered,
    )  # fmt: skip
