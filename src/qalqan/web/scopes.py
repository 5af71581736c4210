"""Which scope a partner's key needs for what: the one table of it (REQ-18, 19).

The API asks it at each request and tells it in its description; what is not here opens to no key.
"""

from __future__ import annotations

from collections.abc import Mapping

from fastapi import Request

from qalqan.errors import NotAllowed
from qalqan.register.scopes import Scope
from qalqan.web.certificates import peer_thumbprint

_S = Scope
SCOPES: Mapping[tuple[str, str], Scope] = {
    ("POST", "/v1/facts/{kind}"): _S.FACTS_WRITE,
    ("GET", "/v1/facts/quarantine"): _S.FACTS_READ,
    ("GET", "/v1/facts/batches"): _S.FACTS_READ,
    ("POST", "/v1/reports"): _S.REPORTS_WRITE,
    ("POST", "/v1/letters/loan-dispute"): _S.REPORTS_WRITE,
    ("GET", "/v1/orders"): _S.ORDERS_READ,
    ("GET", "/v1/orders.xlsx"): _S.ORDERS_READ,
    ("POST", "/v1/orders/{order}/received"): _S.ORDERS_ANSWER,
    ("POST", "/v1/orders/{order}/answers"): _S.ORDERS_ANSWER,
    ("POST", "/v1/answers"): _S.ORDERS_ANSWER,
    ("GET", "/v1/events"): _S.EVENTS_READ,
    ("GET", "/v1/warnings"): _S.WARNINGS_READ,
    ("POST", "/v1/warnings/{warning}/warned"): _S.WARNINGS_READ,
    ("POST", "/v1/orders/{order}/appeals"): _S.APPEALS_WRITE,
    ("POST", "/v1/calls/appeals"): _S.APPEALS_WRITE,
    ("POST", "/v1/screen/payments"): _S.SCREENS_ASK,
    ("POST", "/v1/screen/loans"): _S.SCREENS_ASK,
    ("POST", "/v1/screen/calls"): _S.SCREENS_ASK,
    ("POST", "/v1/calls/places"): _S.CALLS_TELL,
    ("POST", "/v1/calls/places/whole"): _S.CALLS_TELL,
    ("POST", "/v1/calls/ports"): _S.CALLS_PORT,
    ("GET", "/v1/calls/changes"): _S.CALLS_FOLLOW,
    ("GET", "/v1/calls/tables"): _S.CALLS_FOLLOW,
    ("POST", "/v1/devices"): _S.DEVICES_WRITE,
    ("GET", "/v1/compliance"): _S.NUMBERS_ANSWER,
    ("GET", "/v1/compliance/{item}"): _S.NUMBERS_ANSWER,
    ("POST", "/v1/compliance/{item}/answer"): _S.NUMBERS_ANSWER,
    ("GET", "/v1/legs/key"): _S.LEGS_KEY,
    ("GET", "/v1/content/moments"): _S.CONTENT_READ,
    ("POST", "/v1/content/moments/{moment}/ask"): _S.CONTENT_READ,
    ("POST", "/v1/content/outcomes"): _S.OUTCOMES_WRITE,
    ("GET", "/v1/content/mailings"): _S.MAILINGS_ANSWER,
    ("POST", "/v1/content/mailings/{mailing}/answer"): _S.MAILINGS_ANSWER,
    ("POST", "/v1/calls/journal"): _S.FACTS_WRITE,
    ("GET", "/v1/stats/calls"): _S.STATS_READ,
}
"""(method, path as its template) → scope."""


def check_key(request: Request, scopes: frozenset[str], bound_to: str | None, path: str) -> None:
    """Whether a known key opens this path.

    Raises:
        NotAllowed: it lacks the scope, or it is bound to a certificate that did not come with it.
    """
    needed = SCOPES.get((request.method, path))
    if needed is None or needed not in scopes:
        raise NotAllowed("key", f"scope {needed}")
    if bound_to is not None and bound_to != peer_thumbprint(request):
        raise NotAllowed("partner", "certificate")
