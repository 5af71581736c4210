"""`GET /ready`: may this web server be asked now? 200 or 503, with the state of each part.

Open to all, as a load balancer has no token: it tells codes and counts, no address and no name.
The answer is kept for a second, so that asking often costs nothing.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import asdict
from typing import Any

from fastapi import Request
from starlette.responses import JSONResponse

from qalqan.web.access import database_of, keys_of, settings_of
from qalqan.web.api.screens import owners_of
from qalqan.work.readiness import Part, parts, screens

KEPT_S = 1.0
PATIENCE_S = 5.0
"""A part that takes longer to answer is not well."""


async def ready(request: Request) -> JSONResponse:
    """Every part's state; 503 if one of them is not well."""
    found = await _parts(request)
    ok = all(part.ok for part in found.values())
    body = {"ready": ok, "parts": {name: asdict(part) for name, part in found.items()}}
    return JSONResponse(body, 200 if ok else 503)


async def _parts(request: Request) -> dict[str, Part]:
    state: Any = request.app.state
    kept: tuple[float, dict[str, Part]] | None = getattr(state, "ready", None)
    if kept is not None and time.monotonic() < kept[0]:
        return kept[1]
    centre = settings_of(request), database_of(request), keys_of(request)
    try:
        async with asyncio.timeout(PATIENCE_S):
            found: dict[str, Part] = await state.watcher.asked(lambda: parts(*centre))
            found["screens"] = screens(await owners_of(request).status())
    except TimeoutError:
        found = {"answer": Part(False, "late")}
    state.ready = (time.monotonic() + KEPT_S, found)
    return found
