"""How partners are reached: what is pushed to them, and since when they take nothing (REQ-19)."""

from __future__ import annotations

from typing import Any

import httpx
from sqlalchemy import update

from qalqan import clock
from qalqan.clock import MINUTE, SECOND
from qalqan.errors import Unavailable
from qalqan.register import partner_events
from qalqan.register.database import Database
from qalqan.register.orm import Partner, PartnerEvent
from qalqan.trust import signing
from qalqan.trust.keys import Keys

WAITS_US = (5 * SECOND, 15 * SECOND, MINUTE, 3 * MINUTE, 10 * MINUTE)
"""How long a partner that takes nothing is left alone, after one failure and each further one; for
as long as it takes: the orders' own clocks tell the people."""


def wait_us(failures: int) -> int:
    """How long to wait after so many failures in a row (1 and more)."""
    return WAITS_US[min(failures, len(WAITS_US)) - 1]


def post(client: httpx.Client, url: str, body: dict[str, Any]) -> None:
    """Push to a partner; any answer but 2xx means that it was not taken.

    Raises:
        Unavailable: no answer, or a refusal to take it; `params` has what it said.
    """
    try:
        response = client.post(url, json=body)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise _away(type(error).__name__) from error
    if not response.is_success:
        raise _away(f"HTTP {response.status_code}")


def _away(reason: str) -> Unavailable:
    return Unavailable(f"partner: {reason}", "partner.away", said=reason)


def failed(database: Database, partner: str, error: Unavailable) -> None:
    """Note that a partner took nothing now."""
    reason = str(error.params.get("said", type(error).__name__))[:60]
    with database.write() as session:
        row = session.get_one(Partner, partner)
        since = row.failing_since_us or clock.now_us()
        values = {"failing_since_us": since, "failure": reason}
        session.execute(update(Partner).where(Partner.code == partner).values(**values))


def took(database: Database, partner: str) -> None:
    """Note that it takes again; most of the time there is nothing to note."""
    with database.session() as session:
        if session.get_one(Partner, partner).failing_since_us is None:
            return
    with database.write() as session:
        well = {"failing_since_us": None, "failure": None}
        session.execute(update(Partner).where(Partner.code == partner).values(**well))


def tell_waiting(database: Database, keys: Keys, partner: str, client: httpx.Client) -> int:
    """Push a partner's events that its endpoint has not taken, one by one in their order; returns
    how many it took.

    Raises:
        Unavailable: it does not answer; what went before stays told.
    """
    partner_events.place(database, partner)
    gone = 0
    while True:
        with database.session() as session:
            url = session.get_one(Partner, partner).events_to
            waiting = partner_events.untold(session, partner)
        if url is None or not waiting:
            return gone
        gone += _push(database, keys, url, waiting, client)


def _push(database: Database, keys: Keys, url: str, events: Any, client: httpx.Client) -> int:
    taken: list[int] = []
    try:
        for event in events:
            post(client, url, {"event": signed(event, keys)})
            taken.append(event.id)
    finally:
        partner_events.told(database, taken, clock.now_us())
    return len(taken)


def signed(event: PartnerEvent, keys: Keys) -> str:
    """An event as it is pushed: a compact JWS. Its header says when it was signed (`iat`, wall
    seconds), so that a receiver can refuse what somebody kept and sends later."""
    at_s = clock.wall_us() // SECOND
    return signing.sign(shown(event), keys.signing_key, iat=at_s)


def shown(event: PartnerEvent) -> dict[str, Any]:
    """An event as a partner reads it; `event` is its number, to be counted once."""
    told = {"event": event.place, "partner": event.partner, "kind": event.kind}
    return {**told, "at_us": event.at_us, **event.body}
