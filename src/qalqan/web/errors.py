"""What a caller is told when something does not go: one shape, in his own language.

`{"error": {"code", "message", …}}` for programs, a page for people. A refused value is masked,
and what went wrong inside is told to the log alone, without anybody's data.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from email.utils import formatdate
from html import escape
from typing import Any, cast
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from qalqan.clock import SECOND
from qalqan.errors import (
    Conflict,
    ContractBroken,
    InputRejected,
    NotAllowed,
    NotFound,
    Overfull,
    QalqanError,
    Unavailable,
)
from qalqan.logs import fault
from qalqan.text.catalogue import say
from qalqan.text.failure import reason
from qalqan.text.mask import mask_value
from qalqan.text.refusal import refusal
from qalqan.text.show import day
from qalqan.web.access import SignInNeeded, StepNeeded, language_of
from qalqan.web.api.ends import Ended
from qalqan.web.validation import refusal_of
from qalqan.web.watch import route_of

log = logging.getLogger("qalqan.web")

RETRY_S = "5"
"""Seconds until a caller may try again, when we can't answer now."""
PATIENCE_S = "60"
"""The same after too many failed sign-ins."""
_CREDENTIALS = {
    ("partner", "token"): "credentials",
    ("partner", "certificate"): "credentials",
    ("session", "sign_in"): "credentials",
    ("sign_in", "password"): "password",
    ("sign_in", "code"): "code",
    ("sign_in", "passkey"): "passkey",
}
_STEPS = {
    "factor": "/sign-in/factor",
    "password": "/account/password",
    "enrol": "/account/factors",
    "proof": "/account/proof",
}
"""Where a browser goes whose session has to prove more first."""
_KEYED = {"batch", "report"}
"""What counts once under the key of its sender."""
_BY_STATUS = {
    400: "malformed",
    404: "not_found",
    405: "method",
    408: "late",
    413: "too_large",
    415: "content_type",
}

ErrorPage = Callable[[Request, int, str, str], Response]
"""Makes the page for a reader from request, status, sentence and code; `app.state.error_page`."""


@dataclass(frozen=True)
class Problem:
    """What to answer: status, the object under `error`, headers."""

    status: int
    error: dict[str, Any]
    headers: dict[str, str] = field(default_factory=dict)


def problem_of(error: Exception, language: str) -> Problem:
    """What a caller is told of an error, in `language`."""
    if isinstance(error, InputRejected):
        return Problem(422, rejected(error, language))
    if isinstance(error, NotAllowed):
        return _not_allowed(error, language)
    if isinstance(error, NotFound):
        return Problem(404, _told("not_found", language, kind=error.kind))
    if isinstance(error, Conflict):
        return _conflict(error, language)
    if isinstance(error, Overfull):
        return _overfull(error, language)
    if isinstance(error, Unavailable):
        return Problem(503, _told("unavailable", language), {"Retry-After": RETRY_S})
    if isinstance(error, HTTPException):
        return _of_http(error, language)
    return Problem(500, _told("internal", language))


def _of_http(error: HTTPException, language: str) -> Problem:
    if not isinstance(error, Ended):
        code = _BY_STATUS.get(error.status_code, "malformed")
        return Problem(error.status_code, _told(code, language), dict(error.headers or {}))
    end = error.end
    told = {"code": "gone", "gone": end.gone.isoformat(), "see": end.see}
    message = say("api.error.gone", language, day=day(end.gone, language), see=end.see)
    return Problem(410, {**told, "message": message}, dict(error.headers or {}))


