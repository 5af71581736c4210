"""Around every request: counted, timed, and logged by what it was, never by what it said.

Outermost, so that what the guard refuses is seen too. The caller's `X-Request-Id` is taken if it
looks like one (`logs.request_id`) and comes back with the answer; all log lines of the request
carry it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qalqan import logs
from qalqan.metrics import Counts, counts
from qalqan.register.sessions import SignedIn

log = logging.getLogger("qalqan.web.requests")

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_API = "/v1"
_NO_ROUTE = "none"
GONE = 499
"""The caller hung up before there was an answer."""


def acts(request: Request, actor: str, officer: SignedIn | None = None) -> None:
    """Let the log say who calls: a partner's code or an officer's login, once it is proved; what an
    officer sees is kept in the audit (`web.looks`)."""
    request.state.actor = actor
    request.state.officer = officer


class Watch:
    """The middleware."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._counts = counts()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request and tell of it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        state = scope.setdefault("state", {})
        seen = _Seen(send, logs.request_id(Headers(scope=scope).get("x-request-id")))
        start = time.perf_counter()
        try:
            with logs.within(request=seen.id):
                await self._app(scope, receive, seen)
        finally:
            seconds = time.perf_counter() - start
            _count(self._counts, scope, seen.status, seconds)
            if log.isEnabledFor(logging.INFO):
                _tell(scope, seen, state, seconds)


@dataclass
class _Seen:
    """Notes the status on its way out, and writes the id beside it."""

    send: Send
    id: str
    status: int = GONE

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            MutableHeaders(scope=message)["X-Request-Id"] = self.id
        await self.send(message)


def route_of(scope: Scope) -> str:
    """The template of the route that answers, `/v1/orders/{order}`; never the path itself."""
    path = getattr(scope.get("route"), "path", None)
    if path is None and "endpoint" in scope:
        path = _path_of(scope["app"].router.routes, scope["endpoint"])
    if not isinstance(path, str):
        return _NO_ROUTE
    inside = scope["path"].startswith(f"{_API}/") and not path.startswith(f"{_API}/")
    return _API + path if inside else path  # FastAPI names routes without their router's prefix


def _path_of(routes: Iterable[Any], endpoint: object) -> str | None:
    """The path of a plain route or a mounted app, which leave no trace of themselves."""
    for route in routes:
        if endpoint in (getattr(route, "endpoint", None), getattr(route, "app", None)):
            return cast(str, route.path)
    return None


def _method(scope: Scope) -> str:
    method: str = scope["method"]
    return method if method in _METHODS else "other"


def _count(ours: Counts, scope: Scope, status: int, seconds: float) -> None:
    route, method = route_of(scope), _method(scope)
    ours.requests.labels(route, method, f"{status // 100}xx").inc()
    ours.request_seconds.labels(route, method).observe(seconds)


def _tell(scope: Scope, seen: _Seen, state: dict[str, Any], seconds: float) -> None:
    logs.told(
        log,
        "request",
        request=seen.id,
        method=_method(scope),
        route=route_of(scope),
        status=seen.status,
        ms=round(seconds * 1000, 1),
        actor=state.get("actor"),
    )
