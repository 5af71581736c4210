"""Around every request: a body of bounded size in, security headers out, no error unanswered.

The headers are what OWASP ASVS 5.0 section 3.4 asks of a page that loads nothing from elsewhere.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qalqan.web.errors import on_purpose, unexpected

LONG = 32 * 2**20
"""Bytes of a batch of facts, an answer with its statement, a workbook, or a document of a case."""
SHORT = 256 * 2**10
"""Bytes of anything else."""
PATIENCE_S = 30.0
"""Seconds in which a body must be there …"""
SLOWEST = 32 * 2**10
"""… and how many bytes of it earn a second more: who is slower than this hangs."""

_NUL = b"%00"
_EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",  # "no-referrer" makes browsers send `Origin: null` to us
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_DATA_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
_PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
DOCUMENT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; font-src data:; frame-ancestors 'none'; "
    "base-uri 'none'; form-action 'none'"
)
"""A page that stands alone, with its styles and fonts within: the one other policy that an answer
may name for itself."""
_CHARSET = re.compile(rb"charset[^=;]*=\s*\"?\s*([^\s;\"]*)", re.IGNORECASE)
_TWO_YEARS = "max-age=63072000; includeSubDomains"


def _raw(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in headers.items()]


_DATA = _raw({**_EVERYWHERE, "Content-Security-Policy": _DATA_POLICY})
_PAGE = _raw({**_EVERYWHERE, "Content-Security-Policy": _PAGE_POLICY})
_DOCUMENT = _raw({**_EVERYWHERE, "Content-Security-Policy": DOCUMENT_POLICY})
_NO_STORE = _raw({"Cache-Control": "no-store"})
_HTTPS = _raw({"Strict-Transport-Security": _TWO_YEARS})
_OURS = frozenset(name for name, _ in (*_DATA, *_HTTPS))


def most_bytes(path: str) -> int:
    """How long the body of a request to this path may be."""
    is_long = path.startswith("/v1/facts/") or (
        path.startswith("/v1/") and path.endswith("/answers")
    )
    is_long |= path.startswith("/v1/calls/")
    is_long |= path.startswith("/cases/") and path.endswith(("/documents", "/statements"))
    is_long |= path.startswith("/orders/") and path.endswith("/answer")  # a letter's scan
    return LONG if is_long or path == "/partner/answers" else SHORT


class Guard:
    """The middleware."""

    def __init__(self, app: ASGIApp, https: bool) -> None:
        self._app = app
        self._https = https

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        bounded = _Bounded(receive, most_bytes(scope["path"]), _length(scope), _is_form(scope))
        headed = _Headed(send, self._https or scope["scheme"] == "https")
        request = Request(scope)
        try:
            _check_charset(dict(scope["headers"]).get(b"content-type", b""))
            _check_nul(scope["path"].encode("utf-8", "replace") + scope["query_string"])
            await self._app(scope, bounded, headed)
        except ClientDisconnect:
            return
        except HTTPException as error:
            response = on_purpose(request, error)
        except Exception as error:  # whatever it was, the caller gets an answer
            response = unexpected(request, error)
        else:
            return
        if not headed.started:
            await response(scope, receive, headed)


def _check_nul(address: bytes) -> None:
    """A NUL stands in no name of ours, and PostgreSQL fails on one."""
    if b"\x00" in address or _NUL in address:
        raise HTTPException(400)


def _check_charset(kind: bytes) -> None:
    """Forms are UTF-8: whoever names another codec for one (some take minutes for a page) gets none
    of it read."""
    if kind.lower().startswith((b"multipart/", b"application/x-www-form-urlencoded")):
        named = [name.lower() for name in _CHARSET.findall(kind)]
        if any(name not in (b"utf-8", b"utf8") for name in named):
            raise HTTPException(415)


def _length(scope: Scope) -> int:
    told = dict(scope["headers"]).get(b"content-length", b"")
    return int(told) if told.isdigit() and len(told) < 20 else 0


def _is_form(scope: Scope) -> bool:
    kind: bytes = dict(scope["headers"]).get(b"content-type", b"")
    return kind.lower().startswith(b"application/x-www-form-urlencoded")


@dataclass
class _Bounded:
    """Counts what comes, for a client may leave the length out or lie about it."""

    receive: Receive
    most: int
    told: int
    form: bool
    came: int = 0
    tail: bytes = b""
    whole: bool = False
    waited_s: float = 0.0

    async def __call__(self) -> Message:
        message = await self._next() if self.told <= self.most else {"type": ""}
        body = cast(bytes, message.get("body", b""))
        self.came += len(body)
        self.whole = not message.get("more_body", False)
        if max(self.told, self.came) > self.most:
            raise HTTPException(413)
        if self.form:
            self.tail = self.tail[-len(_NUL) :] + body
            _check_nul(self.tail)
        return message

    async def _next(self) -> Message:
        """Whoever stops in the middle of a body must not hold what was set aside for it; after
        the body there is nothing to wait for but the caller's hanging up."""
        if self.whole:
            return await self.receive()
        since_s = time.monotonic()
        try:
            async with asyncio.timeout(PATIENCE_S + self.came / SLOWEST - self.waited_s):
                return await self.receive()
        except TimeoutError:
            raise HTTPException(408, headers={"Connection": "close"}) from None
        finally:
            self.waited_s += time.monotonic() - since_s


@dataclass
class _Headed:
    """Puts the headers on whatever is answered."""

    send: Send
    https: bool
    started: bool = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            message["headers"] = self._headed(list(message.get("headers", ())))
        await self.send(message)

    def _headed(self, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        """The headers with ours; raw, since this is done for every answer."""
        there = {name.lower(): value for name, value in headers}
        policy = _PAGE if there.get(b"content-type", b"").startswith(b"text/html") else _DATA
        if there.get(b"content-security-policy") == DOCUMENT_POLICY.encode():
            policy = _DOCUMENT
        return [
            *(header for header in headers if header[0].lower() not in _OURS),
            *policy,
            *(() if b"cache-control" in there else _NO_STORE),
            *(_HTTPS if self.https else ()),
        ]
