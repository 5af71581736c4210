"""Exercises on simulated cases: played, ended, looked back at (REQ-23, 95)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import RedirectResponse, Response

from qalqan.cases import training_runs
from qalqan.errors import InputRejected, QalqanError
from qalqan.register import orm, rights
from qalqan.register.people import SignedIn
from qalqan.register.rights import Right
from qalqan.simulate.training.follow import ACTS, GROUNDS
from qalqan.simulate.training.judge import EVIDENCE, VERDICTS, WORDINGS
from qalqan.web.access import FormOfficer, ThePageOfficer, database_of, language_of
from qalqan.web.console import exercise_follow, exercise_judge
from qalqan.web.console.abroad_choices import number as number_in
from qalqan.web.console.entrance import Field
from qalqan.web.console.pages import page
from qalqan.web.console.reader import reader_of
from qalqan.web.console.wrong import said

router = APIRouter(include_in_schema=False)

RunId = Annotated[int, Path(ge=1, lt=2**63)]
Many = Annotated[list[str], Form()]


@router.get("/training/exercises/{run}")
def show(request: Request, officer: ThePageOfficer, run: RunId) -> Response:
    """The step that it is at, or the debrief."""
    return _page(request, officer, run)


@router.post("/training/exercises/{run}/act")
def act(
    request: Request, officer: FormOfficer, run: RunId, act: Field = "", account: Field = "",
    amount: Field = "", whole: Field = "", ground: Field = "", version: Field = "",
) -> Response:  # fmt: skip
    """Do something in this step."""
    given = {"act": act, "account": account, "amount": amount, "whole": whole, "ground": ground}
    rights.check(officer, Right.EXERCISE)
    try:
        row = _row(request, officer, run, "follow")
        told = exercise_follow.add(row, given)
        with database_of(request).write() as session:
            training_runs.put(session, officer, run, _seen(version), told)
    except QalqanError as error:
        return _page(request, officer, run, *said(request, error))
    return RedirectResponse(f"/training/exercises/{run}", 303)


@router.post("/training/exercises/{run}/next")
def go_on(
    request: Request, officer: FormOfficer, run: RunId, version: Field = "", end: Field = ""
) -> Response:
    """Let ten minutes pass, or end it here."""
    rights.check(officer, Right.EXERCISE)
    try:
        row = _row(request, officer, run, "follow")
        over = bool(end) or exercise_follow.is_last(row)
        points = exercise_follow.ended(row) if over else None
        with database_of(request).write() as session:
            if points is not None:
                training_runs.end(session, officer, run, _seen(version), *points)
            else:
                told = exercise_follow.go_on(row)
                training_runs.put(session, officer, run, _seen(version), told)
    except QalqanError as error:
        return _page(request, officer, run, *said(request, error))
    return RedirectResponse(f"/training/exercises/{run}", 303)


@router.post("/training/exercises/{run}/answer")
def answer(
    request: Request, officer: FormOfficer, run: RunId, verdict: Field = "",
    evidence: Many = [], wording: Field = "", version: Field = "",  # noqa: B006
) -> Response:  # fmt: skip
    """Say what an account is."""
    rights.check(officer, Right.EXERCISE)
    try:
        row = _row(request, officer, run, "judge")
        told = exercise_judge.answered(row, verdict, evidence, wording)
        points = exercise_judge.ended(row.seed, told) if exercise_judge.is_last(row) else None
        with database_of(request).write() as session:
            row = training_runs.put(session, officer, run, _seen(version), told)
            if points is not None:
                training_runs.end(session, officer, run, row.version, *points)
    except QalqanError as error:
        return _page(request, officer, run, *said(request, error))
    return RedirectResponse(f"/training/exercises/{run}", 303)


def _seen(version: str) -> int:
    return number_in("version", version) or 0


def _row(request: Request, officer: SignedIn, run: int, kind: str) -> orm.Exercise:
    with database_of(request).session() as session:
        row = training_runs.load(session, officer, run)
    if row.kind != kind:
        raise InputRejected("exercise", row.kind, "training.kind")
    return row


def _page(
    request: Request, officer: SignedIn, run: int, status: int = 200, problem: str = ""
) -> Response:
    with database_of(request).session() as session:
        row = training_runs.load(session, officer, run)
        reader = reader_of(session, language_of(request))
    values: dict[str, object]
    if row.kind == "follow" and row.ended_us is None:
        values = {"view": exercise_follow.view(reader, row), "acts": ACTS, "grounds": GROUNDS}
    elif row.kind == "follow":
        values = {"view": exercise_follow.debrief(row)}
    elif row.ended_us is None:
        values = {"view": exercise_judge.view(row), "verdicts": VERDICTS, "evidence": EVIDENCE,
                  "wordings": WORDINGS}  # fmt: skip
    else:
        values = {"views": exercise_judge.debrief(row), "evidence": EVIDENCE}
    name = f"exercise_{row.kind}{'_end' if row.ended_us is not None else ''}.html"
    return page(
        request, name, officer, status, reader=reader, row=row, problem=problem,
        bank=lambda place: exercise_follow.bank_name(place, reader.language),
        shown=exercise_follow.shown, **values,
    )  # fmt: skip
