"""Signing in and out, and the choice of a language (REQ-18)."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from qalqan.errors import NotAllowed
from qalqan.register import people
from qalqan.register.people import SignedIn
from qalqan.web.access import (
    SESSION_COOKIE,
    SignInNeeded,
    ThePageOfficer,
    check_csrf,
    check_origin,
    database_of,
    forget_session,
    keep_language,
    keep_session,
    language_of,
)
from qalqan.web.console.pages import page
from qalqan.web.errors import problem_of

router = APIRouter(include_in_schema=False)

Field = Annotated[str, Form(max_length=400)]
FIRST = "/cases"
"""Where an officer begins."""
_INSIDE = re.compile(r"/(?:cases|approvals|work|sign-in)(?:[/?][!-~]*)?")


def onlooker(request: Request) -> SignedIn:
    """The officer behind a request that a page makes by itself: it keeps no session alive.

    Raises:
        SignInNeeded: no cookie, or its session ended.
    """
    try:
        with database_of(request).session() as session:
            return people.user_by_session(session, request.cookies.get(SESSION_COOKIE, ""))
    except NotAllowed:
        raise SignInNeeded from None


def inside(path: str) -> str:
    """The path if it is a page of ours, else the first page: no form sends a reader elsewhere."""
    return path if _INSIDE.fullmatch(path) else FIRST


@router.get("/")
def begin() -> Response:
    """The console begins with the cases."""
    return RedirectResponse(FIRST, 303)


@router.get("/sign-in")
def ask(request: Request, next: str = FIRST) -> HTMLResponse:
    """The page that asks who it is."""
    return page(request, "sign_in.html", login="", problem="", next=inside(next))


@router.post("/sign-in")
def enter(
    request: Request, login: Field = "", password: Field = "", next: Field = FIRST
) -> Response:
    """Sign in, or say what is wrong without telling which of the two."""
    check_origin(request)
    try:
        secret = people.sign_in(database_of(request), login.strip(), password)
    except NotAllowed as error:
        problem = problem_of(error, language_of(request))
        told = str(problem.error["message"])
        response: Response = page(
            request, "sign_in.html", status=problem.status, login=login, problem=told,
            next=inside(next),
        )  # fmt: skip
        response.headers.update(problem.headers)
        return response
    response = RedirectResponse(inside(next), 303)
    keep_session(request, response, secret)
    return response


@router.post("/sign-out")
def leave(request: Request, officer: ThePageOfficer, csrf: Field = "") -> Response:
    """End the session here and in the register."""
    check_csrf(request, officer, {"csrf": csrf})
    with database_of(request).write() as session:
        people.sign_out(session, request.cookies[SESSION_COOKIE])
    response = RedirectResponse("/sign-in", 303)
    forget_session(request, response)
    return response


@router.post("/language")
def speak(request: Request, language: Field, back: Field = FIRST) -> Response:
    """Remember the language and go back to where the reader was."""
    check_origin(request)
    response = RedirectResponse(inside(back), 303)
    keep_language(request, response, language)
    return response
