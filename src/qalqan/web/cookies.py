"""What a browser keeps for us: by name, term and reach.

Over HTTPS a cookie's name begins with `__Host-`, so that no other host, path or plain connection
can set one of ours (RFC 6265bis, 4.1.3.2; ASVS 5.0, 3.3.1 and 3.3.3). Scripts read none of them.
"""

from __future__ import annotations

from typing import cast

from fastapi import Request
from starlette.responses import Response

from qalqan.settings import Settings

SESSION = "qalqan_session"
LANGUAGE = "qalqan_language"
KEYS = "qalqan_keys"
"""`off` where an officer wants no single-letter keys (WCAG 2.1.4)."""
A_YEAR_S = 365 * 24 * 3600


def is_https(request: Request) -> bool:
    """Whether readers reach this centre by HTTPS, also where a proxy ends it."""
    settings = cast(Settings, request.app.state.settings)
    return request.url.scheme == "https" or settings.address.startswith("https:")


def read(request: Request, name: str) -> str | None:
    """The cookie's value, if the browser sent it."""
    return request.cookies.get(_full(request, name))


def keep(
    request: Request, response: Response, name: str, value: str, max_age_s: int = A_YEAR_S
) -> None:
    """Give the browser a cookie for this host alone."""
    response.set_cookie(
        _full(request, name),
        value,
        max_age=max_age_s,
        secure=is_https(request),
        httponly=True,
        samesite="lax",
    )


def forget(request: Request, response: Response, name: str) -> None:
    """Take it back."""
    response.delete_cookie(
        _full(request, name), secure=is_https(request), httponly=True, samesite="lax"
    )


def _full(request: Request, name: str) -> str:
    return f"__Host-{name}" if is_https(request) else name
