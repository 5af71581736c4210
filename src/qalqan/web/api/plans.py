"""Drafts of plans and rounds of comments for officers' programs (REQ-26)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import Field, StrictBool

from qalqan.cases import plan_drafts
from qalqan.register import orm
from qalqan.web.access import TheOfficer, database_of
from qalqan.web.api.bodies import JsonBytes, Key, parsed
from qalqan.web.api.measures import Body, Cursor, may_read, part

router = APIRouter(tags=["measures"])

PlanId = Annotated[str, Path(max_length=20, pattern=r"^[A-Z0-9-]+$")]


class PlanIn(Body):
    """A draft and the bodies that are asked about it."""

    title: str = Field(max_length=400)
    bodies: list[str] = Field(min_length=1, max_length=40)


class PlanVersionIn(Body):
    """A version of a draft's text."""

    language: str = Field(max_length=2)
    words: str = Field(max_length=30_000)


class PlanRoundIn(Body):
    """Until when bodies are asked."""

    due_day: str = Field(max_length=10)


class PlanCommentIn(Body):
    """What a body says; no words: it agrees."""

    body: str = Field(max_length=200)
    words: str = Field(default="", max_length=6000)


class PlanAnswerIn(Body):
    """How a comment was answered."""

    accepted: StrictBool
    reason: str = Field(max_length=4000)


BODIES: dict[str, type[Body]] = {
    "/v1/plans": PlanIn,
    "/v1/plans/{plan}/versions": PlanVersionIn,
    "/v1/plans/{plan}/rounds": PlanRoundIn,
    "/v1/plans/{plan}/comments": PlanCommentIn,
    "/v1/plans/{plan}/comments/{number}/answer": PlanAnswerIn,
}
"""Path → what its POST takes."""


@router.get("/plans")
def plans(request: Request, officer: TheOfficer, after: Cursor = "") -> dict[str, Any]:
    """Drafts of plans after the cursor `after`, oldest first."""
    may_read(officer)
    rows = orm.PlanDraft
    with database_of(request).session() as session:
        found = session.query(rows).filter(rows.id > after).order_by(rows.id).limit(50).all()
        shown = [_plan(row) for row in found]
    return {"plans": shown, "next": shown[-1]["plan"] if shown else after}


@router.post("/plans", status_code=201)
def begin(request: Request, officer: TheOfficer, key: Key, body: JsonBytes) -> dict[str, Any]:
    """Begin a draft. The same `Idempotency-Key` is the same one."""
    given = parsed(PlanIn, body)
    with database_of(request).write() as session:
        return _plan(plan_drafts.add(session, officer, given.title, given.bodies, key))


@router.get("/plans/{plan}")
def plan(request: Request, officer: TheOfficer, plan: PlanId) -> dict[str, Any]:
    """One draft with its newest text and all that was said of it."""
    may_read(officer)
    with database_of(request).session() as session:
        row = plan_drafts.one(session, plan)
        newest, waits = (
            plan_drafts.last_version(session, plan),
            plan_drafts.open_round(session, plan),
        )
        return {
            **_plan(row),
            "version": part(newest, "number", "language", "words") if newest else None,
            "round": part(waits, "number", "version", "due_day") if waits else None,
            "comments": [_comment(each) for each in plan_drafts.comments(session, plan)],
        }


@router.post("/plans/{plan}/versions")
def write(request: Request, officer: TheOfficer, plan: PlanId, body: JsonBytes) -> dict[str, Any]:
    """A new version of the text; the same as the newest is the newest."""
    given = parsed(PlanVersionIn, body)
    with database_of(request).write() as session:
        row = plan_drafts.write(session, officer, plan, given.language, given.words)
        return part(row, "number", "language", "words")


@router.post("/plans/{plan}/rounds")
def ask(request: Request, officer: TheOfficer, plan: PlanId, body: JsonBytes) -> dict[str, Any]:
    """Open a round on the newest version; asked again while it is open, it is the same round."""
    given = parsed(PlanRoundIn, body)
    with database_of(request).write() as session:
        row = plan_drafts.ask(session, officer, plan, given.due_day)
        return part(row, "number", "version", "due_day")


@router.post("/plans/{plan}/comments")
def comment(request: Request, officer: TheOfficer, plan: PlanId, body: JsonBytes) -> dict[str, Any]:
    """Write down what a body says in the open round; the same again is the same."""
    given = parsed(PlanCommentIn, body)
    with database_of(request).write() as session:
        return _comment(plan_drafts.comment(session, officer, plan, given.body, given.words))


@router.post("/plans/{plan}/comments/{number}/answer")
def answer(
    request: Request, officer: TheOfficer, plan: PlanId,
    number: Annotated[int, Path(ge=1, lt=2**62)], body: JsonBytes,
) -> dict[str, Any]:  # fmt: skip
    """Accept or reject a comment with a reason; the same again changes nothing."""
    given = parsed(PlanAnswerIn, body)
    with database_of(request).write() as session:
        row = plan_drafts.answer(session, officer, plan, number, given.accepted, given.reason)
        return _comment(row)


@router.post("/plans/{plan}/close")
def close(request: Request, officer: TheOfficer, plan: PlanId) -> dict[str, Any]:
    """Close the open round before its day; bodies that said nothing are recorded as silent."""
    with database_of(request).write() as session:
        return part(plan_drafts.end_round(session, officer, plan), "number", "closed_us")


def _comment(row: orm.PlanComment) -> dict[str, Any]:
    return {"comment": row.id, **part(row, "round", "body", "words", "state", "reason")}


def _plan(row: orm.PlanDraft) -> dict[str, Any]:
    return {"plan": row.id, **part(row, "title", "bodies", "made_us")}
