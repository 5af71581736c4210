"""One campaign: for whom, what it says, who agreed, how far it is, what it came to (REQ-76)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan.bulletin.outreach import (
    campaigns,
    effect,
    mailings,
    materials,
    outcomes,
    queue,
    running,
    segments,
    texts,
)
from qalqan.bulletin.outreach.campaigns import MOVES, Event, State
from qalqan.exchange import sms_text
from qalqan.model.period import Period, day_in_almaty, month_of
from qalqan.register import orm, rights
from qalqan.register.people import SignedIn
from qalqan.register.rights import Right
from qalqan.text.catalogue import LANGUAGES
from qalqan.web.access import (
    FormOfficer,
    ThePageOfficer,
    database_of,
    language_of,
    settings_of,
)
from qalqan.web.console import outreach_view as view
from qalqan.web.console.entrance import Field
from qalqan.web.console.outreach_page import Methods, Words, row_of
from qalqan.web.console.pages import page
from qalqan.web.console.reader import reader_of
from qalqan.web.console.wrong import tried

router = APIRouter(include_in_schema=False)

CampaignId = Annotated[str, Path(max_length=20, pattern=r"^[A-Z0-9-]+$")]
Version = Annotated[int, Form(ge=0, lt=2**63)]
Act = Annotated[Literal["start", "end", "cancel"], Form()]
Yes = Annotated[Literal["yes", "no"], Form()]


@router.get("/outreach/{campaign}")
def show(request: Request, officer: ThePageOfficer, campaign: CampaignId) -> Response:
    """One campaign."""
    return _one(request, officer, campaign)


@router.post("/outreach/{campaign}/write")
def write(
    request: Request, officer: FormOfficer, campaign: CampaignId, version: Version,
    methods: Methods = [],  # noqa: B006
    title: Field = "", channel: Field = "", region: Field = "", start: Field = "",
    last: Field = "", reach: Field = "", budget: Field = "", age: Field = "",
    language: Field = "", text: Field = "", evidence: Words = "",
) -> Response:  # fmt: skip
    """Change the plan: it has to be approved anew."""
    told = {
        "title": title, "channel": channel, "region": region, "start": start, "last": last,
        "reach": reach, "budget": budget, "age": age, "language": language, "text": text,
        "evidence": evidence,
    }  # fmt: skip

    def do(session: Session) -> None:
        campaigns.write(session, officer, campaign, view.plan_of(told, methods), version)

    return _act(request, officer, campaign, do, Right.CAMPAIGNS, "write")


@router.post("/outreach/{campaign}/approve")
def approve(
    request: Request, officer: FormOfficer, campaign: CampaignId, yes: Yes, version: Version,
    note: Words = "",
) -> Response:  # fmt: skip
    """The second person's yes or no."""

    def do(session: Session) -> None:
        campaigns.approve(session, officer, campaign, yes == "yes", version, note)

    return _act(request, officer, campaign, do, Right.PUBLISH, "approve")


@router.post("/outreach/{campaign}/move")
def move(
    request: Request, officer: FormOfficer, campaign: CampaignId, act: Act, version: Version,
    note: Words = "",
) -> Response:  # fmt: skip
    """Start, end or cancel it."""

    def do(session: Session) -> None:
        if act == "start":
            running.start(session, officer, campaign, version)
        else:
            running.stop(session, officer, campaign, Event(act), version, note)

    return _act(request, officer, campaign, do, Right.CAMPAIGNS, "move")


@router.post("/outreach/{campaign}/tell")
def tell(
    request: Request, officer: FormOfficer, campaign: CampaignId, version: Version,
    reach: Field = "", cost: Field = "", evidence: Words = "",
) -> Response:  # fmt: skip
    """Write down what it came to."""

    def do(session: Session) -> None:
        people = view.whole(reach, "reach", "outreach.reach") if reach.strip() else None
        tenge = view.whole(cost, "cost", "outreach.cost") if cost.strip() else None
        tiyn = None if tenge is None else tenge * view.TIYN
        campaigns.tell(session, officer, campaign, people, tiyn, evidence, version)

    return _act(request, officer, campaign, do, Right.CAMPAIGNS, "tell")


