"""The day's key, for providers that tell legs of calls (REQ-48, 49)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from qalqan.cases import leg_keys
from qalqan.web.access import ThePartner, database_of, keys_of

router = APIRouter(tags=["legs"])


@router.get("/legs/key")
def key(
    request: Request, partner: ThePartner, day: Annotated[str, Query(max_length=10)]
) -> dict[str, Any]:
    """The key under which legs of calls of a UTC day are made, 32 bytes in hexadecimal: of
    yesterday, today or tomorrow. Keep it like a password, and delete it with the day's records;
    each handing out stands in the record."""
    with database_of(request).write() as session:
        made = leg_keys.hand_out(session, keys_of(request), partner.code, day)
    return {"day": day, "key": made}
