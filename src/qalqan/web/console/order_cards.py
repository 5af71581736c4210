"""Orders as cards: what was asked, who agreed, what came back, how long is left (REQ-19, 44)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan.cases.approvals import Waiting
from qalqan.cases.consent import APPROVERS, POLICY, SANCTION, Need, need
from qalqan.cases.grounds import Ground, ground
from qalqan.cases.opening import Sealed, sealed
from qalqan.cases.orders import Event
from qalqan.cases.policy import current
from qalqan.cases.reasons import sentence
from qalqan.clock import DAY
from qalqan.errors import NotAllowed
from qalqan.model.order import TERMINAL, WAITING, Approval, Kind, Order, Outcome, State
from qalqan.register import orm
from qalqan.register.people import SignedIn
from qalqan.web.console.clocks import Clock, clock_at, clock_of
from qalqan.web.console.reader import Reader

_TONES = {
    Outcome.REFUSED: "refused",
    Outcome.GONE: "gone",
    Outcome.NOT_FOUND: "gone",
    Outcome.RETURNED: "returned",
    Outcome.HELD: "held",
    Outcome.PARTIAL: "held",
}


@dataclass(frozen=True)
class Line:
    """One moment of a history."""

    at_us: int
    words: str
    by: str
    note: str = ""
    event: str = ""
    by_person: bool = False


@dataclass(frozen=True)
class Card:
    """One order."""

    order: Order
    kind: str
    """Catalogue key of its kind: a hold that continues another is `prolong`."""
    partner: str
    account: Sealed | None
    beneficiary: Sealed | None
    state: str
    """What the chip says."""
    tone: str
    """waiting, late, draft, sent, done, held, returned, gone, refused, over."""
    clock: Clock | None
    need: Need
    people_missing: int
    sanction_missing: bool
    ground: Ground
    reason: str
    history: tuple[Line, ...]
    waiting: Waiting | None
    """Set if it waits for the reader's own yes or no."""

    @property
    def is_over(self) -> bool:
        """Nothing more will become of it."""
        return self.order.state in TERMINAL

    @property
    def moves_money(self) -> bool:
        """Its answer says a sum of its own."""
        return self.order.kind in {Kind.HOLD, Kind.RELEASE, Kind.RETURN}

    @property
    def people(self) -> tuple[Approval, ...]:
        """What people said, whatever a policy said before them."""
        return tuple(a for a in self.order.approvals if a.role != POLICY)


def cards(
    session: Session, reader: Reader, orders: Sequence[Order], waiting: Iterable[Waiting]
) -> tuple[Card, ...]:
    """Cards of these orders: what waits for people first, then what is pressing."""
    mine = {each.order.id: each for each in waiting}
    events = _events(session, [order.id for order in orders])
    term_us = sanction_term_us(session, reader.now_us)
    made = [_card(reader, order, events[order.id], mine.get(order.id), term_us) for order in orders]
    return tuple(sorted(made, key=_rank))


def decided_on(made: Iterable[Card], order_id: str, officer: SignedIn) -> Card | None:
    """The card of the order that this officer has just said yes or no to, if he has."""
    mine = (c for c in made if any(a.login == officer.login for a in c.order.approvals))
    return next((card for card in mine if card.order.id == order_id), None)


def sanction_term_us(session: Session, now_us: int) -> int:
    """How long a prosecutor's sanction may take before it counts as late."""
    try:
        return current(session, now_us).sanction_us
    except NotAllowed:  # no two people have agreed to a policy yet
        return DAY


def _rank(card: Card) -> tuple[int, int, str]:
    order = card.order
    if card.waiting:
        return (0, 0, order.id)
    if order.state is State.DRAFTED:
        return (1, 0, order.id)
    if order.state in WAITING:
        return (2, order.due_us or 2**62, order.id)
    return (4 if order.state in TERMINAL else 3, -(order.answered_us or 0), order.id)


