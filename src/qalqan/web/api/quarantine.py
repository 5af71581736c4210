"""A partner sees what was refused of his facts, whichever way they came (REQ-19, 20)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from qalqan.lake import own_quarantine
from qalqan.web.access import ThePartner, database_of, language_of
from qalqan.web.api.refusals import told

router = APIRouter(tags=["facts"])

MOST = 1_000
"""Records of one page."""
_LARGEST = 2**63 - 1


@router.get("/facts/quarantine")
def quarantine(
    request: Request,
    partner: ThePartner,
    after: Annotated[int, Query(ge=0, le=_LARGEST)] = 0,
    limit: Annotated[int, Query(ge=1, le=MOST)] = 100,
    batch: Annotated[str | None, Query(max_length=40)] = None,
) -> dict[str, Any]:
    """Records of this partner that were refused, oldest first, after the cursor `after`: where
    each stood, which field, its value masked, what was expected there. `expected` is
    `fact.conflict` where the same `id` came before with other contents. `batch` asks for those of
    one receipt; `next` is the cursor for the next call.
    """
    with database_of(request).session() as session:
        found = own_quarantine.page(session, partner.code, after=after, most=limit, batch=batch)
    language = language_of(request)
    return {
        "refused": [
            {"kind": one.kind, "batch": one.batch, "at_us": one.at_us} | told(one.refusal, language)
            for one in found
        ],
        "next": found[-1].id if found else after,
    }
