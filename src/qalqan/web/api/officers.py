"""Officers by API: sign in, see what waits for a decision, decide, sign out (REQ-18, 19)."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt
from starlette.responses import Response

from qalqan.cases import approvals, reasons
from qalqan.cases.approvals import LONGEST_NOTE, Waiting
from qalqan.cases.grounds import ground
from qalqan.register import people
from qalqan.web.access import OrderId, TheOfficer, database_of, language_of, session_token
from qalqan.web.api.account import token_of
from qalqan.web.api.bodies import JsonBytes, parsed
from qalqan.web.looks import shows_nothing
from qalqan.web.proof import caller_of, wants_factor

router = APIRouter(tags=["officers"])


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SignIn(_Body):
    """Who signs in."""

    login: str = Field(max_length=200)
    password: str = Field(max_length=1000)


class Decision(_Body):
    """A yes or no to one order, at the version that was looked at."""

    approved: StrictBool
    note: str = Field(default="", max_length=LONGEST_NOTE)
    version: StrictInt | None = Field(default=None, ge=0, lt=2**62)


@router.post("/sign-in")
def sign_in(request: Request, body: JsonBytes) -> dict[str, Any]:
    """Open a session; its token is shown this once and ends after an hour of silence. `stage`
    says what it wants before it works: `factor`, `password`, `enrol`, or null."""
    given = parsed(SignIn, body, secret=True)
    token = people.sign_in(
        database_of(request), given.login, given.password,
        required=wants_factor(request), caller=caller_of(request),
    )  # fmt: skip
    return token_of(request, token)


@router.post("/sign-out", status_code=204)
def sign_out(request: Request) -> Response:
    """End the session; one that ended already is no error."""
    token = session_token(request)
    with database_of(request).write() as session:
        people.sign_out(session, token)
    return Response(status_code=204)


@router.get("/approvals")
def waiting(request: Request, officer: TheOfficer) -> dict[str, Any]:
    """Orders that wait for this officer's yes or no; accounts are tokens."""
    with database_of(request).session() as session:
        found = approvals.waiting(session, officer)
    if not found:
        shows_nothing(request)
    return {"orders": [_shown(each, language_of(request)) for each in found]}


@router.post("/orders/{order}/approvals")
def decide(
    request: Request, order: OrderId, officer: TheOfficer, body: JsonBytes
) -> dict[str, Any]:
    """Say yes or no to one order; the same word again changes nothing."""
    given = parsed(Decision, body)
    decided = approvals.decide(
        database_of(request),
        order,
        officer,
        given.approved,
        given.note,
        given.version,
    )
    return {"order": decided.id, "state": decided.state, "version": decided.version}


def _shown(waiting: Waiting, language: str) -> dict[str, Any]:
    order = waiting.order
    legal = ground(order.ground, order.kind, order.created_us)
    return {
        "id": order.id,
        "case": order.case_id,
        "kind": order.kind,
        "partner": order.partner,
        "account": order.account,
        "amount": order.amount,
        "currency": order.currency,
        "traced": waiting.traced,
        "drafted_by": order.drafted_by,
        "reason": reasons.sentence(order.reason, language),
        "ground": order.ground,
        "ground_name": legal.names[language],
        "ground_confirmed": legal.confirmed,
        "due_us": order.due_us,
        "expires_us": order.expires_us,
        "version": order.version,
        "approvals": [
            {"login": each.login, "role": each.role, "approved": each.approved, "at_us": each.at_us}
            for each in order.approvals
        ],
    }
