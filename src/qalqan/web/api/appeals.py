"""Appeals by API: from the order's own partner, and from officers (REQ-44)."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field, StrictInt

from qalqan.cases import appeal_book, appeals, call_appeals
from qalqan.cases.appeal_book import Appeal, Verdict
from qalqan.cases.appeals import MOST_NOTE, MOST_WORDS, Decision
from qalqan.cases.call_appeals import MOST_CONTACT, MOST_NETWORK, Told
from qalqan.errors import NotAllowed
from qalqan.model.money import MAX_MINOR
from qalqan.register import rights
from qalqan.register.rights import Right
from qalqan.text.catalogue import say
from qalqan.web.access import (
    OrderId,
    TheOfficer,
    ThePartner,
    database_of,
    keys_of,
    language_of,
)
from qalqan.web.api.bodies import JsonBytes, Key, parsed

router = APIRouter(tags=["appeals"])

AppealId = Annotated[str, Path(max_length=20)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class HandedIn(_Body):
    """What a partner's customer, or the partner, says against an order."""

    words: str = Field(max_length=MOST_WORDS)


class RefusedCall(_Body):
    """What an operator's customer says whose calls a rule refused; numbers as he writes them."""

    number: str = Field(max_length=64)
    about_us: StrictInt
    place: Literal["abroad", "home", "unknown"]
    """Where he called from."""
    words: str = Field(max_length=MOST_WORDS)
    contact: str = Field(max_length=MOST_CONTACT)
    """Where the answer goes: the customer's, or the operator's own desk."""
    language: Literal["kk", "ru", "en"]
    called: str = Field(default="", max_length=64)
    network: str = Field(default="", max_length=MOST_NETWORK)


class Recorded(_Body):
    """What somebody said to an officer against an order."""

    order: str = Field(max_length=20)
    channel: Literal["phone", "letter", "visit", "portal"]
    words: str = Field(max_length=MOST_WORDS)


class Judged(_Body):
    """A decision; `amount`, minor units, is what is let go of a hold in part."""

    verdict: Literal["upheld", "part", "dismissed"]
    reason: str = Field(max_length=24)
    words: str = Field(max_length=MOST_NOTE)
    amount: StrictInt | None = Field(default=None, gt=0, le=MAX_MINOR)
    version: StrictInt | None = Field(default=None, ge=0, lt=2**62)


@router.post("/orders/{order}/appeals", status_code=201)
def hand_in(
    request: Request, order: OrderId, partner: ThePartner, key: Key, body: JsonBytes
) -> dict[str, Any]:
    """Appeal against one of the partner's own orders, for its customer or for itself. It is decided
    within two hours; the order holds meanwhile, and nothing of it is returned. The same
    `Idempotency-Key` is the same appeal."""
    given = parsed(HandedIn, body)
    made = appeals.hand_in(
        database_of(request), keys_of(request), partner.code, order, given.words, key
    )
    return {"appeal": made.id, "order": made.order_id, "state": made.state, "due_us": made.due_us}


@router.post("/calls/appeals", status_code=201)
def hand_in_call(
    request: Request, partner: ThePartner, key: Key, body: JsonBytes
) -> dict[str, Any]:
    """Appeal for a customer whose calls are refused (608, or 603) by a rule, so that there is no
    order: it is decided within two hours. `rule` and `say` are everybody's rule about such
    numbers; nothing is told of this one. The same `Idempotency-Key` is the same appeal."""
    if partner.kind != "operator":
        raise NotAllowed("appeal", "an operator")
    given = parsed(RefusedCall, body)
    told = Told(**given.model_dump())
    made = call_appeals.hand_in(
        database_of(request), keys_of(request), told, f"partner:{partner.code}", key
    )
    rule = say(f"refused.rule.{made.rule}", language_of(request))
    return {"appeal": made.id, "due_us": made.due_us, "rule": made.rule, "say": rule}


@router.post("/appeals", status_code=201)
def record(request: Request, officer: TheOfficer, key: Key, body: JsonBytes) -> dict[str, Any]:
    """Write down an appeal that came to an officer: its two hours begin. The same
    `Idempotency-Key` is the same appeal."""
    given = parsed(Recorded, body)
    made = appeals.record(
        database_of(request), keys_of(request), officer, given.order, given.channel, given.words,
        key,
    )  # fmt: skip
    return _told(made)


@router.get("/appeals")
def waiting(request: Request, officer: TheOfficer) -> dict[str, Any]:
    """Appeals in view that wait for a decision, in the order of their coming; words are tokens."""
    rights.check(officer, Right.CASES)
    with database_of(request).session() as session:
        found = appeal_book.listed(session, officer, is_open=True)
    return {"appeals": list(map(_told, found))}


@router.post("/appeals/{appeal}/decision")
def decide(
    request: Request, officer: TheOfficer, appeal: AppealId, body: JsonBytes
) -> dict[str, Any]:
    """Decide an appeal; what was wrong is let go at once, by the order named in `undone_by`. The
    same decision again changes nothing."""
    given = parsed(Judged, body)
    told = Decision(Verdict(given.verdict), given.reason, given.words, given.amount, given.version)
    made = appeals.decide(database_of(request), keys_of(request), appeal, officer, told)
    return _told(made)


def _told(appeal: Appeal) -> dict[str, Any]:
    return {
        "id": appeal.id,
        "order": appeal.order_id,
        "case": appeal.case_id,
        "channel": appeal.channel,
        "words": appeal.words,
        "received_us": appeal.received_us,
        "due_us": appeal.due_us,
        "escalated": appeal.escalated,
        "state": appeal.state,
        "version": appeal.version,
        "decided_by": appeal.decided_by,
        "decided_us": appeal.decided_us,
        "reason": appeal.reason,
        "undone_by": appeal.undone_by,
    }
