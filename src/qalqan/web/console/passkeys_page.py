"""One's own passkeys: make, name, remove (REQ-18)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from qalqan.errors import InputRejected, NotAllowed
from qalqan.register import passkeys, sign_in
from qalqan.web.access import FormOfficer, database_of
from qalqan.web.console.account_page import Changer, account, kept, setting_up
from qalqan.web.console.entrance import Field
from qalqan.web.console.steps_page import Answer, the_site
from qalqan.web.proof import wants_factor

router = APIRouter(include_in_schema=False)

Number = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$")]


@router.post("/account/passkeys/ask")
def ask_to_make(request: Request, officer: Changer) -> Response:
    """The question by which the browser makes a passkey."""
    site = the_site(request)
    with database_of(request).write() as session:
        asked = passkeys.ask_to_make(session, site, officer.login, officer.token_hash)
    return JSONResponse(asked)


@router.post("/account/passkeys")
def add_passkey(
    request: Request,
    officer: Changer,
    name: Field = "",
    answer: Answer = "",
) -> Response:
    """Keep the passkey that the browser made."""
    site = the_site(request)
    try:
        with database_of(request).write() as session:
            passkeys.add(session, site, officer.login, officer.token_hash, answer, name)
            secret = sign_in.go_on(session, officer, "passkey", required=wants_factor(request))
    except (InputRejected, NotAllowed) as error:
        return setting_up(request, officer, error)
    return kept(request, secret, "/account?done=passkey")


@router.post("/account/passkeys/{number}/name")
def rename(request: Request, officer: FormOfficer, number: Number, name: Field = "") -> Response:
    """Call a passkey otherwise."""
    try:
        with database_of(request).write() as session:
            passkeys.rename(session, officer.login, number, name)
    except InputRejected as error:
        return account(request, officer, error)
    return RedirectResponse("/account?done=renamed", 303)


@router.post("/account/passkeys/{number}/remove")
def remove_passkey(request: Request, officer: Changer, number: Number) -> Response:
    """Do without a passkey."""
    with database_of(request).write() as session:
        passkeys.remove(session, officer.login, number)
        secret = sign_in.go_without(session, officer, required=wants_factor(request))
    return kept(request, secret, "/account?done=removed")
