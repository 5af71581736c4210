"""Where gateways over HTTP bring receipts and replies (REQ-76). Not part of the partners' API.

A receipt's address carries the mark of its message and no secret. Replies come with the gateway's
secret, as `Basic` (Kannel writes it so) or `Bearer`; only a STOP is acted on, and no text is
kept.
"""

from __future__ import annotations

import base64
import hmac
from typing import Annotated
from urllib.parse import parse_qsl

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import PlainTextResponse

from qalqan.bulletin.outreach import consent, queue
from qalqan.errors import NotAllowed, NotFound
from qalqan.web.access import database_of, keys_of, settings_of
from qalqan.work.sms import marks

router = APIRouter(prefix="/sms", include_in_schema=False)

SmsId = Annotated[int, Path(ge=1, lt=2**63)]
Mark = Annotated[str, Path(max_length=64, pattern=r"^[0-9a-f]+$")]
State = Annotated[str, Query(max_length=20)]
_FINAL = {"1": True, "2": False, "16": False, "delivered": True, "failed": False}
"""Kannel's `%d`, or a word."""
_CHARSETS = {"UTF-16BE": "utf-16-be", "WINDOWS-1252": "cp1252", "ISO-8859-1": "latin-1"}
_LONGEST = 400


@router.get("/receipts/{sms}/{mark}")
@router.post("/receipts/{sms}/{mark}")
def receipt(request: Request, sms: SmsId, mark: Mark, state: State = "") -> PlainTextResponse:
    """The network's word on one message; what is not final is passed over."""
    if not marks.is_right(keys_of(request), sms, mark):
        raise NotFound("sms", str(sms))
    if (delivered := _FINAL.get(state)) is not None:
        with database_of(request).write() as session:
            queue.receipt(session, sms, delivered, "" if delivered else f"state_{state}")
    return PlainTextResponse("ok")


@router.get("/replies")
@router.post("/replies")
def reply(request: Request) -> PlainTextResponse:
    """What somebody wrote back: `from`, `text`, and the `charset` that its octets are in (Kannel's
    `%C`), since a gateway passes on what the network gave it."""
    _check(request)
    told = dict(parse_qsl(request.scope["query_string"].decode("latin-1"), encoding="latin-1"))
    charset = _CHARSETS.get(told.get("charset", "").upper(), "utf-8")
    text = told.get("text", "")[:_LONGEST].encode("latin-1").decode(charset, "replace")
    with database_of(request).write() as session:
        consent.replied(session, keys_of(request), told.get("from", "")[:64], text)
    return PlainTextResponse("")


def _check(request: Request) -> None:
    secret = settings_of(request).sms_secret
    kind, _, told = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            told = base64.b64decode(told, validate=True).decode().partition(":")[2]
        except ValueError:  # no base64, or no UTF-8 in it
            told = ""
    if secret is None or not hmac.compare_digest(
        told.strip().encode(), secret.get_secret_value().encode()
    ):
        raise NotAllowed("partner", "token")
