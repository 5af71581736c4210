"""The worker's queues: how long each is, what was given up and why, try again or drop."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from qalqan.errors import InputRejected, NotFound
from qalqan.register import queues, rights
from qalqan.register.people import SignedIn
from qalqan.register.queues import LONGEST_REASON, Entry, Queue
from qalqan.register.rights import Right
from qalqan.text.catalogue import has
from qalqan.text.refusal import expectation
from qalqan.web.access import FormOfficer, ThePageOfficer, database_of, language_of
from qalqan.web.console.pages import page
from qalqan.web.console.reader import Reader, reader_of

router = APIRouter(include_in_schema=False)

JobId = Annotated[int, Path(ge=1, lt=2**63)]
KINDS = (
    "seal", "pursue", "deliver", "tell", "remind", "clocks", "stand", "detect", "hazard",
    "campaign", "backtest", "bulletin", "partners", "compact", "keep",
)  # fmt: skip
"""Shown also when they are empty."""
A_PAGE = 100


@dataclass(frozen=True)
class Row:
    """One job as a reader sees it."""

    entry: Entry
    kind: str
    reason: str
    """Why it was given up, or why the last attempt failed; empty: nothing failed."""


@dataclass(frozen=True)
class Refused:
    """A job that was not dropped, and what was wrong with the form."""

    job: int
    problem: str
    reason: str


@router.get("/work")
def show_queues(request: Request, officer: ThePageOfficer, done: str = "") -> Response:
    """All queues, and everything that was given up."""
    return _overview(request, officer, done=done)


@router.get("/work/{kind}")
def show_queue(request: Request, officer: ThePageOfficer, kind: str) -> Response:
    """One queue: its counts and its first jobs."""
    rights.check(officer, Right.QUEUES)
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        found = [queue for queue in _all(queues.queues(session)) if queue.kind == kind]
        if not found:
            raise NotFound("queue", kind)
        jobs = [_row(reader, each) for each in queues.entries(session, kind, A_PAGE)]
    return page(
        request, "work.html", officer, reader=reader, queues=found, jobs=jobs, one=kind,
        named=_names(reader, found), longest=LONGEST_REASON,
        done="", refused=None, most=A_PAGE,
    )  # fmt: skip


@router.post("/work/{job}/retry")
def retry(request: Request, officer: FormOfficer, job: JobId) -> Response:
    """Put a parked job back."""
    rights.check(officer, Right.JOBS)
    with database_of(request).write() as session:
        queues.retry(session, job, officer.login)
    return RedirectResponse("/work?done=retry", 303)


@router.post("/work/{job}/drop")
def drop(
    request: Request,
    officer: FormOfficer,
    job: JobId,
    reason: Annotated[str, Form(max_length=2000)] = "",
) -> Response:
    """Take a parked job off the list; the reason goes to the audit."""
    rights.check(officer, Right.JOBS)
    try:
        with database_of(request).write() as session:
            queues.drop(session, job, officer.login, reason)
    except InputRejected as error:
        told = expectation(error.expected, language_of(request), error.params)
        return _overview(request, officer, refused=Refused(job, told, reason), status=422)
    return RedirectResponse("/work?done=drop", 303)


def _overview(
    request: Request,
    officer: SignedIn,
    status: int = 200,
    done: str = "",
    refused: Refused | None = None,
) -> HTMLResponse:
    rights.check(officer, Right.QUEUES)
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        found = _all(queues.queues(session))
        jobs = [_row(reader, each) for each in queues.entries(session, None, A_PAGE)]
    return page(
        request, "work.html", officer, status, reader=reader, queues=found, jobs=jobs, one="",
        named=_names(reader, found), longest=LONGEST_REASON,
        done=done if done in ("retry", "drop") else "", refused=refused, most=A_PAGE,
    )  # fmt: skip


def _all(found: Sequence[Queue]) -> list[Queue]:
    """Known kinds in their order, then any other."""
    told = {queue.kind: queue for queue in found}
    known = [told.pop(kind, Queue(kind, 0, 0, 0, 0, None)) for kind in KINDS]
    return [*known, *told.values()]


def _names(reader: Reader, found: Sequence[Queue]) -> Mapping[str, str]:
    return {queue.kind: _kind(reader, queue.kind) for queue in found}


def _kind(reader: Reader, kind: str) -> str:
    key = f"console.work.kind.{kind}"
    return reader.say(key) if has(key) else kind


def _row(reader: Reader, entry: Entry) -> Row:
    if entry.error is None:
        return Row(entry, _kind(reader, entry.kind), "")
    key = f"console.work.reason.{entry.error}"
    told = (
        reader.say(key) if has(key) else reader.say("console.work.reason.other", name=entry.error)
    )
    shown = replace(entry, key=reader.partners.get(entry.key, entry.key))
    return Row(shown, _kind(reader, entry.kind), told)
