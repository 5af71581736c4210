"""Contacts abroad: added, verified, retired (REQ-70)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import RedirectResponse, Response

from qalqan.cases import abroad_contacts
from qalqan.cases.abroad_contacts import CHANNELS, LONGEST, STALE_US, Told, is_stale
from qalqan.clock import DAY
from qalqan.errors import QalqanError
from qalqan.register import rights
from qalqan.register.people import SignedIn
from qalqan.register.rights import Right
from qalqan.web.access import FormOfficer, ThePageOfficer, database_of, language_of
from qalqan.web.console.abroad_choices import countries
from qalqan.web.console.entrance import Field
from qalqan.web.console.pages import page
from qalqan.web.console.reader import reader_of
from qalqan.web.console.wrong import said

router = APIRouter(include_in_schema=False)

ContactId = Annotated[int, Path(ge=1, lt=2**63)]


@router.get("/abroad/contacts")
def show_contacts(request: Request, officer: ThePageOfficer, country: str = "") -> Response:
    """Whom to write to, by country."""
    return _page(request, officer, country)


@router.post("/abroad/contacts")
def add(
    request: Request, officer: FormOfficer, country: Field = "", body: Field = "",
    channel: Field = "", hours: Field = "", languages: Field = "", phone: Field = "",
    mail: Field = "",
) -> Response:  # fmt: skip
    """Enter a contact that was verified."""
    rights.check(officer, Right.ABROAD)
    told = Told(country, body, channel, hours, languages, phone, mail)
    try:
        with database_of(request).write() as session:
            abroad_contacts.add(session, officer, told)
    except QalqanError as error:
        return _page(request, officer, "", *said(request, error), told)
    return RedirectResponse("/abroad/contacts", 303)


@router.post("/abroad/contacts/{contact}/verify")
def verify(
    request: Request, officer: FormOfficer, contact: ContactId, still: Field = ""
) -> Response:
    """Say that it still answers, or no longer does."""
    rights.check(officer, Right.ABROAD)
    try:
        with database_of(request).write() as session:
            abroad_contacts.verify(session, officer, contact, still == "yes")
    except QalqanError as error:
        return _page(request, officer, "", *said(request, error))
    return RedirectResponse("/abroad/contacts", 303)


def _page(
    request: Request, officer: SignedIn, country: str, status: int = 200, problem: str = "",
    given: Told | None = None,
) -> Response:  # fmt: skip
    rights.check(officer, Right.ABROAD)
    language = language_of(request)
    with database_of(request).session() as session:
        reader = reader_of(session, language)
        found = abroad_contacts.listed(session, country.strip().upper()[:2])
    return page(
        request, "abroad_contacts.html", officer, status, reader=reader, contacts=found,
        is_stale=is_stale, channels=CHANNELS, countries=countries(language), problem=problem,
        given=given or Told("", "", CHANNELS[0]), longest=LONGEST, stale_days=STALE_US // DAY,
    )  # fmt: skip