def _card(
    reader: Reader,
    order: Order,
    events: Sequence[orm.OrderEvent],
    waiting: Waiting | None,
    term_us: int,
) -> Card:
    kind, wanted = kind_of(order), need(order)
    yes = [a.role for a in order.approvals if a.approved]
    is_draft = order.state is State.DRAFTED
    sanction_missing = is_draft and wanted.sanction and SANCTION not in yes
    clock = clock_of(order, reader.now_us)
    if sanction_missing:
        clock = clock_at("sanction", order.created_us, order.created_us + term_us, reader.now_us)
    people = wanted.people - sum(role in APPROVERS for role in yes)
    lines = [line(reader, order, kind, event) for event in events]
    return Card(
        order=order,
        kind=kind,
        partner=reader.partners.get(order.partner, order.partner),
        account=sealed(order.account) if order.account else None,
        beneficiary=sealed(order.beneficiary) if order.beneficiary else None,
        state=state_of(order),
        tone=tone_of(order, clock),
        clock=clock,
        need=wanted,
        people_missing=max(0, people) if is_draft else 0,
        sanction_missing=sanction_missing,
        ground=ground(order.ground, order.kind, order.created_us),
        reason=sentence(order.reason, reader.language),
        history=tuple(lines),
        waiting=waiting,
    )


def kind_of(order: Order) -> str:
    """Catalogue key of its kind: a hold that continues another is `prolong`."""
    return "prolong" if order.kind is Kind.HOLD and order.parent_id else str(order.kind)


def state_of(order: Order) -> str:
    """What the chip says: the answer once there is one."""
    if order.answers and order.state in {State.ANSWERED, State.CLOSED, State.REFUSED}:
        return f"orders.outcome.{order.answers[-1].outcome}"
    return f"orders.state.{order.state}"


def tone_of(order: Order, clock: Clock | None) -> str:
    """How the card looks: `Card.tone`."""
    if order.state is State.DRAFTED:
        return "draft"
    if order.state in WAITING:
        is_late = clock is not None and clock.tone == "late"
        return "late" if is_late or order.state is State.ESCALATED else "waiting"
    if order.answers and order.state in {State.ANSWERED, State.CLOSED, State.REFUSED}:
        return _TONES.get(order.answers[-1].outcome, "done")
    return "over"


def _events(session: Session, order_ids: Sequence[str]) -> Mapping[str, list[orm.OrderEvent]]:
    found: defaultdict[str, list[orm.OrderEvent]] = defaultdict(list)
    for start in range(0, len(order_ids), 500):
        piece = order_ids[start : start + 500]
        wanted = select(orm.OrderEvent).where(orm.OrderEvent.order_id.in_(piece))
        for event in session.scalars(wanted.order_by(orm.OrderEvent.id)):
            found[event.order_id].append(event)
    return found


def line(reader: Reader, order: Order, kind: str, event: orm.OrderEvent) -> Line:
    """One event of an order as a sentence."""
    said: dict[str, Any] = event.detail
    key, values = event.event, {"kind": reader.say(f"orders.kind.{kind}")}
    values["partner"] = reader.partners.get(order.partner, order.partner)
    if event.event in {Event.APPROVE, Event.REJECT} and said["role"] == SANCTION:
        key = f"sanction.{event.event}"
    if event.event == Event.ANSWER:
        values["outcome"] = reader.say(f"orders.outcome.{said['outcome']}")
        if said["amount"]:
            key, values["amount"] = "answer_sum", _sum(reader, order, said["amount"])
    if event.event == Event.REDUCE:
        values["amount"] = _sum(reader, order, said["effect"])
    words = reader.say(f"orders.event.{key}", **values)
    note = " · ".join(str(said[name]) for name in ("note", "reason", "reference") if said.get(name))
    by_person = said.get("role", POLICY) != POLICY
    return Line(event.at_us, words, reader.actor(event.actor), note, event.event, by_person)


def _sum(reader: Reader, order: Order, units: int) -> str:
    return reader.money(units, order.currency or "KZT")
