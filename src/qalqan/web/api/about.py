"""Is the centre up, which key signs its orders, what is left to do."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import JSONResponse

from qalqan.errors import NotFound
from qalqan.exchange.order_schema import SCHEMAS, schema
from qalqan.register import jobs
from qalqan.register.database import Database
from qalqan.web.access import database_of, insider, keys_of

router = APIRouter(tags=["centre"])
LONGEST_WAIT_MS = 5_000
_PAUSE_S = 0.005


@router.get("/health")
async def health() -> dict[str, bool]:
    """The process is up; answered beside all that waits for the register."""
    return {"up": True}


@router.get("/key")
def key(request: Request) -> dict[str, str]:
    """The public half of the key that signs orders: Ed25519, PEM (REQ-44)."""
    return {"key": keys_of(request).verify_key_pem}


@router.get("/schemas/{name}.json")
def json_schema(name: str) -> JSONResponse:
    """JSON Schema (Draft 2020-12) of what a signed `order` says, or of an `answer` to it."""
    if name not in SCHEMAS:
        raise NotFound("schema", name)
    return JSONResponse(schema(name), media_type="application/schema+json")


@router.get("/work", dependencies=[Depends(insider)])
async def work(
    request: Request, wait_ms: Annotated[int, Query(ge=0, le=LONGEST_WAIT_MS)] = 0
) -> dict[str, Any]:
    """Counts of what is left to do: jobs due, in hand, given up, facts not sealed, and when the
    next job falls due (UTC microseconds). For this machine, partners and officers. With
    `wait_ms` the answer comes once nothing is due, or after that time."""
    until = asyncio.get_running_loop().time() + wait_ms / 1000
    while True:
        left = await run_in_threadpool(_left, database_of(request))
        if left["idle"] or asyncio.get_running_loop().time() >= until:
            return left
        await asyncio.sleep(_PAUSE_S)


def _left(database: Database) -> dict[str, Any]:
    with database.session() as session:
        left = jobs.pending(session)
    return {"idle": not (left.due or left.leased or left.landing), **asdict(left)}
