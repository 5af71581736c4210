"""Joint teams on a page: make, add people and cases, end (REQ-18)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Path, Request
from fastapi.responses import RedirectResponse, Response

from qalqan.errors import Conflict, InputRejected, NotAllowed, NotFound
from qalqan.register import rights, teams
from qalqan.register.people import SignedIn
from qalqan.register.rights import Right
from qalqan.text.refusal import expectation
from qalqan.web.access import FormOfficer, ThePageOfficer, database_of, language_of
from qalqan.web.console.entrance import Field
from qalqan.web.console.pages import page
from qalqan.web.errors import problem_of

router = APIRouter(include_in_schema=False)

TeamId = Annotated[int, Path(ge=1, lt=2**63)]
Refused = InputRejected | Conflict | NotFound | NotAllowed


@router.get("/teams")
def show_teams(request: Request, officer: ThePageOfficer) -> Response:
    """Teams that the officer made or is in."""
    return _teams(request, officer)


@router.post("/teams")
def make(
    request: Request,
    officer: FormOfficer,
    name: Field = "",
    days: Annotated[int, Form()] = 0,
) -> Response:
    """Make a team."""
    try:
        with database_of(request).write() as session:
            number = teams.make(session, officer, name, days)
    except (InputRejected, Conflict) as error:
        return _teams(request, officer, error)
    return RedirectResponse(f"/teams#team-{number}", 303)


@router.post("/teams/{team}/end")
def end(request: Request, officer: FormOfficer, team: TeamId) -> Response:
    """End a team."""
    with database_of(request).write() as session:
        teams.end(session, officer, team)
    return RedirectResponse("/teams", 303)


@router.post("/teams/{team}/{what}")
def put(
    request: Request,
    officer: FormOfficer,
    team: TeamId,
    what: teams.What,
    of: Field = "",
    remove: Field = "",
) -> Response:
    """Take a person or a case in, or out."""
    rights.check(officer, Right.PEOPLE)
    try:
        with database_of(request).write() as session:
            teams.change(session, officer, team, what, of.strip(), bool(remove))
    except (InputRejected, Conflict, NotFound, NotAllowed) as error:
        return _teams(request, officer, error)
    return RedirectResponse(f"/teams#team-{team}", 303)


def _teams(request: Request, officer: SignedIn, error: Refused | None = None) -> Response:
    if not rights.has(officer, Right.PEOPLE):
        rights.check(officer, Right.CASES)
    with database_of(request).session() as session:
        found = teams.seen(session, officer)
    problem = problem_of(error, language_of(request)) if error else None
    told = ""
    if isinstance(error, InputRejected):
        told = expectation(error.expected, language_of(request), error.params)
    elif problem is not None:
        told = str(problem.error["message"])
    return page(
        request, "teams.html", officer, problem.status if problem else 200, teams=found,
        problem=told, longest=teams.LONGEST_NAME, most_days=teams.LONGEST_DAYS,
    )  # fmt: skip
