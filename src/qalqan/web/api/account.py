"""One's own account for programs: further steps of signing in, a password, codes, devices (REQ-18).

Each further proof gives a new token; the old one is worth nothing any more. Passkeys are a
browser's matter: the console alone takes them.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from qalqan.register import factors, people, sessions, sign_in
from qalqan.register.sessions import SignedIn
from qalqan.trust import totp
from qalqan.web.access import (
    PendingOfficer,
    TheOfficer,
    check_fresh,
    database_of,
    keys_of,
    passed,
)
from qalqan.web.api.bodies import JsonBytes, parsed
from qalqan.web.proof import wants_factor

router = APIRouter(tags=["officers"])

Mark = Annotated[str, Path(pattern=r"^[0-9a-f]{16}$")]
Secret = Annotated[str, Field(max_length=1000)]


class Code(BaseModel):
    """A code from an app, or one from paper."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    code: Annotated[str, Field(max_length=100)]


class Proof(BaseModel):
    """The password again, or a code."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    password: Secret = ""
    code: Annotated[str, Field(max_length=100)] = ""


class NewPassword(BaseModel):
    """A password of one's own instead of the present one."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    old: Secret
    new: Secret


BODIES: dict[str, type[BaseModel]] = {
    "/v1/sign-in/factor": Code,
    "/v1/account/proof": Proof,
    "/v1/account/password": NewPassword,
    "/v1/account/totp/confirm": Code,
}


def token_of(request: Request, token: str) -> dict[str, Any]:
    """A session's token, and what it still wants: `factor`, `password`, `enrol`, or null."""
    with database_of(request).session() as session:
        return {"token": token, "stage": people.user_by_session(session, token).stage}


@router.post("/sign-in/factor")
def show_factor(request: Request, officer: PendingOfficer, body: JsonBytes) -> dict[str, Any]:
    """The second factor after the password; answers the session's new token."""
    given = parsed(Code, body, secret=True)
    return token_of(request, _shown(request, passed(officer, "factor"), given.code))


@router.post("/account/proof")
def prove(request: Request, officer: TheOfficer, body: JsonBytes) -> dict[str, Any]:
    """The password or a code again, for what wants a fresh proof; answers a new token."""
    given = parsed(Proof, body, secret=True)
    if given.password:
        token = sign_in.show_password(database_of(request), officer, given.password)
    else:
        token = _shown(request, officer, given.code)
    return token_of(request, token)


@router.post("/account/password")
def change_password(request: Request, officer: PendingOfficer, body: JsonBytes) -> dict[str, Any]:
    """A password of one's own; other sessions end, this one gets a new token."""
    given = parsed(NewPassword, body, secret=True)
    passed(officer, "password", "enrol")
    required = wants_factor(request)
    token = sign_in.change_password(
        database_of(request), keys_of(request), officer, given.old, given.new, required=required
    )
    return token_of(request, token)


@router.post("/account/totp")
def begin_totp(request: Request, officer: PendingOfficer) -> dict[str, Any]:
    """A secret for an app, which counts from its first right code on."""
    check_fresh(passed(officer, "enrol"))
    with database_of(request).write() as session:
        factors.begin_totp(session, keys_of(request), officer.login)
        secret = factors.waiting_secret(session, keys_of(request), officer.login) or b""
    return {"secret": totp.text(secret), "address": totp.address(secret, officer.login)}


@router.post("/account/totp/confirm")
def confirm_totp(request: Request, officer: PendingOfficer, body: JsonBytes) -> dict[str, Any]:
    """The app's first code; answers a new token, and codes for paper, this once."""
    check_fresh(passed(officer, "enrol"))
    given, required = parsed(Code, body, secret=True), wants_factor(request)
    with database_of(request).write() as session:
        factors.confirm_totp(session, keys_of(request), officer.login, given.code)
        codes = factors.new_codes(session, officer.login)
        token = sign_in.go_on(session, officer, "totp", required=required)
    return {**token_of(request, token), "codes": codes}


@router.get("/account")
def show(request: Request, officer: TheOfficer) -> dict[str, Any]:
    """Who one is, one's factors and open sessions; times are wall time, UTC microseconds."""
    with database_of(request).session() as session:
        owned = factors.owned(session, officer.login)
        devices = sessions.devices(session, officer)
    return {
        "login": officer.login,
        "role": officer.role,
        "region": officer.region,
        "partner": officer.partner,
        "totp_since_us": owned.totp_since_us,
        "codes_left": owned.codes_left,
        "passkeys": owned.passkeys,
        "devices": [
            {
                "mark": each.mark,
                "device": each.device,
                "network": each.network,
                "since_us": each.since_us,
                "seen_us": each.seen_us,
                "factors": list(each.factors),
                "this": each.is_this,
            }
            for each in devices
        ],
    }


@router.post("/account/devices/end")
def end_others(request: Request, officer: TheOfficer) -> dict[str, int]:
    """End all sessions but this one; how many ended."""
    check_fresh(officer)
    with database_of(request).write() as session:
        return {"ended": sessions.end_others(session, officer)}


@router.post("/account/devices/{mark}/end")
def end_one(request: Request, officer: TheOfficer, mark: Mark) -> dict[str, int]:
    """End one of one's own sessions."""
    check_fresh(officer)
    with database_of(request).write() as session:
        sessions.end_one(session, officer, mark)
    return {"ended": 1}


def _shown(request: Request, officer: SignedIn, code: str) -> str:
    database, required = database_of(request), wants_factor(request)
    return sign_in.show_code(database, keys_of(request), officer, code, required=required)