def _overfull(error: Overfull, language: str) -> Problem:
    """A date, not seconds: it stays true however long the answer is on its way."""
    until_s = -(-error.until_us // SECOND)
    told = {
        "code": "overfull",
        "of": error.code,
        "retry_at_us": until_s * SECOND,
        "message": say(f"api.error.overfull.{error.code}", language),
    }
    return Problem(429, told, {"Retry-After": formatdate(until_s, usegmt=True)})


def rejected(error: InputRejected, language: str) -> dict[str, Any]:
    """A refused value as programs read it."""
    return {
        "code": "rejected",
        "field": error.field,
        "value": mask_value(error.value),
        "expected": error.expected,
        "message": refusal(error, language),
    }


def _not_allowed(error: NotAllowed, language: str) -> Problem:
    if error.missing == "patience":
        return Problem(429, _told("patience", language), {"Retry-After": PATIENCE_S})
    if code := _CREDENTIALS.get((error.action, error.missing)):
        return Problem(401, _told(code, language), {"WWW-Authenticate": "Bearer"})
    more = {"action": error.action, "missing": error.missing}
    if isinstance(error, StepNeeded):
        message = say(f"api.error.step.{error.missing}", language)
        return Problem(403, {"code": "step", **more, "message": message})
    code = {"view": "out_of_view", "glass": "behind_glass"}.get(error.missing, "not_allowed")
    told = _told(code, language, **more)
    if code == "not_allowed":
        told["message"] = reason(error, language) or told["message"]
    return Problem(403, told)


def _conflict(error: Conflict, language: str) -> Problem:
    """Why it does not go; that the record has changed, only where no reason is known."""
    code = "key_used" if error.kind in _KEYED else "conflict"
    told = _told(code, language, kind=error.kind, state=error.state, wanted=error.wanted)
    if code == "conflict":
        told["message"] = reason(error, language) or told["message"]
    return Problem(409, told)


def _told(code: str, language: str, **more: object) -> dict[str, Any]:
    return {"code": code, **more, "message": say(f"api.error.{code}", language)}


def respond(request: Request, problem: Problem) -> Response:
    """The answer to a program, or the page for a reader."""
    if _wants_page(request):
        page = cast(ErrorPage, getattr(request.app.state, "error_page", plain_page))
        told = problem.error
        response = page(request, problem.status, str(told["message"]), str(told["code"]))
        response.headers.update(problem.headers)
        return response
    return JSONResponse({"error": problem.error}, problem.status, problem.headers)


def plain_page(request: Request, status: int, message: str, code: str = "") -> Response:
    """A page that needs nothing but itself."""
    language = language_of(request)
    return HTMLResponse(
        f'<!doctype html><html lang="{language}"><meta charset="utf-8">'
        f"<title>{status} · Qalqan</title><main><h1>{status}</h1><p>{escape(message)}</p>"
        f'<p><a href="/">Qalqan</a></p></main></html>',
        status,
    )


def _wants_page(request: Request) -> bool:
    path = request.url.path
    return not path.startswith("/v1") and "text/html" in request.headers.get("accept", "")


def answer_errors(app: FastAPI) -> None:
    """Let the app answer every error on purpose in our shape."""
    for kind in (QalqanError, HTTPException):
        app.add_exception_handler(kind, on_purpose)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(SignInNeeded, _to_sign_in)
    app.add_exception_handler(StepNeeded, _to_step)


def on_purpose(request: Request, error: Exception) -> Response:
    """Answer an error that was raised for the caller."""
    if isinstance(error, ContractBroken):
        log.error("%s: %s", _where(request), error)  # names tables and files, nobody's data
    return respond(request, problem_of(error, language_of(request)))


def _invalid(request: Request, error: Exception) -> Response:
    findings = cast(RequestValidationError, error).errors()
    return on_purpose(request, refusal_of(findings))


def _to_sign_in(request: Request, _: Exception) -> Response:
    """A browser goes to the sign-in page and back; HTMX swaps parts, so it is told to go."""
    return _sent(request, "/sign-in", 401)


def _to_step(request: Request, error: Exception) -> Response:
    """A browser goes to the page of the step and back; a program is told what is wanted."""
    if not _wants_page(request):
        return on_purpose(request, error)
    return _sent(request, _STEPS[cast(StepNeeded, error).missing], 403)


def _sent(request: Request, path: str, status: int) -> Response:
    back = quote(request.url.path) if request.method == "GET" else "/"
    if request.headers.get("hx-request"):
        return Response(status_code=status, headers={"HX-Redirect": path})
    return RedirectResponse(f"{path}?next={back}", 303)


def unexpected(request: Request, error: Exception) -> Response:
    """Log where an error that nobody raised on purpose came from, and answer 500.

    Its text may quote a person's data, so only kinds of error and lines of code are logged.
    """
    log.error("%s: %s", _where(request), fault(error))
    return respond(request, problem_of(error, language_of(request)))


def _where(request: Request) -> str:
    return f"{request.method} {route_of(request.scope)}"
