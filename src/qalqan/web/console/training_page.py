"""Training: exercises to begin, one's own scores and courses, and for who keeps them everybody's
(REQ-23, 95)."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import RedirectResponse, Response

from qalqan.cases import training_courses, training_runs
from qalqan.cases.tasks import is_overdue
from qalqan.cases.training_courses import LONGEST_TITLE, PROVIDERS, RESULTS, ROLES, SOON_US
from qalqan.cases.training_runs import KINDS, LEVELS, MOST_SEED
from qalqan.errors import QalqanError
from qalqan.register import rights
from qalqan.register.people import SignedIn
from qalqan.register.rights import Right
from qalqan.simulate.training.drawn import case_of
from qalqan.simulate.training.rules import edition
from qalqan.web.access import FormOfficer, ThePageOfficer, database_of, language_of
from qalqan.web.console.abroad_choices import day, number
from qalqan.web.console.entrance import Field
from qalqan.web.console.pages import page
from qalqan.web.console.reader import reader_of
from qalqan.web.console.wrong import said
from qalqan.web.looks import shows

router = APIRouter(include_in_schema=False)

CourseId = Annotated[int, Path(ge=1, lt=2**63)]
Many = Annotated[list[str], Form()]


@router.get("/training")
def show(request: Request, officer: ThePageOfficer) -> Response:
    """Exercises, scores, courses."""
    return _home(request, officer)


@router.post("/training/exercises")
def begin(
    request: Request, officer: FormOfficer, kind: Field = "", level: Field = "", seed: Field = ""
) -> Response:
    """Begin an exercise, or go on with it; the same number is the same exercise."""
    rights.check(officer, Right.EXERCISE)
    try:
        given = number("seed", seed)
        drawn = secrets.randbelow(MOST_SEED) if given is None else given
        if given is None and kind == KINDS[0]:
            case_of(drawn)
        with database_of(request).write() as session:
            run = training_runs.begin(session, officer, kind, level, drawn, edition()).id
    except QalqanError as error:
        return _home(request, officer, *said(request, error))
    return RedirectResponse(f"/training/exercises/{run}", 303)


@router.get("/training/courses")
def show_courses(request: Request, officer: ThePageOfficer) -> Response:
    """The register of courses."""
    return _courses(request, officer)


@router.post("/training/courses")
def add(
    request: Request, officer: FormOfficer, title: Field = "", provider: Field = "",
    roles: Many = [], months: Field = "",  # noqa: B006
) -> Response:  # fmt: skip
    """Enter a course."""
    rights.check(officer, Right.TRAINING)
    try:
        with database_of(request).write() as session:
            training_courses.add(session, officer, title, provider, roles, number("months", months))
    except QalqanError as error:
        return _courses(request, officer, *said(request, error), "add")
    return RedirectResponse("/training/courses", 303)


@router.post("/training/courses/{course}/taken")
def take(
    request: Request, officer: FormOfficer, course: CourseId, of: Field = "",
    on: Field = "", result: Field = "",
) -> Response:  # fmt: skip
    """Note that somebody took it."""
    rights.check(officer, Right.TRAINING)
    try:
        at_us = day("day", on)
        with database_of(request).write() as session:
            training_courses.take(session, officer, course, of, at_us, result)
    except QalqanError as error:
        return _courses(request, officer, *said(request, error), str(course))
    return RedirectResponse("/training/courses", 303)


@router.post("/training/courses/{course}/end")
def end(request: Request, officer: FormOfficer, course: CourseId) -> Response:
    """Nobody needs it any more."""
    rights.check(officer, Right.TRAINING)
    try:
        with database_of(request).write() as session:
            training_courses.end(session, officer, course)
    except QalqanError as error:
        return _courses(request, officer, *said(request, error), str(course))
    return RedirectResponse("/training/courses", 303)


def _home(request: Request, officer: SignedIn, status: int = 200, problem: str = "") -> Response:
    rights.check(officer, Right.EXERCISE)
    keeps, sees = rights.has(officer, Right.TRAINING), rights.has(officer, Right.CASES)
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        runs = training_runs.of(session, officer.login)
        others = training_runs.of_all(session, officer) if keeps else ()
        taken = training_courses.of(session, officer.login)
        lacks = training_courses.lacking(session, reader.now_us, officer.login)
        asked = training_courses.consultations(session, officer) if sees else ()
    shows(request, [task.case_id for task in asked])
    return page(
        request, "training.html", officer, status, reader=reader, runs=runs, others=others,
        taken=taken, lacks=lacks, asked=asked, is_overdue=is_overdue, kinds=KINDS, levels=LEVELS,
        soon_us=SOON_US, problem=problem, keeps=keeps, sees=sees,
    )  # fmt: skip


def _courses(
    request: Request, officer: SignedIn, status: int = 200, problem: str = "", act: str = ""
) -> Response:
    rights.check(officer, Right.TRAINING)
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        courses = training_courses.listed(session)
        lacks = training_courses.lacking(session, reader.now_us)
    return page(
        request, "training_courses.html", officer, status, reader=reader, courses=courses,
        lacks=lacks, providers=PROVIDERS, results=RESULTS, roles=ROLES, longest=LONGEST_TITLE,
        problem=problem, act=act,
    )  # fmt: skip
