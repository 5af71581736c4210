"""Messages and texts at moments of risk: what is in force, what waits for a second person
(REQ-63, 77)."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import RedirectResponse, Response

from qalqan.bulletin.outreach import content, effect, outcomes, shipped, texts
from qalqan.errors import Conflict, InputRejected
from qalqan.exchange import sms_text
from qalqan.register import rights
from qalqan.register.people import SignedIn
from qalqan.register.rights import Right
from qalqan.web.access import FormOfficer, ThePageOfficer, database_of, language_of
from qalqan.web.console import outreach_view as view
from qalqan.web.console.entrance import Field
from qalqan.web.console.pages import page
from qalqan.web.console.reader import reader_of
from qalqan.web.console.wrong import said

router = APIRouter(include_in_schema=False)

Words = Annotated[str, Form(max_length=2_000)]
TextId = Annotated[int, Path(ge=1, lt=2**63)]
Yes = Annotated[Literal["yes", "no"], Form()]


@router.get("/outreach/texts")
def show(request: Request, officer: ThePageOfficer) -> Response:
    """All texts in force."""
    return _list(request, officer)


@router.post("/outreach/texts")
def propose(
    request: Request, officer: FormOfficer, key: Field = "", kk: Words = "", ru: Words = "",
    en: Words = "",
) -> Response:  # fmt: skip
    """A new version."""
    rights.check(officer, Right.CAMPAIGNS)
    kind = "moment" if "/" in key else "message"
    told = {"kk": kk, "ru": ru, "en": en}
    try:
        with database_of(request).write() as session:
            texts.propose(session, officer, kind, key, told)
    except (InputRejected, Conflict) as error:
        return _list(request, officer, said(request, error).sentence, {"key": key, **told})
    return RedirectResponse("/outreach/texts", 303)


@router.post("/outreach/texts/{text}/decide")
def decide(request: Request, officer: FormOfficer, text: TextId, yes: Yes) -> Response:
    """The second person's yes or no."""
    rights.check(officer, Right.PUBLISH)
    try:
        with database_of(request).write() as session:
            texts.decide(session, officer, text, yes == "yes")
    except Conflict as error:
        return _list(request, officer, said(request, error).sentence)
    return RedirectResponse("/outreach/texts", 303)


def _list(
    request: Request, officer: SignedIn, problem: str = "", told: dict[str, str] | None = None
) -> Response:
    rights.check(officer, Right.CAMPAIGNS)
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        messages, moments = texts.in_force(session, "message"), texts.in_force(session, "moment")
        waiting = texts.waiting(session)
        measured = [
            (each, arms := outcomes.arms(session, each), effect.said(arms, reader.language))
            for each in outcomes.experiments(session)
            if content.EXPERIMENT.fullmatch(each)
        ]
    return page(
        request, "outreach_texts.html", officer, 422 if problem else 200, reader=reader,
        tab="texts", problem=problem, told=told or {}, messages=messages, moments=moments,
        of=shipped.moments(), waiting=waiting, length=sms_text.length, named=view.named,
        methods=view.methods(), any=shipped.ANY, measured=measured,
    )  # fmt: skip
