"""Orders on their way: signed, pushed or offered, received (REQ-19, 44).

The signed text names accounts in clear, so the register keeps it in a box; it is opened only
for the partner it is addressed to.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256

import httpx
from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import order_book, reach, recalls
from qalqan.cases.order_book import MACHINE
from qalqan.cases.order_text import message, sealed_in
from qalqan.cases.orders import Event
from qalqan.errors import ContractBroken, NotFound
from qalqan.exchange.order_message import OrderMessage
from qalqan.model.order import WAITING, Order, State
from qalqan.register import audit, orm, vault
from qalqan.register.database import Database
from qalqan.trust import encryption, signing
from qalqan.trust.keys import Keys

BOX = "document"
"""Class of the key that boxes signed orders."""
A_PAGE = 200
FETCH = "orders.fetch"
"""How the audit calls a partner's fetching of its orders."""
_AGAIN_US = 5 * clock.MINUTE
_READY = (State.APPROVED, State.ESCALATED)


@dataclass(frozen=True)
class Offered:
    """One signed order."""

    id: str
    jws: str
    recall: str | None = None
    """The camt.056 beside it, for a partner that speaks ISO 20022."""

    def body(self) -> dict[str, str]:
        """As a partner gets it, pushed or fetched."""
        beside = {} if self.recall is None else {"iso20022": self.recall}
        return {"order": self.jws, **beside}


@dataclass(frozen=True)
class Offer:
    """A page of signed orders and where the next one begins."""

    orders: tuple[Offered, ...]
    next: str


def sign_waiting(database: Database, keys: Keys, partner: str) -> int:
    """Sign every approved order of a partner that is not signed yet; returns how many."""
    with database.write() as session:
        waiting = order_book.find(
            session,
            orm.Order.partner == partner,
            orm.Order.jws.is_(None),
            orm.Order.state.in_(_READY),
        )
        tokens = {token for order in waiting for token in sealed_in(order)}
        clear = vault.reveal_many(session, keys, tokens, MACHINE, f"orders to {partner}")
        beside = _recalls(session, keys, partner, waiting)
        now = clock.now_us()
        for order in waiting:
            boxed, digests = _signed(keys, message(order, clear, now), beside)
            order_book.step(session, order, Event.SIGN, MACHINE, now, detail=digests, beside=boxed)
    return len(waiting)


_Recall = Callable[[OrderMessage], bytes | None]


def _recalls(session: Session, keys: Keys, partner: str, orders: Sequence[Order]) -> _Recall:
    """What writes the recalls beside these orders; for most partners there are none. An order
    waits for no recall: where the vault does not have all of its accounts, they are left out."""
    row = session.get(orm.Partner, partner)
    if row is None or not row.iso20022:
        return lambda _: None
    bank, found = row.bank_code or row.code, recalls.traced(session, orders)
    purpose = f"recalls to {partner}"
    try:
        clear = vault.reveal_many(session, keys, recalls.accounts(found), MACHINE, purpose)
    except NotFound:
        clear = {}
    return lambda told: recalls.written(told, found.get(told.order, []), clear, bank)


def _signed(
    keys: Keys, told: OrderMessage, beside: _Recall
) -> tuple[dict[str, str], dict[str, str]]:
    """The columns that keep a signed order, and the digests by which the log commits to it."""
    text = told.model_dump(mode="json", exclude_none=True)
    jws, recall = signing.sign(text, keys.signing_key).encode(), beside(told)
    boxed = {"jws": _boxed(keys, told.order, jws)}
    digests = {"jws": sha256(jws).hexdigest()}
    if recall is not None:
        boxed["recall"] = _boxed(keys, beside_of(told.order), recall)
        digests["recall"] = sha256(recall).hexdigest()
    return boxed, digests


def beside_of(order_id: str) -> str:
    """What a recall's box is bound to: it can't be passed off as the order."""
    return f"{order_id}/recall"


def _boxed(keys: Keys, bound: str, text: bytes) -> str:
    box = encryption.seal(keys.box_key(BOX), text, bound.encode())
    return base64.b64encode(box).decode()


def opened(keys: Keys, bound: str, boxed: str) -> str:
    """What a box of an order holds; `ContractBroken` if it was changed or moved."""
    box = base64.b64decode(boxed)
    return encryption.open_box(keys.box_key(BOX), box, bound.encode()).decode()


def signed_text(session: Session, keys: Keys, order_id: str) -> str:
    """The signed order as the partner gets it.

    Raises:
        ContractBroken: it is not signed yet.
    """
    kept = session.scalar(select(orm.Order.jws).where(orm.Order.id == order_id))
    if kept is None:
        raise ContractBroken(f"order {order_id} is not signed")
    return opened(keys, order_id, kept)


def recall_text(session: Session, keys: Keys, order_id: str) -> str | None:
    """The recall (camt.056) that goes beside a signed order, if one does."""
    kept = session.scalar(select(orm.Order.recall).where(orm.Order.id == order_id))
    return None if kept is None else opened(keys, beside_of(order_id), kept)


def _offered(session: Session, keys: Keys, order_id: str) -> Offered:
    jws = signed_text(session, keys, order_id)
    return Offered(order_id, jws, recall_text(session, keys, order_id))


