"""Campaigns of warnings: all of them with reach, cost and effect, and a new one (REQ-73, 75)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from qalqan.bulletin.outreach import campaigns, outcomes, queue
from qalqan.bulletin.outreach.holdout import Arm
from qalqan.bulletin.outreach.outcomes import ArmCount
from qalqan.errors import InputRejected
from qalqan.register import orm, rights
from qalqan.register.people import SignedIn
from qalqan.register.rights import Right
from qalqan.web.access import FormOfficer, ThePageOfficer, database_of, language_of
from qalqan.web.console import outreach_view as view
from qalqan.web.console.entrance import Field
from qalqan.web.console.pages import page
from qalqan.web.console.reader import reader_of
from qalqan.web.console.wrong import said

router = APIRouter(include_in_schema=False)

Methods = Annotated[list[str], Form(alias="methods", max_length=10)]
Words = Annotated[str, Form(max_length=2_000)]


@dataclass(frozen=True)
class Row:
    """One campaign of the list."""

    of: orm.OutreachCampaign
    reach: int | None
    cost: int | None
    is_reckoned: bool
    """The cost is messages times the policy's price, and nobody has told another."""
    each: Fraction | None
    """tiyn for each person reached."""
    arms: Mapping[Arm, ArmCount] | None
    """None: there is nothing to compare with."""


def row_of(session: Session, of: orm.OutreachCampaign) -> Row:
    """A campaign with what it came to up to now."""
    reach, cost = of.reach, of.cost
    sent = queue.progress(session, of.id)
    if of.state == campaigns.State.RUNNING and sent.whole:
        reach = sent.reached
    reckoned = cost is None and sent.whole > 0
    if reckoned:
        cost = sent.cost
    arms = outcomes.arms(session, of.id)
    each = Fraction(cost, reach) if cost is not None and reach else None
    compared = outcomes.is_measured(arms)
    return Row(of, reach, cost, reckoned, each, arms if compared else None)


@router.get("/outreach")
def show(request: Request, officer: ThePageOfficer) -> Response:
    """All campaigns, the newest first."""
    return _list(request, officer)


@router.post("/outreach")
def draft(
    request: Request, officer: FormOfficer, methods: Methods = [],  # noqa: B006
    title: Field = "", channel: Field = "", region: Field = "", start: Field = "",
    last: Field = "", reach: Field = "", budget: Field = "", age: Field = "",
    language: Field = "", text: Field = "", evidence: Words = "",
) -> Response:  # fmt: skip
    """A new campaign."""
    rights.check(officer, Right.CAMPAIGNS)
    told = {
        "title": title, "channel": channel, "region": region, "start": start, "last": last,
        "reach": reach, "budget": budget, "age": age, "language": language, "text": text,
        "evidence": evidence,
    }  # fmt: skip
    try:
        plan = view.plan_of(told, methods)
        with database_of(request).write() as session:
            number = campaigns.draft(session, officer, plan).id
    except InputRejected as error:
        problem = said(request, error).sentence
        return _list(request, officer, problem, {**told, "methods": methods})
    return RedirectResponse(f"/outreach/{number}", 303)


def _list(
    request: Request, officer: SignedIn, problem: str = "", told: dict[str, object] | None = None
) -> Response:
    rights.check(officer, Right.CAMPAIGNS)
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        rows = [row_of(session, each) for each in campaigns.listed(session)]
        offered = view.choices(session, reader)
    return page(
        request, "outreach.html", officer, 422 if problem else 200, reader=reader, rows=rows,
        tab="campaigns", problem=problem, told=told or {}, **offered,
    )  # fmt: skip
