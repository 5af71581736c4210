"""Whether a form that came with a cookie was sent by a page of ours (ASVS 5.0, 3.5.1)."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from urllib.parse import urlsplit

from fastapi import HTTPException, Request

from qalqan.errors import NotAllowed
from qalqan.register.sessions import SignedIn


def check_csrf(request: Request, officer: SignedIn, form: Mapping[str, object]) -> None:
    """Whether a POST with a session cookie comes from our own page: its field `csrf` (or the
    header `X-CSRF-Token`) repeats the session's own secret.

    Raises:
        NotAllowed: it doesn't. HTTPException 400: a NUL in one of its words.
    """
    check_origin(request)
    if any("\x00" in each for each in form.values() if isinstance(each, str)):
        raise HTTPException(400)  # PostgreSQL fails on one, and no name of ours has any
    given = form.get("csrf") or request.headers.get("x-csrf-token") or ""
    right = officer.csrf.encode()
    if not isinstance(given, str) or not hmac.compare_digest(
        given.encode("utf-8", "replace"), right
    ):
        raise NotAllowed("form", "csrf")


def check_origin(request: Request) -> None:
    """Whether the browser says that a form was sent by a page of ours; for forms that come
    before there is a session, and before `csrf` is looked at.

    Raises:
        NotAllowed: it says that another site sent it.
    """
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise NotAllowed("form", "csrf")
    origin = request.headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != request.headers.get("host"):
        raise NotAllowed("form", "csrf")
