"""Drafting a request abroad for a case: first what and where, then on which ground (REQ-70)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from qalqan.cases import abroad_contacts, abroad_requests, abroad_treaties, seen
from qalqan.cases.abroad_kinds import MOST_KEPT, TERMS, Kind
from qalqan.cases.abroad_requests import LONGEST_ADDRESSEE, LONGEST_WORDS, Wanted
from qalqan.cases.entities import SEALED
from qalqan.cases.opening import sealed
from qalqan.errors import QalqanError
from qalqan.geo.countries import COUNTRIES
from qalqan.register import orm, rights
from qalqan.register.people import SignedIn
from qalqan.register.rights import Right
from qalqan.web.access import FormOfficer, ThePageOfficer, database_of, language_of
from qalqan.web.console.abroad_choices import countries, number
from qalqan.web.console.entrance import Field
from qalqan.web.console.pages import page
from qalqan.web.console.reader import reader_of
from qalqan.web.console.wrong import said

router = APIRouter(include_in_schema=False)

Words = Annotated[str, Form(max_length=LONGEST_WORDS * 4)]
_NOTHING: Mapping[str, str] = {
    "kind": "", "country": "", "addressee": "", "basis": "", "mark": "", "contact": "",
    "term": "", "keep": "", "task": "", "parent": "", "words": "",
}  # fmt: skip


@router.get("/cases/{case_id}/abroad")
def ask(
    request: Request, officer: ThePageOfficer, case_id: str, kind: str = "", country: str = "",
    task: str = "", parent: str = "",
) -> Response:  # fmt: skip
    """The form; its second half once it is known what is asked of whom."""
    given = {"kind": kind, "country": country, "task": task, "parent": parent}
    return _form(request, officer, case_id, {**_NOTHING, **given})


@router.post("/cases/{case_id}/abroad")
def draft(
    request: Request, officer: FormOfficer, case_id: str, kind: Field = "", country: Field = "",
    addressee: Field = "", basis: Field = "", mark: Field = "", contact: Field = "",
    term: Field = "", keep: Field = "", task: Field = "", parent: Field = "", words: Words = "",
    key: Field = "",
) -> Response:  # fmt: skip
    """Draft it."""
    given = {
        "kind": kind, "country": country, "addressee": addressee, "basis": basis, "mark": mark,
        "contact": contact, "term": term, "keep": keep, "task": task, "parent": parent,
        "words": words,
    }  # fmt: skip
    rights.check(officer, Right.ABROAD)
    try:
        wanted = Wanted(
            kind, country, addressee, basis, words, mark, number("term", term),
            number("keep", keep), number("contact", contact), number("task", task), parent or None,
        )  # fmt: skip
        with database_of(request).write() as session:
            row = abroad_requests.draft(
                session, officer, case_id, wanted, key or secrets.token_hex(8)
            )
            made = row.id
    except QalqanError as error:
        return _form(request, officer, case_id, given, *said(request, error))
    return RedirectResponse(f"/abroad/{made}", 303)


def _form(
    request: Request, officer: SignedIn, case_id: str, given: Mapping[str, str],
    status: int = 200, problem: str = "",
) -> Response:  # fmt: skip
    language = language_of(request)
    kind, country = given["kind"], given["country"].strip().upper()
    ready = kind in set(Kind) and country in COUNTRIES
    with database_of(request).session() as session:
        reader = reader_of(session, language)
        rights.check_case(session, officer, Right.ABROAD, case_id)
        rows = abroad_treaties.listed(session)
        bases = abroad_treaties.bases(rows, country, kind, reader.now_us) if ready else []
        known = abroad_contacts.listed(session, country) if ready else []
        about = [(entity, _named(entity)) for entity in seen.of_case(session, case_id)]
        parent = session.get(orm.AbroadRequest, given["parent"]) if given["parent"] else None
    if parent is not None and not given["addressee"]:
        given = {**given, "addressee": parent.addressee}
    return page(
        request, "abroad_new.html", officer, status, reader=reader, case_id=case_id, given=given,
        ready=ready, kinds=tuple(Kind), countries=countries(language), country=country,
        bases=bases, contacts=known, is_stale=abroad_contacts.is_stale, about=about,
        terms=TERMS.get(kind) if ready else None, most_kept=MOST_KEPT,  # type: ignore[call-overload]
        problem=problem, key=secrets.token_urlsafe(12), longest=LONGEST_WORDS,
        longest_addressee=LONGEST_ADDRESSEE,
    )  # fmt: skip


def _named(entity: seen.Entity) -> tuple[str, str]:
    """Mark and text of an identifier; a sealed one shows its last four."""
    text = entity.subject
    if entity.kind in SEALED:
        last = sealed(entity.subject).last
        text = f"…{last}" if last else seen.mark_of(entity.subject)[:6]
    return seen.mark_of(entity.subject), text
