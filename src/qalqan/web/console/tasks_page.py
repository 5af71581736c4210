"""Tasks and notes of a case (REQ-18, 23, 24, 37, 70)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from qalqan.cases import abroad_list, notes, tasks
from qalqan.cases.opening import sealed
from qalqan.cases.tasks import Kind, Wanted
from qalqan.cases.working_days import midnight
from qalqan.clock import DAY
from qalqan.errors import InputRejected
from qalqan.register import purposes
from qalqan.register.people import SignedIn
from qalqan.text.refusal import expectation
from qalqan.web.access import (
    FormOfficer,
    ThePageOfficer,
    database_of,
    keys_of,
    language_of,
)
from qalqan.web.console.case_head import head_of
from qalqan.web.console.entrance import Field
from qalqan.web.console.pages import page
from qalqan.web.console.reader import reader_of

router = APIRouter(include_in_schema=False)

TaskId = Annotated[int, Path(ge=1, lt=2**63)]
Words = Annotated[str, Form(max_length=notes.LONGEST + 1000)]
_NOTHING: Mapping[str, str] = {
    "kind": Kind.OTHER, "title": "", "owner": "", "due": "", "country": "", "reference": "",
    "words": "",
}  # fmt: skip


@router.get("/cases/{case_id}/tasks")
def show(request: Request, officer: ThePageOfficer, case_id: str) -> Response:
    """Tasks and notes."""
    return _page(request, officer, case_id)


@router.post("/cases/{case_id}/tasks")
def set_task(
    request: Request, officer: FormOfficer, case_id: str,
    kind: Field = "", title: Field = "", owner: Field = "", due: Field = "",
    country: Field = "", reference: Field = "",
) -> Response:  # fmt: skip
    """Set a task."""
    given = {
        "kind": kind, "title": title, "owner": owner, "due": due, "country": country,
        "reference": reference,
    }  # fmt: skip
    try:
        wanted = Wanted(kind, title, owner.strip(), _end_of(due), country, reference)
        with database_of(request).write() as session:
            tasks.set_task(session, officer, case_id, wanted)
    except InputRejected as error:
        return _refused(request, officer, case_id, given, error)
    return RedirectResponse(f"/cases/{case_id}/tasks", 303)


@router.post("/cases/{case_id}/tasks/{task}/end")
def end_task(
    request: Request, officer: FormOfficer, case_id: str, task: TaskId,
    to: Field = "", outcome: Field = "",
) -> Response:  # fmt: skip
    """Say that a task is done, or need not be done."""
    with database_of(request).write() as session:
        tasks.end(session, officer, case_id, task, to, outcome)
    return RedirectResponse(f"/cases/{case_id}/tasks", 303)


@router.post("/cases/{case_id}/notes")
def add_note(request: Request, officer: FormOfficer, case_id: str, words: Words = "") -> Response:
    """Add a note."""
    try:
        with database_of(request).write() as session:
            notes.add(session, keys_of(request), officer, case_id, words)
    except InputRejected as error:
        return _refused(request, officer, case_id, {"words": words}, error)
    return RedirectResponse(f"/cases/{case_id}/tasks#notes", 303)


def _end_of(day: str) -> int | None:
    """The end of a day in Almaty, UTC microseconds."""
    if not day:
        return None
    try:
        return midnight(date.fromisoformat(day)) + DAY
    except ValueError:
        raise InputRejected("due", day, "task.due") from None


def _refused(
    request: Request,
    officer: SignedIn,
    case_id: str,
    given: Mapping[str, str],
    error: InputRejected,
) -> Response:
    told = expectation(error.expected, language_of(request), error.params)
    return _page(request, officer, case_id, 422, given, (error.field, told))


def _page(
    request: Request,
    officer: SignedIn,
    case_id: str,
    status: int = 200,
    given: Mapping[str, str] = _NOTHING,
    problem: tuple[str, str] = ("", ""),
) -> HTMLResponse:
    with database_of(request).write() as session:  # reading notes leaves a row in the audit
        reader = reader_of(session, language_of(request))
        head = head_of(session, reader, officer, case_id, "tasks")
        stated = purposes.of(session, officer.token_hash, case_id)
        told = notes.read(session, keys_of(request), officer, case_id, stated)
        found = tasks.of_case(session, case_id)
        asked = abroad_list.of_case(session, case_id)
    return page(
        request, "case_tasks.html", officer, status, reader=reader, head=head, tasks=found,
        requests=asked, notes=told, sealed=sealed, kinds=tuple(Kind),
        given={**_NOTHING, **given}, wrong=problem[0], problem=problem[1],
        is_overdue=tasks.is_overdue, longest=notes.LONGEST,
    )  # fmt: skip
