"""What happened to a partner's orders, keys and facts, for one that asks (REQ-19)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request

from qalqan.cases.reach import shown
from qalqan.register import partner_events
from qalqan.web.access import ThePartner, database_of

router = APIRouter(tags=["events"])


@router.get("/events")
def events(
    request: Request,
    partner: ThePartner,
    after: Annotated[int, Query(ge=0, lt=2**62)] = 0,
    limit: Annotated[int, Query(ge=1, le=partner_events.A_PAGE)] = 100,
) -> dict[str, Any]:
    """Events of this partner after the cursor `after`, in their order, for ninety days: an order
    waits, was withdrawn, reminded of, appealed, closed; a key ends; facts were refused. `event` is
    an event's number, without gaps; `next` is the cursor for the next call. The same events are
    pushed to a partner that named an address for them."""
    database = database_of(request)
    partner_events.place(database, partner.code)
    with database.session() as session:
        found = partner_events.page(session, partner.code, after, limit)
    return {
        "events": [shown(event) for event in found],
        "next": found[-1].place if found else after,
    }
