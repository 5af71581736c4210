"""Every look an officer takes at people's data leaves a row in the audit before he sees it.

One place for pages and API alike: whatever answers a signed-in officer is a look, also a page that
says what was wrong with a form, unless its route is named in `QUIET`, where nothing is about a case
or a person outside the house. A handler can't forget it, and where the row can't be written the
answer is an error. A page that shows parts of several cases names them (`shows`): each gets a row.
What a handler opens, hands out or finds by an identifier it notes itself besides, with its token.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from fastapi.concurrency import run_in_threadpool
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qalqan.register import audit, orm, purposes
from qalqan.register.database import Database
from qalqan.register.sessions import SignedIn
from qalqan.web.watch import route_of

QUIET = frozenset({
    "/", "/sign-in", "/sign-out", "/language", "/keys", "/favicon.ico", "/health", "/ready",
    "/metrics", "/v1/openapi.json", "/v1/health", "/v1/key", "/v1/work", "/v1/sign-in",
    "/v1/sign-out", "/v1/schemas/{name}.json", "/v1/log/checkpoint", "/v1/log/key",
    "/v1/log/consistency", "/v1/log/inclusion", "/work", "/static", "/record/purposes",
    "/calls/refused", "/calls/card", "/figures", "/figures.csv", "/figures/method",
    "/figures/{code}", "/bulletins", "/bulletins/{bulletin}/{language}.{form}",
    "/training/courses", "/training/exercises/{run}",
    "/v1/content/messages", "/v1/content/materials",
})  # fmt: skip
"""Routes that show nothing of a case or of a person outside the house …"""
QUIET_UNDER = ("/account", "/sign-in/", "/work/", "/static/")
"""… and what is under these."""
REFRESHED = frozenset({
    "/queue/live", "/cases/{case_id}/orders", "/rules/{code}/tests", "/search/suggest",
})  # fmt: skip
"""Parts that a page asks for by itself, again and again …"""
AGAIN_S = 300.0
"""… which is one look in so many seconds."""
_MOST = 10_000
_LONGEST = 60


def is_quiet(route: str) -> bool:
    """Whether this route shows nothing that a look is kept of."""
    return route in QUIET or route.startswith(QUIET_UNDER)


def shows_nothing(request: Request) -> None:
    """Say that this answer is an empty list: a program that asks each minute whether anything
    waits has seen nobody's data."""
    request.state.shows_nothing = True


def shows(request: Request, cases: Iterable[str]) -> None:
    """Say which cases' orders, accounts or sums this answer shows, besides the one that its address
    names."""
    request.state.shown = tuple(dict.fromkeys(cases))


class Looks:
    """The middleware; inside the guard, which answers for it when the register does not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._seen: dict[tuple[str, str, str, bytes], float] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; a look is kept before the first byte of its answer goes."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        keeper = _Keeper(self, scope, send)
        await self._app(scope, receive, keeper)
        if keeper.failed is not None:
            raise keeper.failed

    def is_refresh(self, scope: Scope, look: _Look) -> bool:
        """Whether a page asks by itself for what the same officer saw a moment ago."""
        if look.route not in REFRESHED or look.action != "view":
            return False
        now_s = time.monotonic()
        key = (look.officer.login, look.object, look.route, _without_mark(scope))
        fresh = now_s - self._seen.get(key, float("-inf")) < AGAIN_S
        if fresh and Headers(scope=scope).get("hx-request") == "true":
            return True
        if len(self._seen) >= _MOST:
            self._seen.clear()
        self._seen[key] = now_s
        return False


@dataclass(frozen=True)
class _Look:
    """What is about to be shown, to whom."""

    officer: SignedIn
    action: str
    kind: str
    object: str
    route: str
    shown: tuple[str, ...] = ()

    def keep(self, database: Database) -> None:
        """Write the row; what belongs to a case is a look at the case."""
        detail = {"role": self.officer.role, "route": self.route}
        with database.write() as session:
            kind, of = self.kind, self.object
            case_id = of if kind == "case" else _case_of(session, kind, of)
            stated = None
            if case_id is not None:
                stated = purposes.of(session, self.officer.token_hash, case_id)
                detail |= {} if kind == "case" else {kind: of}
                kind, of = "case", case_id
            told = stated.text if stated else ""
            audit.note(session, self.officer.login, self.action, kind, of, told, **detail)
            for case in self.shown:
                if case != of:
                    audit.note(session, self.officer.login, self.action, "case", case, **detail)


def _case_of(session: Session, kind: str, of: str) -> str | None:
    """The case that a thing belongs to."""
    if kind == "order":
        return session.scalar(select(orm.Order.case_id).where(orm.Order.id == of))
    if kind == "appeal":
        return session.scalar(select(orm.AppealRow.case_id).where(orm.AppealRow.id == of))
    return None


@dataclass
class _Keeper:
    """Sends an answer on once the look is kept; nothing of it if that fails."""

    looks: Looks
    scope: Scope
    send: Send
    failed: Exception | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            look = _look(self.scope, message)
            if look is not None and not self.looks.is_refresh(self.scope, look):
                database = self.scope["app"].state.database
                try:
                    await run_in_threadpool(look.keep, database)
                except Exception as error:  # whatever it is, nobody sees what was not noted
                    self.failed = error
        if self.failed is None:
            await self.send(message)


def _look(scope: Scope, message: Message) -> _Look | None:
    """The look that this answer would be, if it is one."""
    state = scope.get("state", {})
    officer: SignedIn | None = state.get("officer")
    status, route = message["status"], route_of(scope)
    is_look = status == 403 or (200 <= status < 300 and not state.get("shows_nothing"))
    is_look |= status in _WITH_A_PAGE and _is_page(message)
    if officer is None or is_quiet(route) or not is_look:
        return None
    kind, of = _object(scope.get("path_params", {}), route)
    return _Look(officer, _action(message), kind, of, route, tuple(state.get("shown", ())))


_WITH_A_PAGE = frozenset({409, 413, 422, 429})
"""What was wrong is said on the page itself, with all that it shows."""


def _is_page(message: Message) -> bool:
    return Headers(raw=message.get("headers", [])).get("content-type", "").startswith("text/html")


def _without_mark(scope: Scope) -> bytes:
    """What was asked for; a mark tells only how old the page's own copy is."""
    parts = bytes(scope.get("query_string", b"")).split(b"&")
    return b"&".join(part for part in parts if not part.startswith((b"mark=", b"seen=")))


def _object(told: dict[str, Any], route: str) -> tuple[str, str]:
    """What a path names first: a case if it does, else an order, a drop …, else the page itself."""
    if case := told.get("case_id") or told.get("case"):
        return "case", str(case)[:_LONGEST]
    for name, value in told.items():
        return name[:20], str(value)[:_LONGEST]
    return "page", route[:_LONGEST]


def _action(message: Message) -> str:
    if message["status"] == 403:
        return "refused"
    told = Headers(raw=message.get("headers", [])).get("content-disposition", "")
    return "export" if told.startswith("attachment") else "view"
