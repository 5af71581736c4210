"""Signing in and out, and the choice of a language (REQ-18)."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from qalqan.errors import NotAllowed
from qalqan.register import people
from qalqan.register.people import SignedIn
from qalqan.web import cookies
from qalqan.web.access import (
    PendingFormOfficer,
    SignInNeeded,
    check_origin,
    database_of,
    forget_session,
    keep_language,
    keep_session,
    language_of,
    passed,
)
from qalqan.web.console.navigation import is_page
from qalqan.web.console.pages import page
from qalqan.web.errors import problem_of
from qalqan.web.proof import caller_of, site_of, wants_factor
from qalqan.web.watch import acts

router = APIRouter(include_in_schema=False)

Field = Annotated[str, Form(max_length=400)]
FIRST = "/queue"
"""Where an officer begins."""
_PATH = re.compile(r"/[a-z][!-~]*")
"""Begins with one slash and has no letter that a browser reads as another site."""


def onlooker(request: Request) -> SignedIn:
    """The officer behind a request that a page makes by itself: it keeps no session alive.

    Raises:
        SignInNeeded: no cookie, or its session ended. StepNeeded: it has to prove more first.
    """
    try:
        with database_of(request).session() as session:
            found = people.user_by_session(session, cookies.read(request, cookies.SESSION) or "")
    except NotAllowed:
        raise SignInNeeded from None
    acts(request, found.login, found)
    return passed(found)


def inside(request: Request, path: str) -> str:
    """The path if it is a page of ours, else the first page: no form sends a reader elsewhere."""
    asked = path.partition("?")[0]
    ours = _PATH.fullmatch(path) and not asked.startswith(("/v1", "/static"))
    return path if ours and is_page(request.app, asked) else FIRST


@router.get("/")
def begin() -> Response:
    """The console begins with the queue."""
    return RedirectResponse(FIRST, 303)


@router.get("/sign-in")
def ask(request: Request, next: str = FIRST) -> Response:
    """The page that asks who it is."""
    return sign_in_page(request, next)


@router.post("/sign-in")
def enter(
    request: Request, login: Field = "", password: Field = "", next: Field = FIRST
) -> Response:
    """Sign in, or say what is wrong without telling which of the two."""
    check_origin(request)
    name = login.strip()
    required, caller = wants_factor(request), caller_of(request)
    try:
        secret = people.sign_in(
            database_of(request), name, password, required=required, caller=caller
        )
    except NotAllowed as error:
        return sign_in_page(request, next, error, login)
    return go_in(request, secret, next)


def sign_in_page(
    request: Request, next: str, error: NotAllowed | None = None, login: str = ""
) -> Response:
    """The page that asks who it is, and why the last try failed."""
    problem = problem_of(error, language_of(request)) if error else None
    response = page(
        request, "sign_in.html", status=problem.status if problem else 200, login=login,
        problem=str(problem.error["message"]) if problem else "", next=inside(request, next),
        passkeys=site_of(request) is not None,
    )  # fmt: skip
    response.headers.update(problem.headers if problem else {})
    return response


def go_in(request: Request, secret: str, next: str) -> Response:
    """On with a session's new secret; where it has to prove more, that page sends it there."""
    response = RedirectResponse(inside(request, next), 303)
    keep_session(request, response, secret)
    return response


@router.post("/sign-out")
def leave(request: Request, officer: PendingFormOfficer) -> Response:
    """End the session here and in the register."""
    with database_of(request).write() as session:
        people.sign_out(session, cookies.read(request, cookies.SESSION) or "")
    response = RedirectResponse("/sign-in", 303)
    forget_session(request, response)
    return response


@router.post("/language")
def speak(request: Request, language: Field, back: Field = FIRST) -> Response:
    """Remember the language and go back to where the reader was."""
    check_origin(request)
    response = RedirectResponse(inside(request, back), 303)
    keep_language(request, response, language)
    return response
