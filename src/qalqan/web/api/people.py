"""Accounts, joint teams and broken glass for programs: the same rules as on the pages (REQ-18)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt

from qalqan.register import break_glass, officers, rights, teams
from qalqan.register.officers import Account, OneTime
from qalqan.register.rights import Right
from qalqan.web.access import TheOfficer, check_fresh, database_of, keys_of
from qalqan.web.api.bodies import JsonBytes, parsed
from qalqan.web.people_steps import Step, check_manager, checked_region, take_step

router = APIRouter(tags=["officers"])

Login = Annotated[str, Path(max_length=40)]
TeamId = Annotated[int, Path(ge=1, lt=2**63)]
Short = Annotated[str, Field(max_length=100)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NewPerson(_Body):
    """Somebody to be taken in; a clerk names his partner."""

    login: Short
    name: Short
    role: Short
    region: Short
    partner: Short | None = None


class Place(_Body):
    """A role and a region (`KZ`: the whole country)."""

    role: Short
    region: Short


class NewTeam(_Body):
    """A joint team, for so many days."""

    name: Annotated[str, Field(max_length=200)]
    days: StrictInt


class Member(_Body):
    """A login or a case's number, to be taken in or out."""

    of: Short
    remove: StrictBool = False


class Breaking(_Body):
    """A case out of view, and why it has to be seen."""

    case: Short
    reason: Annotated[str, Field(max_length=2000)]


class Review(_Body):
    """Whether somebody was right to break the glass."""

    verdict: Literal["right", "wrong"]
    note: Annotated[str, Field(max_length=2000)] = ""


BODIES: dict[str, type[BaseModel]] = {
    "/v1/people": NewPerson,
    "/v1/people/{login}/role": Place,
    "/v1/teams": NewTeam,
    "/v1/teams/{team}/{what}": Member,
    "/v1/glass": Breaking,
    "/v1/glass/{number}": Review,
}


@router.get("/people")
def list_people(request: Request, officer: TheOfficer) -> dict[str, Any]:
    """Everybody whom this officer manages."""
    with database_of(request).session() as session:
        return {"people": [_told(each) for each in officers.in_reach(session, officer)]}


@router.post("/people")
def take_in(request: Request, officer: TheOfficer, body: JsonBytes) -> dict[str, str]:
    """Take somebody in; the one-time password is told this once."""
    check_fresh(check_manager(officer))
    given, once = parsed(NewPerson, body, secret=True), OneTime.new()
    with database_of(request).write() as session:
        officers.add(
            session, keys_of(request), officer, once, login=given.login, name=given.name,
            role=given.role, region=checked_region(given.region), partner=given.partner,
        )  # fmt: skip
    return {"login": given.login, "password": once.text}


@router.post("/people/{login}/role")
def move(request: Request, officer: TheOfficer, login: Login, body: JsonBytes) -> dict[str, Any]:
    """Another role or region; the person's sessions end. What he has already changes nothing."""
    check_fresh(check_manager(officer))
    given = parsed(Place, body)
    with database_of(request).write() as session:
        officers.move(session, officer, login, given.role, checked_region(given.region))
        return _told(officers.account(session, officer, login))


@router.post("/people/{login}/password")
def reset_password(request: Request, officer: TheOfficer, login: Login) -> dict[str, str]:
    """A one-time password, told this once; the person's sessions end."""
    check_fresh(check_manager(officer))
    once = OneTime.new()
    with database_of(request).write() as session:
        user = officers.found(session, officer, login)
        officers.reset_password(session, user, once, officer.login)
    return {"login": login, "password": once.text}


@router.post("/people/{login}/factors")
def reset_factors(request: Request, officer: TheOfficer, login: Login) -> dict[str, str]:
    """The same, and all second factors go."""
    check_fresh(check_manager(officer))
    once = OneTime.new()
    with database_of(request).write() as session:
        user = officers.found(session, officer, login)
        officers.reset_factors(session, user, once, officer.login)
    return {"login": login, "password": once.text}


@router.post("/people/{login}/{step}")
def step(request: Request, officer: TheOfficer, login: Login, step: Step) -> dict[str, Any]:
    """Lock or unlock the account, or end its sessions."""
    check_fresh(check_manager(officer))
    with database_of(request).write() as session:
        take_step(session, officer, login, step)
        return _told(officers.account(session, officer, login))


@router.get("/teams")
def list_teams(request: Request, officer: TheOfficer) -> dict[str, Any]:
    """Teams that the officer made or is in; all of them, for who manages the whole country."""
    rights.check(officer, Right.CASES)
    with database_of(request).session() as session:
        found = teams.seen(session, officer)
    return {
        "teams": [
            {
                "id": each.id,
                "name": each.name,
                "made_by": each.made_by,
                "until_us": each.until_us,
                "people": list(each.people),
                "cases": list(each.cases),
            }
            for each in found
        ]
    }


@router.post("/teams")
def make_team(request: Request, officer: TheOfficer, body: JsonBytes) -> dict[str, int]:
    """Make a joint team; the same again on the same day is the same team."""
    given = parsed(NewTeam, body)
    with database_of(request).write() as session:
        return {"id": teams.make(session, officer, given.name, given.days)}


@router.post("/teams/{team}/end", status_code=204)
def end_team(request: Request, officer: TheOfficer, team: TeamId) -> None:
    """End a team now."""
    with database_of(request).write() as session:
        teams.end(session, officer, team)


@router.post("/teams/{team}/{what}", status_code=204)
def change_team(
    request: Request, officer: TheOfficer, team: TeamId, what: teams.What, body: JsonBytes
) -> None:
    """Take a person or a case into a team, or out of it."""
    given = parsed(Member, body)
    with database_of(request).write() as session:
        teams.change(session, officer, team, what, given.of, given.remove)


@router.get("/glass")
def list_glass(request: Request, officer: TheOfficer) -> dict[str, Any]:
    """Broken glass that waits for this officer's review, the oldest first."""
    with database_of(request).session() as session:
        found = break_glass.unreviewed(session, officer)
    return {
        "glass": [
            {
                "id": each.id,
                "login": each.login,
                "case": each.case_id,
                "reason": each.reason,
                "from_us": each.from_us,
                "until_us": each.until_us,
            }
            for each in found
        ]
    }


@router.post("/glass")
def break_one(request: Request, officer: TheOfficer, body: JsonBytes) -> dict[str, Any]:
    """See a case out of view for an hour; again for the same reason is the same hour."""
    given = parsed(Breaking, body)
    with database_of(request).write() as session:
        row = break_glass.open_for(session, officer, given.case, given.reason)
        return {"id": row.id, "case": row.case_id, "until_us": row.until_us}


@router.post("/glass/{number}", status_code=204)
def review(request: Request, officer: TheOfficer, number: TeamId, body: JsonBytes) -> None:
    """Judge one; the same verdict again changes nothing."""
    given = parsed(Review, body)
    with database_of(request).write() as session:
        break_glass.review(session, officer, number, given.verdict, given.note)


def _told(account: Account) -> dict[str, Any]:
    return {
        "login": account.login,
        "role": account.role,
        "region": account.region,
        "partner": account.partner,
        "active": account.active,
        "one_time_password": account.is_given,
        "second_factor": account.owned.any,
        "sessions": account.sessions,
    }
