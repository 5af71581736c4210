"""Facts in, by HTTP (REQ-19, 20): each record is judged by itself, the receipt says of each
refused one where it stood and what was expected there.

Short bodies of all partners share commits (`web.desk`), so that a thousand small requests a
second don't wait for the disk one by one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import JSONResponse
from starlette.routing import Route

from qalqan.errors import NotAllowed, NotFound
from qalqan.exchange import json_lines
from qalqan.lake.checked import Terms
from qalqan.lake.hand_in import Centre, HandIn
from qalqan.lake.intake import take
from qalqan.lake.receipt import Receipt
from qalqan.lake.schemas import SCHEMAS
from qalqan.lake.statements import take_statement
from qalqan.lake.telling import Telling, digest_of
from qalqan.metrics import count_facts
from qalqan.web.access import callers_of, desk_of, language_of
from qalqan.web.api import messages, refusals
from qalqan.web.api.bodies import (
    XML,
    content_type,
    idempotency_key,
    json_bytes,
    length_told,
    tree,
)
from qalqan.web.api.fact_bodies import facts_in, with_lines
from qalqan.web.callers import Caller
from qalqan.web.desk import Desk

_OF_BANKS = frozenset({"payment", "statement", "session", "loan"})
TELLS: Mapping[str, frozenset[str]] = {
    "bank": _OF_BANKS,
    "wallet": _OF_BANKS,
    "operator": frozenset({"call", "subscription", "sighting"}),
    "marketplace": frozenset({"listing", "sighting"}),
    "channel": frozenset({"sighting"}),
    "volunteers": frozenset({"sighting"}),
}
"""Kind of partner → kinds of fact that it sees itself; nobody is believed about others' books."""
SHORT = 64 * 2**10
"""Bytes of a body that shares a commit with others …"""
SHORT_FACTS = 200
"""… and the facts in it."""


async def tell(request: Request) -> JSONResponse:
    """Tell facts of one kind: `{"facts": [{…}, …]}`, or payments and statements as a message of
    ISO 20022 (pacs.008, pacs.004; camt.053) under `application/xml`.

    200: all are safe (or were before). 207: some were refused, 422: all were; the receipt names
    each. 429: too much comes at once, `Retry-After` says when there may be room. A statement may
    bring its `lines` as a list of payments. The same `Idempotency-Key` answers the first receipt
    again.
    """
    return await left_at(desk_of(request), request)


async def left_at(desk: Desk, request: Request) -> JSONResponse:
    """Leave the facts of a request at this desk; the answer once they are safe."""
    caller = await callers_of(request).of(request, "/v1/facts/{kind}")
    key = idempotency_key(request.headers.get("idempotency-key"))
    kind = request.path_params["kind"]
    _check_may_tell(caller, kind)
    key = f"{kind}:{key}" if key else None
    if content_type(request) in XML:
        taken = await _tell_message(desk, request, caller, kind, key)
    elif length_told(request) > SHORT:
        taken = await _tell_long(desk, request, caller, kind, key)
    else:
        taken = await _tell_short(desk, request, caller, kind, key)
    _count(kind, taken)
    return _answer(taken, language_of(request))


ROUTE = Route("/v1/facts/{kind}", tell, methods=["POST"])
"""The app's first route, and not by FastAPI: what it does for each call, and the search through
all other routes, cost more than the fact itself."""


async def _tell_short(
    desk: Desk, request: Request, caller: Caller, kind: str, key: str | None
) -> tuple[Receipt, ...]:
    body = await json_bytes(request)
    facts = facts_in(tree(body))
    lines = kind == "statement" and with_lines(facts) is not None
    if lines or len(facts) > SHORT_FACTS:
        with desk.long_of(caller.code):
            return await run_in_threadpool(_take, desk.centre, caller, kind, key, facts)
    own = caller.bank_code
    return (await desk.tell(Telling(kind, caller.code, own, facts, key, len(body))),)


async def _tell_long(
    desk: Desk, request: Request, caller: Caller, kind: str, key: str | None
) -> tuple[Receipt, ...]:
    with desk.long_of(caller.code):
        body = await json_bytes(request)
        return await run_in_threadpool(
            lambda: _take(desk.centre, caller, kind, key, facts_in(tree(body)))
        )


async def _tell_message(
    desk: Desk, request: Request, caller: Caller, kind: str, key: str | None
) -> tuple[Receipt, ...]:
    with desk.long_of(caller.code):
        body = await request.body()
        return await run_in_threadpool(messages.facts, desk.centre, caller, kind, key, body)


def _take(
    centre: Centre, caller: Caller, kind: str, key: str | None, facts: list[Any]
) -> tuple[Receipt, ...]:
    """The receipt of facts that are a commit by themselves, and that of a statement's lines."""
    own = frozenset({caller.bank_code} if caller.bank_code else ())
    hand_in = HandIn(kind, caller.code, f"POST {kind}", Terms(own), key=key)
    if kind == "statement" and (split := with_lines(facts)) is not None:
        return take_statement(centre, hand_in, *split)
    return (take(centre, hand_in, json_lines.records(facts), digest_of(facts) if key else None),)


def _check_may_tell(caller: Caller, kind: str) -> None:
    if kind not in SCHEMAS:
        raise NotFound("kind of fact", kind)
    if kind not in TELLS.get(caller.kind, frozenset()):
        raise NotAllowed(f"tell {kind}", "a partner who sees it himself")


def _count(kind: str, taken: Sequence[Receipt]) -> None:
    for of, receipt in zip((kind, "payment"), taken, strict=False):
        count_facts(of, receipt.accepted, receipt.duplicate, receipt.quarantined)


def _answer(taken: Sequence[Receipt], language: str) -> JSONResponse:
    first, *lines = (_told(receipt, language) for receipt in taken)
    body = {**first, **({"lines": lines[0]} if lines else {})}
    refusals = [refusal for part in (first, *lines) for refusal in part["refusals"]]
    refused = sum(receipt.quarantined for receipt in taken)
    if refused == 0:
        return JSONResponse(body)
    if refused < sum(receipt.read for receipt in taken):
        return JSONResponse(body, 207)
    return JSONResponse({"error": {"code": "rejected", **refusals[0]}, **body}, 422)


def _told(receipt: Receipt, language: str) -> dict[str, Any]:
    return {
        **receipt.to_json(),
        "refusals": [refusals.told(refusal, language) for refusal in receipt.refusals],
    }
