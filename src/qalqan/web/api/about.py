"""Is the centre up, which key signs its orders, what is left to do."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Depends, Request

from qalqan.register import jobs
from qalqan.web.access import database_of, insider, keys_of

router = APIRouter(tags=["centre"])


@router.get("/health")
def health() -> dict[str, bool]:
    """The process is up."""
    return {"up": True}


@router.get("/key")
def key(request: Request) -> dict[str, str]:
    """The public half of the key that signs orders: Ed25519, PEM (REQ-44)."""
    return {"key": keys_of(request).verify_key_pem}


@router.get("/work", dependencies=[Depends(insider)])
def work(request: Request) -> dict[str, Any]:
    """Counts of what is left to do: jobs due, in hand, given up, facts not sealed, and when the
    next job falls due (UTC microseconds). For this machine, partners and officers."""
    with database_of(request).session() as session:
        left = jobs.pending(session)
    return {
        "idle": not (left.due or left.leased or left.landing),
        "due": left.due,
        "leased": left.leased,
        "landing": left.landing,
        "parked": left.parked,
        "next_due_us": left.next_due_us,
    }
