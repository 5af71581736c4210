"""An order: what the centre tells a partner, as plain values (REQ-19, 44).

`cases.orders` owns how it moves; this module only says what it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What the partner is told to do."""

    CONFIRM = "confirm"
    STATEMENT = "statement"
    HOLD = "hold"
    RELEASE = "release"
    RETURN = "return"
    BLOCK = "block"
    UNBLOCK = "unblock"
    TAKEDOWN = "takedown"
    DATA = "data"
    PRESERVATION = "preservation"


class State(StrEnum):
    """Where an order stands."""

    DRAFTED = "drafted"
    APPROVED = "approved"
    SENT = "sent"
    RECEIVED = "received"
    ANSWERED = "answered"
    CLOSED = "closed"
    REFUSED = "refused"
    EXPIRED = "expired"
    ESCALATED = "escalated"
    APPEALED = "appealed"
    WITHDRAWN = "withdrawn"


TERMINAL = frozenset({State.CLOSED, State.REFUSED, State.EXPIRED, State.WITHDRAWN})
"""States that nothing leaves."""

WAITING = frozenset({State.APPROVED, State.SENT, State.RECEIVED, State.ESCALATED})
"""States in which the partner's answer is still to come."""


class Outcome(StrEnum):
    """What a partner answers."""

    CONFIRMED = "confirmed"
    NOT_FOUND = "not_found"
    HELD = "held"
    PARTIAL = "partial"
    GONE = "gone"
    REFUSED = "refused"
    STATEMENT = "statement"
    RELEASED = "released"
    RETURNED = "returned"
    DONE = "done"


OUTCOMES: dict[Kind, frozenset[Outcome]] = {
    Kind.CONFIRM: frozenset({Outcome.CONFIRMED, Outcome.NOT_FOUND, Outcome.REFUSED}),
    Kind.STATEMENT: frozenset({Outcome.STATEMENT, Outcome.NOT_FOUND, Outcome.REFUSED}),
    Kind.HOLD: frozenset({Outcome.HELD, Outcome.PARTIAL, Outcome.GONE, Outcome.REFUSED}),
    Kind.RELEASE: frozenset({Outcome.RELEASED, Outcome.GONE, Outcome.REFUSED}),
    Kind.RETURN: frozenset({Outcome.RETURNED, Outcome.GONE, Outcome.REFUSED}),
    **{
        kind: frozenset({Outcome.DONE, Outcome.NOT_FOUND, Outcome.REFUSED})
        for kind in (Kind.BLOCK, Kind.UNBLOCK, Kind.TAKEDOWN, Kind.DATA, Kind.PRESERVATION)
    },
}
"""What a partner may answer to each kind."""


class Asked(StrEnum):
    """Data that a partner may be asked for, or told to preserve."""

    HOLDER = "holder"
    """Who the subscriber, owner or registrant is."""
    CONTACTS = "contacts"
    DEVICES = "devices"
    LOGINS = "logins"
    CALLS = "calls"
    PAYMENTS = "payments"
    CONTENT = "content"
    """The page, listing or channel as it stood."""
    ORIGIN = "origin"
    """Who handed the calls over: the provider they came from."""


class SubjectKind(StrEnum):
    """What an order is about, where that is no account."""

    PHONE = "phone"
    DOMAIN = "domain"
    URL = "url"


PERSONAL = frozenset({SubjectKind.PHONE})
"""Subjects that are kept as vault tokens; hosts and links are public."""


@dataclass(frozen=True)
class Approval:
    """One person's yes or no; the role is the one they held at that moment."""

    login: str
    role: str
    approved: bool
    at_us: int
    note: str = ""


@dataclass(frozen=True)
class Answered:
    """One answer in the history: its digest tells an honest repeat from another answer."""

    outcome: Outcome
    amount: int | None
    """Minor units held, released or returned; None where the order moves no money."""
    digest: str
    at_us: int
    actor: str


@dataclass(frozen=True)
class Order:
    """An order with its approvals and answers; sums in minor units, times UTC microseconds.

    Accounts are vault tokens: only the signed message to the account's own bank has them clear.
    """

    id: str
    case_id: str
    kind: Kind
    partner: str
    state: State
    ground: str
    drafted_by: str
    """A login, or `policy:<name>/<version>` when a policy that two people approved drafted it."""
    idempotency_key: str
    created_us: int
    provisional: bool = False
    """A hold by policy: limited to the confirmed or traced sum, lapses by itself."""
    sanction: bool = False
    """The ground wants a prosecutor's sanction beside the approvals."""
    report_id: str | None = None
    parent_id: str | None = None
    """The hold that this order prolongs, releases or returns."""
    account: str | None = None
    beneficiary: str | None = None
    amount: int | None = None
    currency: str | None = None
    from_us: int | None = None
    to_us: int | None = None
    """End of the period asked for; None: up to the moment of answering."""
    reason: Mapping[str, object] = field(default_factory=dict)
    """`{"code": catalogue key, "values": {…}}` of the sentence that says why."""
    sent_us: int | None = None
    answered_us: int | None = None
    due_us: int | None = None
    expires_us: int | None = None
    effect: int = 0
    """Minor units held now, released or returned, by the latest answer."""
    escalated: int = 0
    """Rungs of the escalation ladder climbed: 1 is a reminder."""
    version: int = 0
    subject: str | None = None
    """What a block, takedown or request is about; a phone as its vault token."""
    subject_kind: str | None = None
    asked: tuple[str, ...] = ()
    """Codes of the data asked for."""
    approvals: tuple[Approval, ...] = ()
    answers: tuple[Answered, ...] = ()

    @property
    def by_policy(self) -> bool:
        return self.drafted_by.startswith("policy:")


def held_now(order: Order, at_us: int) -> int:
    """What this order holds at `at_us`, minor units: an expired hold holds nothing (REQ-44)."""
    if order.kind is not Kind.HOLD or order.state not in {State.ANSWERED, State.APPEALED}:
        return 0
    if order.expires_us is not None and at_us >= order.expires_us:
        return 0
    return order.effect


def clock_us(order: Order) -> int | None:
    """When the term ends that runs now, UTC microseconds: the partner's answer, else the end of
    what the order keeps in force; None: none runs."""
    if order.state in WAITING:
        return order.due_us
    if order.state not in {State.ANSWERED, State.APPEALED}:
        return None
    return None if order.kind is Kind.HOLD and not order.effect else order.expires_us
