"""Accounts in the hands of who manages them: take in, move, lock, reset (REQ-18).

Who reaches whom says `register.officers`; every change wants a fresh proof of who makes it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Form, Path, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan.cases import codes
from qalqan.errors import Conflict, InputRejected, NotFound
from qalqan.register import officers, orm, rights
from qalqan.register.officers import WATCHERS, OneTime
from qalqan.register.orm import User
from qalqan.register.people import SignedIn
from qalqan.register.rights import COUNTRY, ROLES, Right
from qalqan.text.failure import failure
from qalqan.text.refusal import expectation
from qalqan.web.access import (
    FormOfficer,
    ThePageOfficer,
    check_fresh,
    database_of,
    keys_of,
    language_of,
)
from qalqan.web.console.entrance import Field
from qalqan.web.console.pages import page
from qalqan.web.people_steps import Step, check_manager, checked_region, take_step


def manager(officer: FormOfficer) -> SignedIn:
    """Who manages people, by a form of ours and with a fresh proof.

    Raises:
        NotAllowed, StepNeeded: he may not, or has to prove himself anew.
    """
    check_fresh(check_manager(officer))
    return officer


Manager = Annotated[SignedIn, Depends(manager)]
router = APIRouter(include_in_schema=False)

Login = Annotated[str, Path(max_length=40)]
Name = Annotated[str, Form(max_length=400)]
NOTHING = dict.fromkeys(("login", "name", "role", "region", "partner"), "")
DONE = {"lock": "locked", "unlock": "unlocked", "end": "ended"}


@router.get("/people")
def show_people(request: Request, officer: ThePageOfficer, done: str = "") -> Response:
    """Everybody in reach."""
    return _people(request, officer, done=done)


@router.post("/people")
def take_in(
    request: Request,
    officer: Manager,
    login: Field = "",
    name: Name = "",
    role: Field = "",
    region: Field = "",
    partner: Field = "",
) -> Response:
    """Take somebody in; his one-time password is shown this once."""
    try:
        given = OneTime.new()
        with database_of(request).write() as session:
            officers.add(
                session, keys_of(request), officer, given, login=login.strip(), name=name,
                role=role, region=checked_region(region), partner=partner or None,
            )  # fmt: skip
    except (InputRejected, Conflict, NotFound) as error:
        typed = {"login": login, "name": name, "role": role, "region": region, "partner": partner}
        return _people(request, officer, error, typed=typed)
    return _once(request, officer, login.strip(), given)


@router.get("/people/{login}")
def show_one(request: Request, officer: ThePageOfficer, login: Login, done: str = "") -> Response:
    """One account."""
    return _one(request, officer, login, done=done)


@router.post("/people/{login}/role")
def move(
    request: Request,
    officer: Manager,
    login: Login,
    role: Field = "",
    region: Field = "",
) -> Response:
    """Another role or region."""
    try:
        with database_of(request).write() as session:
            officers.move(session, officer, login, role, checked_region(region))
    except InputRejected as error:
        return _one(request, officer, login, error)
    return RedirectResponse(f"/people/{login}?done=role", 303)


@router.post("/people/{login}/password")
def reset_password(request: Request, officer: Manager, login: Login) -> Response:
    """A one-time password, shown this once."""
    return _given(request, officer, login, officers.reset_password)


@router.post("/people/{login}/factors")
def reset_factors(request: Request, officer: Manager, login: Login) -> Response:
    """The same, and all second factors go."""
    return _given(request, officer, login, officers.reset_factors)


@router.post("/people/{login}/{step}")
def step(request: Request, officer: Manager, login: Login, step: Step) -> Response:
    """Lock or unlock the account, or end its sessions."""
    with database_of(request).write() as session:
        take_step(session, officer, login, step)
    return RedirectResponse(f"/people/{login}?done={DONE[step]}", 303)


def _given(
    request: Request,
    officer: SignedIn,
    login: str,
    reset: Callable[[Session, User, OneTime, str], None],
) -> Response:
    given = OneTime.new()
    with database_of(request).write() as session:
        reset(session, officers.found(session, officer, login), given, officer.login)
    return _once(request, officer, login, given)


def _people(
    request: Request,
    officer: SignedIn,
    error: InputRejected | Conflict | NotFound | None = None,
    done: str = "",
    typed: dict[str, str] | None = None,
) -> Response:
    with database_of(request).session() as session:
        found = officers.in_reach(session, officer)
        partners = session.scalars(select(orm.Partner.code).order_by(orm.Partner.code)).all()
    status = 200 if error is None else 422 if isinstance(error, InputRejected) else 409
    return page(
        request, "people.html", officer, status, accounts=found, problem=_told(request, error),
        done=done if done in DONE.values() else "", typed=typed or NOTHING, partners=partners,
        **_places(request, officer),
    )  # fmt: skip


def _one(
    request: Request,
    officer: SignedIn,
    login: str,
    error: InputRejected | None = None,
    done: str = "",
) -> Response:
    with database_of(request).session() as session:
        account = officers.account(session, officer, login)
    return page(
        request, "person.html", officer, 422 if error else 200, account=account,
        problem=_told(request, error), done=done if done in {*DONE.values(), "role"} else "",
        **_places(request, officer),
    )  # fmt: skip


def _once(request: Request, officer: SignedIn, login: str, given: OneTime) -> Response:
    return page(request, "person_once.html", officer, login=login, password=given.text)


def _places(request: Request, officer: SignedIn) -> dict[str, Any]:
    """Roles and regions that the officer may give."""
    whole = officer.region == COUNTRY
    roles = [role for role in ROLES if _may_give(officer, role)]
    known = codes.regions()
    regions = [COUNTRY, *sorted(known)] if whole else [officer.region]
    return {"roles": roles, "regions": regions}


def _may_give(officer: SignedIn, role: str) -> bool:
    if officer.region != COUNTRY and role in WATCHERS:
        return False
    return rights.has(officer, Right.PARTNERS if role == "clerk" else Right.PEOPLE)


def _told(request: Request, error: InputRejected | Conflict | NotFound | None) -> str:
    if error is None:
        return ""
    if isinstance(error, InputRejected):
        return expectation(error.expected, language_of(request), error.params)
    return failure(error, language_of(request))
