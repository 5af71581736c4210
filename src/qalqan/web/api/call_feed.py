"""What an edge follows: the centre's tables of calls whole, and their changes (REQ-45).

Both are for programs alone: records and streams as `screening.calls.changes` and `sending` tell
them, which the follower of an edge reads (`edges/kamailio/follow.py`).
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from time import monotonic
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import Response, StreamingResponse

from qalqan.errors import Conflict, NotFound
from qalqan.register import audit
from qalqan.screening.calls import layout, sending
from qalqan.screening.calls.screen import Tables
from qalqan.web.access import ThePartner, database_of, settings_of
from qalqan.web.api.call_screen import CallTables
from qalqan.work import call_feed
from qalqan.work.call_tables import tables_path

router = APIRouter(tags=["calls"])
BINARY = "application/octet-stream"
LONGEST_S = 20
"""A poll waits at most so long."""
_LOOK_S = 0.02
"""How often it looks at the tables' count of changes, which is a word in memory."""

Place = Annotated[int, Query(ge=0, lt=2**62)]


@router.get("/calls/changes", response_class=Response)
async def changes(
    request: Request,
    _: ThePartner,
    version: Place,
    after: Place,
    wait_s: Annotated[int, Query(ge=0, le=LONGEST_S)] = 0,
) -> Response:
    """Changes of the tables of this version behind the first `after`, as records of 24 bytes; waits
    up to `wait_s` for the first. 409: the tables were made anew, or have not come so far; fetch
    them whole."""
    until = monotonic() + wait_s
    while True:
        place = _place(request, version, after)
        if place > after or monotonic() >= until:
            break
        await asyncio.sleep(_LOOK_S)
    if place == after:
        return Response(b"", media_type=BINARY)
    path = tables_path(settings_of(request))
    body = await run_in_threadpool(call_feed.told, path, version, after, place)
    if not body:
        raise _elsewhere(version)
    return Response(body, media_type=BINARY)


def _place(request: Request, version: int, after: int) -> int:
    """How many changes the tables count."""
    tables = _tables(request)
    place = int(tables.place[0])
    if tables.about["version"] != version or place < after:
        raise _elsewhere(version)
    return place


def _elsewhere(version: int) -> Conflict:
    return Conflict("call_tables", str(version), "made anew", "follow")


def _tables(request: Request) -> Tables:
    """The newest ones. Raises `NotFound`."""
    known: CallTables = request.app.state.calls
    screen = known.screen()
    if screen is not None and screen.tables.retired[0]:
        try:
            screen.reopen()
        except (OSError, ValueError):
            known.lost()
            screen = None
    if screen is None:
        raise NotFound("call tables", "")
    return screen.tables


@router.get("/calls/tables", response_class=Response)
def tables(request: Request, partner: ThePartner) -> Response:
    """The whole file of tables, compressed, with a checksum. `ETag` is its version and how many
    changes it holds; `If-None-Match` with the same is answered 304."""
    path = tables_path(settings_of(request))
    try:
        file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        raise NotFound("call tables", "") from None
    try:
        tag = _tag(file)
        if request.headers.get("if-none-match") == tag:
            os.close(file)
            return Response(status_code=304, headers={"ETag": tag})
        with database_of(request).write() as session:
            audit.note(session, partner.code, "calls.tables", "partner", partner.code, tag)
    except BaseException:
        os.close(file)
        raise
    return StreamingResponse(_stream(file), media_type=BINARY, headers={"ETag": tag})


def _stream(file: int) -> Iterator[bytes]:
    try:
        yield from sending.sent(file)
    finally:
        os.close(file)


def _tag(file: int) -> str:
    """Raises `NotFound` for what is no file of tables."""
    head = os.pread(file, layout.HEAD, 0)
    try:
        about, _ = layout.read_head(head)
    except ValueError:
        raise NotFound("call tables", "") from None
    place = int.from_bytes(head[layout.PLACE_AT : layout.PLACE_AT + 8], "little")
    return f'"{about["version"]}-{place}"'
