"""How a version of the API, or one operation of it, ends: told by headers for half a year at least,
then refused with 410.

`ENDS` is the one place that says what is deprecated since when, and gone when. Each answer of such
an operation carries `Deprecation` (RFC 9745), `Sunset` (RFC 8594) and a `Link` to what takes its
place; the API's description marks it. Days are of the world's clock, which no simulation moves.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import formatdate

from starlette.exceptions import HTTPException
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qalqan import clock
from qalqan.errors import ContractBroken

NOTICE = timedelta(days=183)
"""Half a year: so long whoever calls an operation has to go over to another."""
_VERSION = re.compile(r"/v\d+")


@dataclass(frozen=True)
class End:
    """That something ends. Raises `ContractBroken` if it would sooner than was promised."""

    path: str
    """Template of an operation's path, as the description has it, or a whole version: `/v1`."""
    since: date
    """Deprecated from the first moment of this day (UTC) on; it may be a day to come."""
    gone: date
    """Refused from the first moment of this day on."""
    see: str
    """Address of the page that says what takes its place."""
    method: str | None = None
    """None: every method."""

    def __post_init__(self) -> None:
        if self.gone - self.since < NOTICE:
            raise ContractBroken(f"{self.path} would be gone within {NOTICE.days} days")

    @property
    def is_gone(self) -> bool:
        """Whether the day has come."""
        return clock.wall_us() >= _seconds(self.gone) * clock.SECOND

    @property
    def headers(self) -> dict[str, str]:
        """What is told of it."""
        rels = ("deprecation", "sunset")
        return {
            "Deprecation": f"@{_seconds(self.since)}",
            "Sunset": formatdate(_seconds(self.gone), usegmt=True),
            "Link": ", ".join(f'<{self.see}>; rel="{rel}"; type="text/html"' for rel in rels),
        }


ENDS: tuple[End, ...] = ()
"""What ends. Nothing does at present."""


class Ended(HTTPException):
    """An operation was asked for after its end."""

    def __init__(self, end: End) -> None:
        super().__init__(410, headers=end.headers)
        self.end = end


class Ends:
    """What ends, to be asked at each request."""

    def __init__(self, ends: Iterable[End] = ENDS) -> None:
        self._ends = [(end, _paths(end.path)) for end in ends]

    def of(self, method: str, path: str) -> End | None:
        """The end of what a request asks for, or of an operation by its template."""
        for end, paths in self._ends:
            if end.method in (None, method) and paths.match(path):
                return end
        return None


class Ending:
    """The middleware; inside the guard, which answers for what it refuses."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, and tell if what it asks for ends. Raises `Ended`."""
        end = _end(scope)
        if end is None:
            await self._app(scope, receive, send)
            return
        if end.is_gone:
            raise Ended(end)
        more = [(name.lower().encode(), value.encode()) for name, value in end.headers.items()]

        async def telling(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *more]
            await send(message)

        await self._app(scope, receive, telling)


def _end(scope: Scope) -> End | None:
    if scope["type"] != "http":
        return None
    ends: Ends = scope["app"].state.ends
    return ends.of(scope["method"], scope["path"])


def _paths(path: str) -> re.Pattern[str]:
    """The paths that a template stands for, the template itself among them."""
    if _VERSION.fullmatch(path):
        return re.compile(f"{path}(/|$)")
    return compile_path(path)[0]


def _seconds(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
