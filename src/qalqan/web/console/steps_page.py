"""Further proofs of who one is: a second factor after the password, the same again after a while,
and a passkey instead of both (REQ-18; ASVS 5.0, 6.3.3, 7.5.1)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import JSONResponse, Response

from qalqan.errors import NotAllowed, NotFound
from qalqan.register import factors, passkeys, sign_in
from qalqan.register.sessions import SignedIn
from qalqan.trust.passkeys import LONGEST, Site
from qalqan.web.access import (
    PendingFormOfficer,
    PendingPageOfficer,
    check_origin,
    database_of,
    keys_of,
    language_of,
    passed,
)
from qalqan.web.console.entrance import FIRST, Field, go_in, inside, sign_in_page
from qalqan.web.console.pages import page
from qalqan.web.errors import problem_of
from qalqan.web.proof import caller_of, site_of, wants_factor

router = APIRouter(include_in_schema=False)

Answer = Annotated[str, Form(max_length=LONGEST)]


def the_site(request: Request) -> Site:
    """The site whose passkeys count. Raises `NotFound`: none do, where it is reached like this."""
    site = site_of(request)
    if site is None:
        raise NotFound("passkey", "site")
    return site


@router.post("/sign-in/passkey/ask")
def ask_anybody(request: Request) -> Response:
    """The question to whatever passkey of this site the browser holds."""
    check_origin(request)
    with database_of(request).write() as session:
        return JSONResponse(passkeys.ask_to_sign(session, the_site(request), "sign_in"))


@router.post("/sign-in/passkey")
def enter_by_passkey(request: Request, answer: Answer = "", next: Field = FIRST) -> Response:
    """Sign in by a passkey alone: it is two factors."""
    check_origin(request)
    try:
        secret = sign_in.sign_in_by_passkey(
            database_of(request), the_site(request), answer,
            required=wants_factor(request), caller=caller_of(request),
        )  # fmt: skip
    except NotAllowed as error:
        return sign_in_page(request, next, error)
    return go_in(request, secret, next)


@router.get("/sign-in/factor")
@router.get("/account/proof")
def ask(request: Request, officer: PendingPageOfficer, next: str = FIRST) -> Response:
    """The page that asks for a factor; or, after a while, for a password or a factor."""
    if request.url.path == "/account/proof":
        passed(officer)
    elif officer.stage != "factor":
        return _on(request, next)
    return _asked(request, officer, next)


@router.post("/sign-in/factor")
@router.post("/account/proof")
def prove(
    request: Request,
    officer: PendingFormOfficer,
    code: Field = "",
    password: Field = "",
    next: Field = FIRST,
) -> Response:
    """Look at a code; or at the password, of somebody who is in already."""
    passed(officer, "factor")
    database, required = database_of(request), wants_factor(request)
    try:
        if password and officer.stage is None:
            secret = sign_in.show_password(database, officer, password)
        else:
            keys = keys_of(request)
            secret = sign_in.show_code(database, keys, officer, code, required=required)
    except NotAllowed as error:
        return _asked(request, officer, next, error)
    return go_in(request, secret, next)


@router.post("/sign-in/factor/ask")
def ask_own(request: Request, officer: PendingFormOfficer) -> Response:
    """The question to one of this person's own passkeys."""
    passed(officer, "factor")
    site, database = the_site(request), database_of(request)
    with database.write() as session:
        asked = passkeys.ask_to_sign(session, site, "prove", officer.login, officer.token_hash)
    return JSONResponse(asked)


@router.post("/sign-in/factor/passkey")
def prove_by_passkey(
    request: Request,
    officer: PendingFormOfficer,
    answer: Answer = "",
    next: Field = FIRST,
) -> Response:
    """Look at a passkey's answer."""
    passed(officer, "factor")
    site, required = the_site(request), wants_factor(request)
    try:
        secret = sign_in.show_passkey(
            database_of(request), site, officer, answer, required=required
        )
    except NotAllowed as error:
        return _asked(request, officer, next, error)
    return go_in(request, secret, next)


def _asked(
    request: Request, officer: SignedIn, next: str, error: NotAllowed | None = None
) -> Response:
    problem = problem_of(error, language_of(request)) if error else None
    with database_of(request).session() as session:
        owned = factors.owned(session, officer.login)
    response = page(
        request, "factor.html", status=problem.status if problem else 200, pending=officer,
        problem=str(problem.error["message"]) if problem else "", next=inside(request, next),
        owned=owned, passkeys=owned.passkeys > 0 and site_of(request) is not None,
    )  # fmt: skip
    response.headers.update(problem.headers if problem else {})
    return response


def _on(request: Request, next: str) -> Response:
    return Response(status_code=303, headers={"Location": inside(request, next)})
