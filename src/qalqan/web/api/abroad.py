"""Requests abroad for officers' programs: listed, drafted, agreed to, sent, answered (REQ-70).

What a request is about stands as a token; who needs the value opens it in the console.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt

from qalqan import clock
from qalqan.cases import abroad_list, abroad_requests, abroad_steps
from qalqan.cases.abroad_kinds import Event
from qalqan.cases.abroad_list import Line
from qalqan.cases.abroad_requests import LONGEST_ADDRESSEE, LONGEST_WORDS, Wanted
from qalqan.cases.abroad_steps import Told
from qalqan.register import orm
from qalqan.web.access import TheOfficer, database_of
from qalqan.web.api.bodies import JsonBytes, Key, parsed
from qalqan.web.looks import shows

router = APIRouter(tags=["officers"])

CaseId = Annotated[str, Path(max_length=20)]
RequestId = Annotated[str, Path(max_length=20, pattern=r"^[A-Z0-9-]+$")]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class RequestAbroad(_Body):
    """What is asked of another country. `basis` is the code of a treaty's row, `mark` names one of
    the case's identifiers, `task` an `international` task of the case that this is."""

    kind: str = Field(max_length=16)
    country: str = Field(max_length=2)
    addressee: str = Field(max_length=LONGEST_ADDRESSEE)
    basis: str = Field(max_length=40)
    words: str = Field(max_length=LONGEST_WORDS)
    mark: str = Field(default="", max_length=16)
    term_days: StrictInt | None = Field(default=None, ge=1, le=365)
    keep_days: StrictInt | None = Field(default=None, ge=1, le=365)
    contact: StrictInt | None = Field(default=None, ge=1, lt=2**62)
    task: StrictInt | None = Field(default=None, ge=1, lt=2**62)
    parent: str | None = Field(default=None, max_length=20)


class Agreed(_Body):
    """The second person's yes or no, at the version that was looked at."""

    approved: StrictBool
    note: str = Field(default="", max_length=LONGEST_WORDS)
    version: StrictInt | None = Field(default=None, ge=0, lt=2**62)


class Happened(_Body):
    """What happened to a request; `outcome` goes with an answer."""

    event: Literal["send", "acknowledge", "remind", "answer", "refuse", "close", "withdraw"]
    words: str = Field(default="", max_length=LONGEST_WORDS)
    outcome: Literal["", "full", "part", "none"] = ""
    reference: str = Field(default="", max_length=60)
    document: str | None = Field(default=None, max_length=20)
    version: StrictInt | None = Field(default=None, ge=0, lt=2**62)


BODIES: dict[str, type[BaseModel]] = {
    "/v1/cases/{case}/abroad": RequestAbroad,
    "/v1/abroad/{abroad}/approvals": Agreed,
    "/v1/abroad/{abroad}/steps": Happened,
}
"""Path → what its POST takes."""


@router.get("/abroad")
def listed(
    request: Request,
    officer: TheOfficer,
    tab: Annotated[str, Query(max_length=10)] = "open",
    page: Annotated[int, Query(ge=1, lt=10_000)] = 1,
) -> dict[str, Any]:
    """Requests in view, due soonest first: `tab` is open, drafted (waits for a second person),
    in or closed."""
    now = clock.now_us()
    with database_of(request).session() as session:
        found = abroad_list.listed(session, officer, tab, now, page)
        told = [_line(line) for line in found.lines]
    shows(request, [line["case"] for line in told if line["case"]])
    return {"requests": told, "counts": found.counts, "page": page, "pages": found.pages}


@router.get("/abroad/{abroad}")
def one(request: Request, officer: TheOfficer, abroad: RequestId) -> dict[str, Any]:
    """One request with its history."""
    now = clock.now_us()
    with database_of(request).session() as session:
        view = abroad_list.one(session, officer, abroad, now)
        return {
            **_line(abroad_list.line_of(view.row, now)),
            "words": view.row.words,
            "subject": view.row.subject,
            "subject_kind": view.row.subject_kind,
            "history": [_step(step) for step in reversed(view.steps)],
            "prolonged_by": list(view.prolonged_by),
        }


@router.post("/cases/{case}/abroad", status_code=201)
def draft(
    request: Request, officer: TheOfficer, case: CaseId, key: Key, body: JsonBytes
) -> dict[str, Any]:
    """Draft a request; it waits for a second person. The same `Idempotency-Key` is the same
    request."""
    wanted = Wanted(**parsed(RequestAbroad, body).model_dump())
    with database_of(request).write() as session:
        row = abroad_requests.draft(session, officer, case, wanted, key)
        return _standing(row)


@router.post("/abroad/{abroad}/approvals")
def decide(
    request: Request, officer: TheOfficer, abroad: RequestId, body: JsonBytes
) -> dict[str, Any]:
    """Agree to somebody else's draft, or not; the same word again changes nothing."""
    given = parsed(Agreed, body)
    event = Event.APPROVE if given.approved else Event.SEND_BACK
    return _stepped(request, officer, abroad, event, Told(given.note, given.version))


@router.post("/abroad/{abroad}/steps")
def step(
    request: Request, officer: TheOfficer, abroad: RequestId, body: JsonBytes
) -> dict[str, Any]:
    """Say that it was sent, received, answered, refused, or that it is closed; the same again
    changes nothing."""
    given = parsed(Happened, body)
    told = Told(given.words, given.version, given.outcome, given.reference, given.document)
    return _stepped(request, officer, abroad, Event(given.event), told)


def _stepped(
    request: Request, officer: TheOfficer, number: str, event: Event, told: Told
) -> dict[str, Any]:
    with database_of(request).write() as session:
        return _standing(abroad_steps.step(session, officer, number, event, told))


def _standing(row: orm.AbroadRequest) -> dict[str, Any]:
    names = ("id", "state", "version", "due_us", "kept_until_us")
    return {"case": row.case_id, "task": row.task, **{name: getattr(row, name) for name in names}}


def _line(line: Line) -> dict[str, Any]:
    row = line.row
    names = (
        "direction", "kind", "country", "addressee", "basis", "term_days", "keep_days", "sent_us",
        "answered_us", "outcome", "parent", "reference", "drafted_by", "approved_by",
    )  # fmt: skip
    told = {name: getattr(row, name) for name in names}
    return {**_standing(row), **told, "state": line.state, "left_us": line.left_us}


def _step(step: orm.AbroadStep) -> dict[str, Any]:
    names = ("at_us", "by", "event", "state", "words", "document")
    return {name: getattr(step, name) for name in names}
