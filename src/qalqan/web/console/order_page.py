"""One order: whole history, message as signed, answers, approvals, appeals, and what an officer
may do about it (REQ-19, 44)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from qalqan.cases import appeal_book, approvals, blocked, by_hand, delivery, escalation, order_book
from qalqan.cases.choices import Act
from qalqan.cases.drafting import acts_of
from qalqan.cases.opening import Sealed, sealed
from qalqan.cases.order_text import sealed_in
from qalqan.cases.orders import APPEALABLE
from qalqan.cases.policy import LADDER, current
from qalqan.errors import Conflict, ContractBroken, InputRejected, NotAllowed
from qalqan.model.order import WAITING, Kind, Order, State, held_now
from qalqan.register import orm, rights
from qalqan.register.people import SignedIn
from qalqan.register.rights import Right
from qalqan.trust import signing
from qalqan.trust.keys import Keys
from qalqan.web.access import (
    FormOfficer,
    OrderId,
    ThePageOfficer,
    database_of,
    keys_of,
    language_of,
)
from qalqan.web.console.appeal_view import AppealView, views
from qalqan.web.console.order_cards import Card, cards
from qalqan.web.console.pages import page
from qalqan.web.console.reader import Reader, reader_of
from qalqan.web.console.undecided import undecided

router = APIRouter(include_in_schema=False)

_MASKED = ("account", "beneficiary")


@dataclass(frozen=True)
class Signed:
    """What was signed: values of people masked, as everywhere on pages."""

    text: str
    digest: str
    """SHA-256 of the signed text as the partner has it."""


@dataclass(frozen=True)
class OrderPage:
    """All that the page shows."""

    card: Card
    case: orm.Case
    subject: Sealed | None
    rungs: tuple[escalation.Rung, ...]
    appeals: tuple[AppealView, ...]
    signed: Signed | None
    actions: frozenset[str]
    """withdraw, remind, appeal, request, paper."""
    next_acts: tuple[Act, ...]
    """What may be drafted from here."""

    @property
    def of_blocked(self) -> bool:
        """There is a page of what it blocks."""
        return blocked.is_about(self.card.order)

    @property
    def has_acts(self) -> bool:
        """There is something to do here besides writing an appeal down."""
        return bool(self.actions - {"appeal"} or self.next_acts)


@router.get("/orders/{order}")
def show(
    request: Request, officer: ThePageOfficer, order: OrderId, done: str = "", decided: str = ""
) -> HTMLResponse:
    """The order."""
    with database_of(request).session() as session:
        reader = reader_of(session, language_of(request))
        view = _view(session, reader, officer, keys_of(request), order)
    return page(
        request, "order.html", officer, reader=reader, view=view, done=done or decided,
        longest=approvals.LONGEST_NOTE,
    )  # fmt: skip


def _view(
    session: Session, reader: Reader, officer: SignedIn, keys: Keys, order_id: str
) -> OrderPage:
    order = order_book.load(session, order_id)
    case = rights.check_case(session, officer, Right.CASES, order.case_id)
    mine = approvals.waiting_of(session, officer, order)
    (card,) = cards(session, reader, [order], mine)
    partner = reader.partners.get(order.partner, order.partner)
    found = appeal_book.of_orders(session, [order.id]).get(order.id, [])
    personal = order.subject if order.subject in sealed_in(order) else None
    return OrderPage(
        card=card,
        case=case,
        subject=sealed(personal) if personal else None,
        rungs=escalation.rungs(
            session, case, partner, order.escalated, _ladder(session, reader.now_us)
        ),
        appeals=views(session, reader, officer, found),
        signed=_signed(session, keys, order),
        actions=frozenset(_actions(officer, order)),
        next_acts=tuple(_next(officer, order, reader.now_us)),
    )


def _ladder(session: Session, now_us: int) -> tuple[str, ...]:
    try:
        return current(session, now_us).ladder
    except NotAllowed:
        return LADDER


def _signed(session: Session, keys: Keys, order: Order) -> Signed | None:
    try:
        jws = delivery.signed_text(session, keys, order.id)
    except ContractBroken:
        return None
    told: dict[str, Any] = signing.verify(jws, keys.verify_key_pem)
    hidden = {name: f"…{told[name][-4:]}" for name in _MASKED if name in told}
    if told.get("subject_kind") == "phone":
        hidden["subject"] = f"…{told['subject'][-4:]}"
    text = json.dumps(told | hidden, ensure_ascii=False, indent=1, sort_keys=True)
    return Signed(text, hashlib.sha256(jws.encode()).hexdigest())


def _actions(officer: SignedIn, order: Order) -> list[str]:
    may_draft, found = rights.has(officer, Right.DRAFT), []
    own = officer.login == order.drafted_by or rights.has(officer, Right.ASSIGN)
    unsent = order.state is State.APPROVED and order.sent_us is None
    if may_draft and own and (order.state is State.DRAFTED or unsent):
        found.append("withdraw")
    if may_draft and order.state in {State.SENT, State.RECEIVED, State.ESCALATED}:
        found.append("remind")
    appealable = order.kind in APPEALABLE and order.state is State.ANSWERED
    if rights.has(officer, Right.APPEALS) and appealable:
        found.append("appeal")
    if may_draft and order.state not in {State.DRAFTED, State.WITHDRAWN}:
        found.append("request")
    if may_draft and order.state in WAITING:
        found.append("paper")
    return found


def _next(officer: SignedIn, order: Order, now_us: int) -> list[Act]:
    acts = acts_of(officer)
    if order.kind is Kind.HOLD and held_now(order, now_us):
        disputed = order.state is State.APPEALED  # nothing is returned or prolonged meanwhile
        told = (Act.RELEASE,) if disputed else (Act.RELEASE, Act.PROLONG, Act.RETURN)
        return [act for act in told if act in acts]
    in_force = order.state in {State.ANSWERED, State.APPEALED}
    if order.kind in {Kind.BLOCK, Kind.TAKEDOWN} and in_force:
        return [act for act in (Act.UNBLOCK,) if act in acts]
    return []


@router.post("/orders/{order}/withdraw")
def withdraw(
    request: Request,
    officer: FormOfficer,
    order: OrderId,
    version: Annotated[int, Form()],
) -> Response:
    """Take an order back that its partner does not have yet."""
    return _do(
        request, officer, order, "withdraw",
        lambda: by_hand.withdraw(database_of(request), order, officer, version),
    )  # fmt: skip


@router.post("/orders/{order}/remind")
def remind(request: Request, officer: FormOfficer, order: OrderId) -> Response:
    """Send it once more."""
    return _do(
        request, officer, order, "remind",
        lambda: by_hand.remind(database_of(request), order, officer),
    )  # fmt: skip


def _do(
    request: Request,
    officer: SignedIn,
    order_id: str,
    what: str,
    act: Callable[[], Order],
) -> Response:
    try:
        act()
    except (Conflict, NotAllowed, InputRejected) as error:
        return undecided(request, officer, order_id, error)
    return RedirectResponse(f"/orders/{order_id}?done={what}", 303)
