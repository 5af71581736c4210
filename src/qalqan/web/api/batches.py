"""A partner counts what he handed in against his own books, whichever way it came (REQ-19)."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from qalqan.errors import InputRejected
from qalqan.lake import own_batches
from qalqan.lake.schemas import KINDS
from qalqan.web.access import ThePartner, database_of

router = APIRouter(tags=["facts"])

MOST = 1_000
"""Batches of one page."""


@router.get("/facts/batches")
def batches(
    request: Request,
    partner: ThePartner,
    after: Annotated[str, Query(max_length=60)] = "",
    limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
    kind: Annotated[str, Query(max_length=20)] = "",
) -> dict[str, Any]:
    """Batches of facts that this partner handed in, the newest first, by POSTs, by files and with
    his answers to orders: how many records each had, and what became of them (read = accepted +
    duplicate + quarantined). POSTs without an `Idempotency-Key` that come at one moment may share a
    batch. What was quarantined is told at `/v1/facts/quarantine?batch=…`. `kind` asks for one kind
    of fact; `next` is the cursor for the next call, empty on the last page.
    """
    if kind and kind not in KINDS:
        raise InputRejected("kind", kind, "one_of", choices=", ".join(KINDS))
    with database_of(request).session() as session:
        found = own_batches.page(session, partner.code, after=after, most=limit, kind=kind)
    return {"batches": [asdict(one) for one in found.batches], "next": found.next}
