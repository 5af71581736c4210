"""Drafts of plans, their versions, rounds of comments and answers (REQ-26)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan.cases import measure_words, plan_drafts
from qalqan.cases.plan_drafts import LONGEST_COMMENT, LONGEST_TEXT
from qalqan.register import orm, rights
from qalqan.register.people import SignedIn
from qalqan.register.rights import Right
from qalqan.text.catalogue import LANGUAGES
from qalqan.text.show import day
from qalqan.web.access import FormOfficer, ThePageOfficer, database_of, language_of
from qalqan.web.console.entrance import Field
from qalqan.web.console.measures_page import Key, check_reader
from qalqan.web.console.pages import page
from qalqan.web.console.reader import reader_of
from qalqan.web.console.wrong import tried

router = APIRouter(include_in_schema=False)

PlanId = Annotated[str, Path(max_length=20, pattern=r"^[A-Z0-9-]+$")]
Words = Annotated[str, Form(max_length=5000)]
Text = Annotated[str, Form(max_length=LONGEST_TEXT + 1000)]
Number = Annotated[int, Form(ge=0, lt=2**62)]


@router.get("/plans")
def show_list(request: Request, officer: ThePageOfficer) -> Response:
    """All drafts, the newest first."""
    return _list(request, officer)


@router.post("/plans")
def begin(
    request: Request, officer: FormOfficer, key: Key, title: Field = "", bodies: Words = ""
) -> Response:
    """Begin a draft."""
    rights.check(officer, Right.MEASURES)
    made: list[str] = []

    def do(session: Session) -> None:
        made.append(plan_drafts.add(session, officer, title, bodies.splitlines(), key).id)

    if wrong := tried(request, do):
        return _list(request, officer, wrong.sentence)
    return RedirectResponse(f"/plans/{made[0]}", 303)


@router.get("/plans/{plan}")
def show(request: Request, officer: ThePageOfficer, plan: PlanId) -> Response:
    """One draft with all that was said of it."""
    return _one(request, officer, plan)


@router.post("/plans/{plan}/text")
def write(
    request: Request, officer: FormOfficer, plan: PlanId, language: Field = "", text: Text = ""
) -> Response:
    """A new version."""
    return _act(
        request, officer, plan, "text",
        lambda session: plan_drafts.write(session, officer, plan, language, text),
    )  # fmt: skip


@router.post("/plans/{plan}/round")
def ask(request: Request, officer: FormOfficer, plan: PlanId, due_day: Field = "") -> Response:
    """Ask the bodies."""
    return _act(
        request, officer, plan, "round",
        lambda session: plan_drafts.ask(session, officer, plan, due_day),
    )  # fmt: skip


@router.post("/plans/{plan}/comment")
def comment(
    request: Request, officer: FormOfficer, plan: PlanId, body: Field = "", words: Words = ""
) -> Response:
    """What a body says."""
    return _act(
        request, officer, plan, "comment",
        lambda session: plan_drafts.comment(session, officer, plan, body, words),
    )  # fmt: skip


@router.post("/plans/{plan}/answer")
def answer(
    request: Request, officer: FormOfficer, plan: PlanId, comment: Number = 0, accepted: Field = "",
    reason: Words = "",
) -> Response:  # fmt: skip
    """Accept or reject a comment."""
    return _act(
        request, officer, plan, f"answer-{comment}",
        lambda session: plan_drafts.answer(
            session, officer, plan, comment, accepted == "yes", reason
        ),
    )  # fmt: skip


@router.post("/plans/{plan}/close")
def close(request: Request, officer: FormOfficer, plan: PlanId) -> Response:
    """Close the round before its day."""
    return _act(
        request, officer, plan, "round",
        lambda session: plan_drafts.end_round(session, officer, plan),
    )  # fmt: skip


def _act(
    request: Request, officer: SignedIn, plan: str, act: str, do: Callable[[Session], object]
) -> Response:
    rights.check(officer, Right.MEASURES)
    if wrong := tried(request, do):
        return _one(request, officer, plan, *wrong, act)
    return RedirectResponse(f"/plans/{plan}", 303)


def _list(request: Request, officer: SignedIn, problem: str = "") -> Response:
    check_reader(officer)
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        drafts = session.scalars(select(orm.PlanDraft).order_by(orm.PlanDraft.id.desc())).all()
        rows = [
            (each, plan_drafts.last_version(session, each.id),
             plan_drafts.open_round(session, each.id))
            for each in drafts
        ]  # fmt: skip
    return page(
        request, "plans.html", officer, 422 if problem else 200, reader=reader, rows=rows,
        problem=problem, key=f"{officer.login}-{reader.now_us}", day=_day(reader.language),
    )  # fmt: skip


def _one(
    request: Request, officer: SignedIn, plan: str, status: int = 200, problem: str = "",
    act: str = "",
) -> Response:  # fmt: skip
    check_reader(officer)
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        row = plan_drafts.one(session, plan)
        versions = session.scalars(
            select(orm.PlanVersion)
            .where(orm.PlanVersion.draft == plan)
            .order_by(orm.PlanVersion.number.desc())
        ).all()
        rounds = session.scalars(
            select(orm.PlanRound)
            .where(orm.PlanRound.draft == plan)
            .order_by(orm.PlanRound.number.desc())
        ).all()
        said = plan_drafts.comments(session, plan)
    by_round = {each.number: [one for one in said if one.round == each.number] for each in rounds}
    waits = next((each for each in rounds if each.closed_us is None), None)
    heard = {one.body for one in by_round.get(waits.number, [])} if waits else set()
    return page(
        request, "plan.html", officer, status, reader=reader, row=row, versions=versions,
        rounds=rounds, by_round=by_round, open=waits, problem=problem, act=act,
        unheard=[body for body in row.bodies if body not in heard], codes=LANGUAGES,
        longest_text=LONGEST_TEXT, longest_comment=LONGEST_COMMENT,
        longest=measure_words.LONGEST_WORDS, day=_day(reader.language),
    )  # fmt: skip


def _day(language: str) -> Callable[[str], str]:
    return lambda text: day(date.fromisoformat(text), language)
