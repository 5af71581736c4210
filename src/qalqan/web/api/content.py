"""Texts, materials and mailings for partners and sites, and what became of them (REQ-63, 74 to 77).

Messages and materials are for everybody, moments for those who show them. One language comes where
`Accept-Language` names one of ours, else all three. Answers carry an `ETag`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Header, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session
from starlette.responses import JSONResponse, Response

from qalqan.bulletin.outreach import campaigns, content, mailings, outcomes, texts
from qalqan.bulletin.outreach.mailings import MailingAnswer
from qalqan.bulletin.outreach.outcomes import OutcomesIn
from qalqan.errors import InputRejected
from qalqan.register.orm import OutreachMailing
from qalqan.web.access import ThePartner, database_of, keys_of
from qalqan.web.api.bodies import JsonBytes, parsed
from qalqan.web.languages import first_of_ours

router = APIRouter(prefix="/content", tags=["content"])

MomentCode = Annotated[str, Path(max_length=32, pattern=r"^[a-z_]+$")]
MailingId = Annotated[int, Path(ge=1, lt=2**63)]
Cursor = Annotated[str, Query(max_length=20)]
IdempotencyKey = Annotated[str, Header(alias="Idempotency-Key", max_length=100)]
A_PAGE = 50
_PUBLIC = "public, max-age=300"
_OWN = "private, max-age=60"


class MomentAsked(BaseModel):
    """About whom, at which moment; `listed`: the account that is to be paid is listed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    subject: str = Field(pattern=content.SUBJECT)
    method: str = Field(default="", max_length=8)
    listed: bool = False


BODIES: dict[str, type[BaseModel]] = {
    "/v1/content/moments/{moment}/ask": MomentAsked,
    "/v1/content/outcomes": OutcomesIn,
    "/v1/content/mailings/{mailing}/answer": MailingAnswer,
}


@router.get("/moments")
def moments(request: Request, partner: ThePartner) -> Response:
    """Texts for the moments of your kind of institution, each with its version."""
    with database_of(request).session() as session:
        found = content.moments(session, partner.kind)
    for each in found:
        each["texts"] = {name: _spoken(request, text) for name, text in each["texts"].items()}
    return _answer(request, {"moments": found}, _OWN)


@router.get("/messages")
def messages(request: Request) -> Response:
    """What the centre tells people of each method; open to all."""
    with database_of(request).session() as session:
        found = content.messages(session)
    for each in found:
        each["texts"] = _spoken(request, each["texts"])
    return _answer(request, {"messages": found}, _PUBLIC)


@router.get("/materials")
def materials(request: Request) -> Response:
    """Prevention materials that were published, the newest first; open to all."""
    with database_of(request).session() as session:
        found = content.published(session)
    return _answer(request, {"materials": found}, _PUBLIC)


@router.post("/moments/{moment}/ask")
def ask(request: Request, partner: ThePartner, moment: MomentCode, body: JsonBytes) -> Any:
    """Whether to show the text to this subject now. The answer is the same each time; where people
    are at acute risk, or the account to be paid is listed, it is always yes. `subject` is your own
    token of the person: it means nothing to us and is kept nowhere."""
    told = parsed(MomentAsked, body)
    with database_of(request).session() as session:
        found = content.decide(
            session, keys_of(request), partner, moment, told.method, told.subject, told.listed
        )
    return {
        "show": found.arm == "show",
        "arm": found.arm,
        "experiment": found.experiment,
        "texts": _spoken(request, found.texts),
    }


@router.post("/outcomes")
def tell(
    request: Request, partner: ThePartner, body: JsonBytes, idempotency_key: IdempotencyKey = ""
) -> Any:
    """Tell what people did who saw a text, and those who did not: in counts by arm and day, or one
    subject at a time, whose token is not kept. An `Idempotency-Key` is required."""
    if not idempotency_key.strip():
        raise InputRejected("Idempotency-Key", "", "text.empty")
    told = parsed(OutcomesIn, body)
    with database_of(request).write() as session:
        taken = outcomes.take(session, keys_of(request), partner, idempotency_key.strip(), told)
    return {"taken": taken}


@router.get("/mailings")
def own_mailings(request: Request, partner: ThePartner, after: Cursor = "") -> dict[str, Any]:
    """What you are asked to send to your own subscribers, after the cursor `after`. Look again
    before you send: a mailing that is `withdrawn` is to be sent to nobody else."""
    place = int(after) if after.isdecimal() and len(after) < 19 else 0
    with database_of(request).session() as session:
        found = mailings.of_partner(session, partner.code, place, A_PAGE)
        shown = [_mailing(session, row) for row in found]
    return {"mailings": shown, "next": str(shown[-1]["mailing"]) if shown else after}


@router.post("/mailings/{mailing}/answer")
def answer(request: Request, partner: ThePartner, mailing: MailingId, body: JsonBytes) -> Any:
    """Say how many were written to; counts alone. The same answer again changes nothing, another
    one is refused with 409. Of a withdrawn mailing, tell what had gone out before."""
    told = parsed(MailingAnswer, body)
    with database_of(request).write() as session:
        return _mailing(session, mailings.answer(session, partner.code, mailing, told))


def _mailing(session: Session, row: OutreachMailing) -> dict[str, Any]:
    of = campaigns.one(session, row.campaign)
    words = texts.one(session, "message", of.text or "", of.text_version or texts.FIRST)
    return {
        "mailing": row.id, "campaign": of.id, "state": row.state, "methods": of.methods,
        "region": of.region, "segment": of.segment, "hold_thousandths": of.holdout,
        "from_us": of.from_us, "to_us": of.to_us, "texts": dict(words.texts),
        "answer": row.answer,
    }  # fmt: skip


def _spoken(request: Request, told: Mapping[str, Any]) -> dict[str, Any]:
    """In the language that is asked for; in all, where none of ours is."""
    language = first_of_ours(request.headers.get("accept-language", ""))
    if language is None:
        return dict(told)
    return {name: each for name, each in told.items() if name in ("version", language)}


def _answer(request: Request, body: Mapping[str, Any], keep: str) -> Response:
    found = JSONResponse(body)
    mark = f'"{hashlib.sha256(bytes(found.body)).hexdigest()[:32]}"'
    headers = {"ETag": mark, "Cache-Control": keep, "Vary": "Accept-Language"}
    if mark in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    found.headers.update(headers)
    return found
