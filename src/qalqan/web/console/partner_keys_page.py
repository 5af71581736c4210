"""A clerk's page of his institution's keys: see, make a successor, end one (REQ-18, 19).

A new secret is shown this once, on the page that answers the form; whoever changes keys has shown
his password or factor within ten minutes.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from qalqan import clock
from qalqan.register import partner_keys
from qalqan.register.orm import PartnerKey
from qalqan.web.access import check_fresh, database_of
from qalqan.web.console.clerks import Clerk, FormClerk, TheClerk
from qalqan.web.console.pages import page

router = APIRouter(include_in_schema=False)

KeyId = Annotated[int, Path(ge=1, lt=2**62)]


@router.get("/partner/keys")
def show(request: Request, clerk: TheClerk, done: str = "") -> HTMLResponse:
    """All keys that are good, and those that were, never their secrets."""
    return _keys_page(request, clerk, done="revoke" if done == "revoke" else "")


@router.post("/partner/keys/{key}/rotate")
def rotate(request: Request, clerk: FormClerk, key: KeyId) -> HTMLResponse:
    """Make a successor; the key itself stays good for a day."""
    check_fresh(clerk.officer)
    with database_of(request).write() as session:
        partner_keys.own_key(session, clerk.code, key)
        secret = partner_keys.rotate_key(session, key, clerk.officer.login)
    return _keys_page(request, clerk, secret=secret)


@router.post("/partner/keys/{key}/revoke")
def revoke(request: Request, clerk: FormClerk, key: KeyId) -> Response:
    """End a key now."""
    check_fresh(clerk.officer)
    with database_of(request).write() as session:
        partner_keys.own_key(session, clerk.code, key)
        partner_keys.revoke_key(session, key, clerk.officer.login)
    return RedirectResponse("/partner/keys?done=revoke", 303)


def _keys_page(request: Request, clerk: Clerk, secret: str = "", done: str = "") -> HTMLResponse:
    with database_of(request).session() as session:
        found = partner_keys.keys_of(session, clerk.code)
    good = [key for key in found if partner_keys.is_good(key)]
    return page(
        request, "partner_keys.html", clerk.officer, clerk=clerk, good=good,
        ended=[key for key in reversed(found) if key not in good][:20],
        ending={key.id for key in good if _ends_soon(key)}, secret=secret, done=done,
    )  # fmt: skip


def _ends_soon(key: PartnerKey) -> bool:
    return key.until_us is not None and key.until_us <= clock.wall_us() + partner_keys.WARNED_US
