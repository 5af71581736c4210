"""The log for whoever watches it from outside: newest checkpoint, key, proofs (REQ-18).

Open to all: hashes tell nothing of rows (`register.log_rows`), and a witness needs no leave.
"""

from __future__ import annotations

import base64
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import PlainTextResponse

from qalqan.errors import NotFound
from qalqan.register import log
from qalqan.trust import checkpoints
from qalqan.web.access import database_of, keys_of

router = APIRouter(prefix="/log", tags=["log"])

Size = Annotated[int, Query(ge=0, lt=2**62)]


@router.get("/checkpoint", response_class=PlainTextResponse)
def checkpoint(request: Request) -> PlainTextResponse:
    """The newest checkpoint: how many rows the log has and the root of its tree (RFC 9162),
    signed, in the text of C2SP tlog-checkpoint. Keep it: later ones must continue it."""
    with database_of(request).session() as session:
        found = log.newest(session)
    if found is None:
        raise NotFound("log", "0")
    return PlainTextResponse(found.note)


@router.get("/key", response_class=PlainTextResponse)
def key(request: Request) -> PlainTextResponse:
    """The key that signs checkpoints, as witnesses take it: name, key id, Ed25519 key. Get it once,
    and compare it with what the centre publishes elsewhere."""
    verifier = checkpoints.verify_key(keys_of(request).log_key.public_key())
    return PlainTextResponse(f"{verifier}\n")


@router.get("/consistency")
def consistency(request: Request, first: Size, second: Size) -> dict[str, Any]:
    """Proof that the log of `second` rows only continues that of `first` rows (RFC 9162, 2.1.4):
    hashes in base64."""
    with database_of(request).session() as session:
        path = log.consistency(session, first, second)
    return {"first": first, "second": second, "path": [_text(step) for step in path]}


@router.get("/inclusion")
def inclusion(request: Request, seq: Size, size: Size) -> dict[str, Any]:
    """Proof that row `seq` (from 0) is in the log of `size` rows (RFC 9162, 2.1.3): its leaf's
    hash and the path, in base64."""
    with database_of(request).session() as session:
        leaf, path = log.inclusion(session, seq, size)
    return {"seq": seq, "size": size, "leaf": _text(leaf), "path": [_text(step) for step in path]}


def _text(step: bytes) -> str:
    return base64.b64encode(step).decode()