@router.post("/outreach/{campaign}/mail")
def mail(
    request: Request, officer: FormOfficer, campaign: CampaignId, partner: Field = ""
) -> Response:
    """Ask an operator to write to its own subscribers."""

    def do(session: Session) -> None:
        mailings.ask(session, officer, campaign, partner)

    return _act(request, officer, campaign, do, Right.CAMPAIGNS, "mail")


def _act(
    request: Request, officer: SignedIn, campaign: str, do: Callable[[Session], None],
    right: Right, act: str,
) -> Response:  # fmt: skip
    rights.check(officer, right)
    if wrong := tried(request, do):
        return _one(request, officer, campaign, *wrong, act)
    return RedirectResponse(f"/outreach/{campaign}", 303)


def _one(
    request: Request, officer: SignedIn, number: str, status: int = 200, problem: str = "",
    act: str = "",
) -> Response:  # fmt: skip
    rights.check(officer, Right.CAMPAIGNS)
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        of = campaigns.one(session, number)
        period = month_of(day_in_almaty(reader.now_us)).before()
        shown = {
            "row": row_of(session, of),
            "words": _words(session, of),
            "progress": queue.progress(session, number),
            "steps": campaigns.steps(session, number),
            "asked": mailings.of_campaign(session, number),
            "operators": _operators(session, number),
            "linked": materials.listed(session, campaign=number),
            "arms": (arms := outcomes.arms(session, number)),
            "said": effect.said(arms, reader.language),
            "hit": _picture(session, of, period),
            **view.choices(session, reader),
        }
    may = {event for state, event in MOVES if state == State(of.state)}
    return page(
        request, "outreach_one.html", officer, status, reader=reader, of=of, may_do=may,
        tab="campaigns", problem=problem, act=act, period=period,
        gateway=settings_of(request).sms, last_day=view.last_day, first_day=day_in_almaty,
        plan=_told(of), states=queue.STATES, **shown,
    )  # fmt: skip


def _words(session: Session, of: orm.OutreachCampaign) -> list[tuple[str, str, sms_text.Length]]:
    """Language, text and how many short messages it takes."""
    if of.text is None:
        return []
    if of.text_version is None:
        found = texts.in_force(session, "message")[of.text]
    else:
        found = texts.one(session, "message", of.text, of.text_version)
    return [(each, found.texts[each], sms_text.length(found.texts[each])) for each in LANGUAGES]


def _operators(session: Session, number: str) -> list[str]:
    """Those who have not been asked about it."""
    held = select(orm.Partner.code).where(orm.Partner.kind == "operator", orm.Partner.active)
    asked = {each.partner for each in mailings.of_campaign(session, number)}
    return sorted(set(session.scalars(held)) - asked)


def _picture(session: Session, of: orm.OutreachCampaign, period: Period) -> list[segments.Segment]:
    """Victims of its methods by age, as the page of segments shows them: a table of these methods
    alone, beside that one, would tell of groups that both hide."""
    now, before = segments.victims(session, period), segments.victims(session, period.before())
    found = segments.ranked(now, before, ("method", "age"), "people")
    return [each for each in found if each.traits["method"] in of.methods]


def _told(of: orm.OutreachCampaign) -> dict[str, object]:
    """The plan as its form shows it."""
    return {
        "title": of.title, "channel": of.channel, "region": of.region, "methods": of.methods,
        "start": day_in_almaty(of.from_us).isoformat(), "last": view.last_day(of.to_us).isoformat(),
        "reach": of.planned_reach, "budget": of.budget // view.TIYN, "text": of.text or "",
        "evidence": of.evidence, "age": of.segment.get("age", ""),
        "language": of.segment.get("language", ""),
    }  # fmt: skip
