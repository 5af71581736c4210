"""One's own account: password, second factors, devices (REQ-18; ASVS 5.0, 6.2.2, 7.4.3, 7.5).

Whatever changes how one proves who one is wants a fresh proof, ends all other sessions and gives
this one a new secret. While a first factor or an own password is wanted, these pages are all there
is (`web.access`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import segno
from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import RedirectResponse, Response
from markupsafe import Markup

from qalqan import clock
from qalqan.errors import InputRejected, NotAllowed
from qalqan.register import factors, passkeys, sessions, sign_in
from qalqan.register.sessions import SignedIn
from qalqan.text.refusal import expectation
from qalqan.trust import passwords, totp
from qalqan.web.access import (
    PendingFormOfficer,
    PendingPageOfficer,
    ThePageOfficer,
    check_fresh,
    database_of,
    keep_session,
    keys_of,
    language_of,
    passed,
)
from qalqan.web.console.entrance import Field
from qalqan.web.console.pages import page
from qalqan.web.errors import problem_of
from qalqan.web.proof import site_of, wants_factor


def changing(officer: PendingFormOfficer) -> SignedIn:
    """Who may change how he proves who he is: by our own form, and with a fresh proof.

    Raises:
        StepNeeded: something is wanted first.
    """
    check_fresh(passed(officer, "enrol"))
    return officer


Changer = Annotated[SignedIn, Depends(changing)]
router = APIRouter(include_in_schema=False)

Mark = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$")]
DONE = frozenset({"password", "passkey", "renamed", "removed", "ended"})


@router.get("/account")
def show(request: Request, officer: ThePageOfficer, done: str = "") -> Response:
    """Factors and devices."""
    return account(request, officer, done=done)


@router.get("/account/password")
def ask_password(request: Request, officer: PendingPageOfficer) -> Response:
    """The page that asks for a new password."""
    return _password(request, passed(officer, "password", "enrol"))


@router.post("/account/password")
def change_password(
    request: Request,
    officer: PendingFormOfficer,
    old: Field = "",
    new: Field = "",
    again: Field = "",
) -> Response:
    """A password of one's own."""
    passed(officer, "password", "enrol")
    database, required = database_of(request), wants_factor(request)
    try:
        if new != again:
            raise InputRejected("password", "", "password.again")
        secret = sign_in.change_password(
            database, keys_of(request), officer, old, new, required=required
        )
    except (InputRejected, NotAllowed) as error:
        return _password(request, officer, error)
    return kept(request, secret, "/account?done=password")


@router.get("/account/factors")
def ask_factor(request: Request, officer: PendingPageOfficer) -> Response:
    """The page that sets up a second factor."""
    check_fresh(passed(officer, "enrol"))
    return setting_up(request, officer)


@router.post("/account/totp/begin")
def begin(request: Request, officer: Changer) -> Response:
    """Draw a secret for an app."""
    with database_of(request).write() as session:
        factors.begin_totp(session, keys_of(request), officer.login)
    return RedirectResponse("/account/factors", 303)


@router.post("/account/totp")
def confirm(request: Request, officer: Changer, code: Field = "") -> Response:
    """Take the app's first code, and show codes for paper, this once."""
    try:
        with database_of(request).write() as session:
            factors.confirm_totp(session, keys_of(request), officer.login, code)
            codes = factors.new_codes(session, officer.login)
            secret = sign_in.go_on(session, officer, "totp", required=wants_factor(request))
    except InputRejected as error:
        return setting_up(request, officer, error)
    return _codes(request, codes, secret)


@router.post("/account/totp/remove")
def remove_totp(request: Request, officer: Changer) -> Response:
    """Do without an app's codes."""
    with database_of(request).write() as session:
        factors.remove_totp(session, officer.login, officer.login)
        secret = sign_in.go_without(session, officer, required=wants_factor(request))
    return kept(request, secret, "/account?done=removed")


