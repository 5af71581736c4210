"""The identifiers of a case: seen in which other cases, added by hand (REQ-18)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from qalqan.cases import drops, entities, number_user, seen
from qalqan.cases.drop_place import place
from qalqan.cases.drop_steps import ROLES
from qalqan.cases.entities import CANONICAL, LONGEST_NOTE
from qalqan.errors import InputRejected
from qalqan.register.people import SignedIn
from qalqan.text.refusal import expectation
from qalqan.web.access import (
    FormOfficer,
    ThePageOfficer,
    database_of,
    keys_of,
    language_of,
)
from qalqan.web.console import colleagues
from qalqan.web.console.case_head import head_of
from qalqan.web.console.entity_view import views
from qalqan.web.console.entrance import Field
from qalqan.web.console.pages import page
from qalqan.web.console.reader import reader_of

router = APIRouter(include_in_schema=False)

Value = Annotated[str, Form(max_length=4096)]
_NOTHING: Mapping[str, str] = {"kind": "", "value": "", "note": ""}


@router.get("/cases/{case_id}/entities")
def show(request: Request, officer: ThePageOfficer, case_id: str) -> Response:
    """All identifiers of a case."""
    return _page(request, officer, case_id)


@router.post("/cases/{case_id}/entities")
def add(
    request: Request, officer: FormOfficer, case_id: str,
    kind: Field = "", value: Value = "", note: Field = "",
) -> Response:  # fmt: skip
    """Add one by hand."""
    try:
        with database_of(request).write() as session:
            entities.add(session, keys_of(request), officer, case_id, kind, value, note)
    except InputRejected as error:
        told = (error.field, expectation(error.expected, language_of(request), error.params))
        given = {"kind": kind, "value": value, "note": note}
        return _page(request, officer, case_id, 422, given, told)
    return RedirectResponse(f"/cases/{case_id}/entities", 303)


@router.get("/cases/{case_id}/entities/{mark}")
def show_one(request: Request, officer: ThePageOfficer, case_id: str, mark: str) -> Response:
    """In which other cases one was seen."""
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        head = head_of(session, reader, officer, case_id, "entities")
        found = seen.seen_in(session, officer, case_id, mark)
        (view,) = [each for each in views(session, reader, case_id) if each.mark == mark]
    return page(
        request, "case_seen.html", officer, reader=reader, head=head, found=found, view=view,
        roles=ROLES,
    )  # fmt: skip


@router.post("/cases/{case_id}/entities/{mark}/remove")
def remove(request: Request, officer: FormOfficer, case_id: str, mark: str) -> Response:
    """Take back what an officer has added."""
    with database_of(request).write() as session:
        entities.remove(session, officer, case_id, mark)
    return RedirectResponse(f"/cases/{case_id}/entities", 303)


@router.post("/cases/{case_id}/entities/{mark}/drop")
def open_drop(
    request: Request, officer: FormOfficer, case_id: str, mark: str,
    role: Field = "", note: Field = "",
) -> Response:  # fmt: skip
    """Put an account or a person into the register of drops."""
    with database_of(request).write() as session:
        drop = drops.open_drop(session, officer, case_id, mark, role, note)
        place(session, drop)
        number = drop.id
    return RedirectResponse(f"/drops/{number}", 303)


def _page(
    request: Request,
    officer: SignedIn,
    case_id: str,
    status: int = 200,
    given: Mapping[str, str] = _NOTHING,
    problem: tuple[str, str] = ("", ""),
) -> HTMLResponse:
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        head = head_of(session, reader, officer, case_id, "entities")
        found = views(session, reader, case_id)
        told = colleagues.beside(session, reader, officer, case_id, found)
    return page(
        request, "case_entities.html", officer, status, reader=reader, head=head, views=found,
        beside=told,
        kinds=tuple(CANONICAL), given=given, wrong=problem[0], problem=problem[1],
        longest=LONGEST_NOTE, may_ask=number_user.may_ask(officer),
    )  # fmt: skip
