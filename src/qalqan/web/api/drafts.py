"""Officers draft orders, take them back and remind partners, by API (REQ-19, 44)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field, StrictInt

from qalqan import clock
from qalqan.cases import by_hand, choices, drafting, order_list
from qalqan.cases.choices import Act, Choice
from qalqan.cases.drafting import MOST_WORDS, Wish
from qalqan.cases.order_list import Wanted
from qalqan.model.money import MAX_MINOR
from qalqan.model.order import Asked, Order, SubjectKind
from qalqan.register import rights
from qalqan.register.rights import Right
from qalqan.web.access import OrderId, TheOfficer, database_of, keys_of
from qalqan.web.api.bodies import JsonBytes, Key, parsed

router = APIRouter(tags=["officers"])

CaseId = Annotated[str, Path(max_length=20)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Draft(_Body):
    """What an officer asks for. `target` is the key of one of the choices; an order about a phone,
    host or link names `partner`, `subject_kind` and `subject` instead."""

    act: Act
    ground: str = Field(max_length=32)
    words: str = Field(max_length=MOST_WORDS)
    target: str = Field(default="", max_length=40)
    partner: str = Field(default="", max_length=32)
    subject_kind: SubjectKind | None = None
    subject: str = Field(default="", max_length=5000)
    amount: StrictInt | None = Field(default=None, gt=0, le=MAX_MINOR)
    """Minor units; null: all that may be."""
    term_us: StrictInt | None = Field(default=None, gt=0, lt=2**62)
    """Microseconds from now; null: the usual term."""
    asked: list[Asked] = Field(default_factory=list, max_length=len(Asked))


class Seen(_Body):
    """The version of the order that was looked at."""

    version: StrictInt | None = Field(default=None, ge=0, lt=2**62)


@router.get("/cases/{case}/orders/choices")
def offered(request: Request, officer: TheOfficer, case: CaseId, act: Act) -> dict[str, Any]:
    """What an order of this kind may be about in this case, and for how much at most; accounts are
    tokens. Empty where the subject is written by hand."""
    now = clock.now_us()
    with database_of(request).session() as session:
        rights.check_case(session, officer, Right.DRAFT, case)
        found = choices.offered(session, case, act, now)
        grounds = [row.code for row in drafting.grounds_of(act, now)]
        partners = [row.code for row in drafting.addressees(session, act)]
    return {"choices": list(map(_choice, found)), "grounds": grounds, "partners": partners}


@router.post("/cases/{case}/orders", status_code=201)
def draft(
    request: Request, officer: TheOfficer, case: CaseId, key: Key, body: JsonBytes
) -> dict[str, Any]:
    """Draft an order; it waits for those who have to agree. The same `Idempotency-Key` is the same
    order."""
    given = parsed(Draft, body)
    wish = Wish(
        given.act, given.ground, given.words, given.target, given.partner, given.subject,
        given.subject_kind or "", given.amount, given.term_us, tuple(given.asked),
    )  # fmt: skip
    made = drafting.draft(database_of(request), keys_of(request), officer, case, wish, key)
    return told(made)


@router.post("/orders/{order}/withdraw")
def withdraw(
    request: Request, order: OrderId, officer: TheOfficer, body: JsonBytes
) -> dict[str, Any]:
    """Take an order back before its partner has it; again by the same officer changes nothing."""
    version = parsed(Seen, body).version
    return told(by_hand.withdraw(database_of(request), order, officer, version))


@router.post("/orders/{order}/remind")
def remind(request: Request, order: OrderId, officer: TheOfficer) -> dict[str, Any]:
    """Send an unanswered order once more; its clock runs on. Again by the same officer within ten
    minutes changes nothing."""
    return told(by_hand.remind(database_of(request), order, officer))


@router.get("/officer/orders")
def orders(
    request: Request,
    officer: TheOfficer,
    shown: Annotated[str, Query(max_length=8)] = "clock",
    kind: Annotated[str, Query(max_length=16)] = "",
    partner: Annotated[str, Query(max_length=32)] = "",
    state: Annotated[str, Query(max_length=16)] = "",
    after: Annotated[str, Query(max_length=60)] = "",
) -> dict[str, Any]:
    """Orders in view, by the clock, a page at a time; `next` is the cursor of the next page, empty
    on the last."""
    wanted = Wanted(shown, kind, partner, state, after=after)
    with database_of(request).session() as session:
        seen = order_list.of_officer(officer)
        found = order_list.listed(session, seen, wanted, clock.now_us(), officer.login)
    return {"orders": list(map(told, found.orders)), "next": found.next}


def told(order: Order) -> dict[str, Any]:
    """An order as officers' programs read it: personal values are tokens."""
    return {
        "id": order.id,
        "case": order.case_id,
        "kind": order.kind,
        "partner": order.partner,
        "state": order.state,
        "version": order.version,
        "account": order.account,
        "subject": order.subject,
        "subject_kind": order.subject_kind,
        "asked": list(order.asked),
        "amount": order.amount,
        "currency": order.currency,
        "effect": order.effect,
        "ground": order.ground,
        "parent": order.parent_id,
        "drafted_by": order.drafted_by,
        "created_us": order.created_us,
        "due_us": order.due_us,
        "expires_us": order.expires_us,
        "escalated": order.escalated,
    }


def _choice(choice: Choice) -> dict[str, Any]:
    return {
        "target": choice.key,
        "partner": choice.partner,
        "account": choice.account,
        "currency": choice.currency,
        "most": choice.most,
        "order": choice.parent,
        "spared": choice.spared,
    }