@router.post("/account/codes")
def renew_codes(request: Request, officer: Changer) -> Response:
    """Fresh codes for paper; older ones are worth nothing."""
    with database_of(request).write() as session:
        codes = factors.new_codes(session, officer.login)
    return _codes(request, codes)


@router.post("/account/devices/end")
def end_others(request: Request, officer: Changer) -> Response:
    """End all sessions but this one."""
    with database_of(request).write() as session:
        sessions.end_others(session, officer)
    return RedirectResponse("/account?done=ended", 303)


@router.post("/account/devices/{mark}/end")
def end_one(request: Request, officer: Changer, mark: Mark) -> Response:
    """End one session."""
    with database_of(request).write() as session:
        sessions.end_one(session, officer, mark)
    return RedirectResponse("/account?done=ended", 303)


def kept(request: Request, secret: str, path: str) -> Response:
    """On to a page, with the session's new secret."""
    response = RedirectResponse(path, 303)
    keep_session(request, response, secret)
    return response


def account(
    request: Request, officer: SignedIn, error: InputRejected | None = None, done: str = ""
) -> Response:
    """The whole page; above it what was done, or why not."""
    with database_of(request).session() as session:
        owned = factors.owned(session, officer.login)
        keys = passkeys.of(session, officer.login)
        devices = sessions.devices(session, officer)
    return page(
        request, "account.html", officer, 422 if error else 200, owned=owned, passkeys=keys,
        devices=devices, done=done if done in DONE else "", problem=_told(request, error),
        now_us=clock.wall_us(), longest=passkeys.LONGEST_NAME, codes=factors.CODES,
    )  # fmt: skip


def setting_up(
    request: Request, officer: SignedIn, error: InputRejected | NotAllowed | None = None
) -> Response:
    """The page that sets up a second factor: an app's code, a passkey."""
    with database_of(request).session() as session:
        secret = factors.waiting_secret(session, keys_of(request), officer.login)
        owned = factors.owned(session, officer.login)
    return page(
        request, "account_factors.html", _inside(officer), _status(request, error),
        pending=officer, secret=totp.text(secret) if secret else "",
        picture=_picture(secret, officer.login) if secret else "", owned=owned,
        problem=_told(request, error), passkeys=site_of(request) is not None,
        longest=passkeys.LONGEST_NAME,
    )  # fmt: skip


def _password(
    request: Request, officer: SignedIn, error: InputRejected | NotAllowed | None = None
) -> Response:
    response = page(
        request, "account_password.html", _inside(officer), _status(request, error),
        pending=officer, problem=_told(request, error), shortest=passwords.SHORTEST,
        wrong="new" if isinstance(error, InputRejected) else "old",
    )  # fmt: skip
    if isinstance(error, NotAllowed):
        response.headers.update(problem_of(error, language_of(request)).headers)
    return response


def _codes(request: Request, codes: Sequence[str], secret: str | None = None) -> Response:
    response = page(request, "account_codes.html", codes=codes)
    if secret is not None:
        keep_session(request, response, secret)
    return response


def _inside(officer: SignedIn) -> SignedIn | None:
    """Whom the page's head names: nobody while something is wanted, for nothing there works."""
    return officer if officer.stage is None else None


def _told(request: Request, error: InputRejected | NotAllowed | None) -> str:
    if isinstance(error, InputRejected):
        words = expectation(error.expected, language_of(request), error.params)
        return words[:1].upper() + words[1:]
    return str(problem_of(error, language_of(request)).error["message"]) if error else ""


def _status(request: Request, error: InputRejected | NotAllowed | None) -> int:
    return problem_of(error, language_of(request)).status if error else 200


def _picture(secret: bytes, login: str) -> Markup:
    """The QR code as a drawing; it is made of squares, not of anybody's text."""
    code = segno.make(totp.address(secret, login), error="m")
    return Markup(code.svg_inline(scale=5, border=3, light="#fff", dark="#000", omitsize=False))