def push_waiting(database: Database, keys: Keys, partner: str, client: httpx.Client) -> int:
    """Push a partner's signed orders that it has not got yet; returns how many went.

    Raises:
        Unavailable: the partner does not answer; what went before stays sent.
    """
    with database.session() as session:
        endpoint = _endpoint(session, partner)
        texts = [_offered(session, keys, order.id) for order in unsent(session, partner)]
    gone: list[str] = []
    try:
        for offered in texts:
            reach.post(client, f"{endpoint}/orders", offered.body())
            gone.append(offered.id)
    finally:
        mark_sent(database, gone)
    return len(gone)


def unsent(session: Session, partner: str) -> list[Order]:
    """A partner's signed orders that it has not got yet, oldest first."""
    return order_book.find(
        session,
        orm.Order.partner == partner,
        orm.Order.jws.is_not(None),
        orm.Order.sent_us.is_(None),
        orm.Order.state.in_(_READY),
    )


def push_again(database: Database, keys: Keys, order_id: str, client: httpx.Client) -> None:
    """Send an unanswered order once more, as a reminder. Raises `Unavailable`."""
    with database.session() as session:
        order = order_book.load(session, order_id)
        if order.state not in WAITING or order.sent_us is None:
            return
        endpoint, offered = _endpoint(session, order.partner), _offered(session, keys, order_id)
    reach.post(client, f"{endpoint}/orders", offered.body())


def _endpoint(session: Session, partner: str) -> str:
    row = session.get(orm.Partner, partner)
    if row is None or row.endpoint is None:
        raise ContractBroken(f"partner {partner} has no endpoint")
    return row.endpoint.rstrip("/")


def mark_sent(database: Database, order_ids: Sequence[str]) -> None:
    """Note that these orders have gone to their partner."""
    if order_ids:
        with database.write() as session:
            _send(session, order_ids)


def _send(session: Session, order_ids: Sequence[str]) -> None:
    now = clock.now_us()
    for order in order_book.find(session, orm.Order.id.in_(order_ids)):
        if order.state in _READY:  # an answer may have been faster than this note
            order_book.step(session, order, Event.SEND, MACHINE, now)


def _hand_out(
    database: Database, partner: str, order_ids: Sequence[str], new: Sequence[str]
) -> None:
    """Orders name people's accounts in clear: who fetched which stands in the audit, and one who
    asks again and again for the same within `_AGAIN_US` is one look."""
    last = (
        select(orm.Audit.at_us)
        .where(orm.Audit.object == partner, orm.Audit.action == FETCH)
        .order_by(orm.Audit.id.desc())
        .limit(1)
    )
    if not new:
        with database.session() as session:
            noted_us = session.scalar(last)
        if noted_us is not None and clock.now_us() - noted_us < _AGAIN_US:
            return
    with database.write() as session:
        _send(session, new)
        who = f"partner:{partner}"
        audit.note(session, who, FETCH, "partner", partner, ids=list(order_ids))


def offer(database: Database, keys: Keys, partner: str, after: str = "") -> Offer:
    """Signed orders for a partner that pulls, after its cursor; offering is sending.

    An order stays on offer until it is answered: a partner that lost its cursor starts again,
    and so does one whose cursor we never gave.
    """
    place = int(after) if after.isdecimal() and len(after) < 19 else 0
    with database.session() as session:
        places = _on_offer(session, partner, place)
        new = order_book.find(
            session,
            orm.Order.id.in_(list(places)),
            orm.Order.sent_us.is_(None),
            orm.Order.state.in_(_READY),
        )
    if places:
        _hand_out(database, partner, list(places), [order.id for order in new])
    with database.session() as session:  # what was taken back meanwhile is not handed out
        still = _on_offer(session, partner, place)
        offered = tuple(_offered(session, keys, each) for each in places if each in still)
    return Offer(offered, str(max(places.values(), default=place)))


def _on_offer(session: Session, partner: str, place: int) -> dict[str, int]:
    """Order → place in the partner's row of signed orders, for those after `place`."""
    wanted = (
        select(orm.OrderEvent.order_id, orm.OrderEvent.id)
        .join(orm.Order, orm.Order.id == orm.OrderEvent.order_id)
        .where(
            orm.OrderEvent.event == Event.SIGN,
            orm.OrderEvent.id > place,
            orm.Order.partner == partner,
            orm.Order.jws.is_not(None),
            orm.Order.state.in_([*WAITING]),
        )
        .order_by(orm.OrderEvent.id)
        .limit(A_PAGE)
    )
    return {order_id: event_id for order_id, event_id in session.execute(wanted)}


def receive(database: Database, partner: str, order_id: str) -> Order:
    """The partner says it has the order; saying it again changes nothing.

    Raises:
        NotFound: no such order of this partner's. Conflict: not approved yet, or over.
    """
    with database.write() as session:
        order = own(session, partner, order_id)
        if order.state in {State.RECEIVED, State.ANSWERED, State.CLOSED, State.REFUSED}:
            return order
        return order_book.step(session, order, Event.RECEIVE, f"partner:{partner}", clock.now_us())


def own(session: Session, partner: str, order_id: str) -> Order:
    """A partner's own order; another's is as good as none.

    Raises:
        NotFound: no such order of this partner's.
    """
    order = order_book.one(session, orm.Order.id == order_id, orm.Order.partner == partner)
    if order is None or order.state is State.DRAFTED:
        raise NotFound("order", order_id)
    return order
