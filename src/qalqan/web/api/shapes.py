"""What the API answers a partner, as models: they describe, nothing is read through them.

Answers grow by fields: a reader passes over those it doesn't know (`docs/how-to/connect-a-bank`).
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict


class Shape(BaseModel):
    """Its fields are described by what stands under them."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class Fault(Shape):
    """What went wrong; beside these, fields that belong to the code."""

    code: str
    message: str
    """In kk, ru or en, by `Accept-Language`."""
    field: str | None = None
    """Which field of the request was refused, if one was."""
    expected: str | None = None
    value: Any = None
    """The refused value, masked."""


class Problem(Shape):
    """Every answer that says no."""

    error: Fault


class Up(Shape):
    """The process is up."""

    up: bool


class PublicKey(Shape):
    """The key that signs orders and events: Ed25519, PEM."""

    key: str


class Work(Shape):
    """What is left to do."""

    idle: bool
    due: int
    leased: int
    landing: int
    parked: int
    next_due_us: int | None


class SignedOrder(Shape):
    """An order that waits for an answer."""

    id: str
    order: str
    """Compact JWS; its payload is an `OrderMessage`."""
    iso20022: str | None = None
    """The recall beside it, camt.056."""


class Orders(Shape):
    """A page of orders."""

    orders: list[SignedOrder]
    next: str
    """Cursor of the next call."""


class Standing(Shape):
    """Where an order stands."""

    order: str
    state: str
    effect: int
    """Minor units held, released or returned."""
    currency: str | None
    due_us: int | None
    expires_us: int | None


class Told(Shape):
    """What became of one answer of a file: where its order stands, or why it was refused."""

    order: str | None = None
    state: str | None = None
    error: Fault | None = None


class Answers(Shape):
    """What became of the answers in a file."""

    taken: int
    refused: int
    answers: list[Told]


class Event(Shape):
    """Something that happened; more fields by its kind."""

    event: int
    """Its number, without gaps: count each once."""
    partner: str
    kind: str
    at_us: int


class Events(Shape):
    """A page of events."""

    events: list[Event]
    next: int


class Refusal(Shape):
    """One refused record."""

    place: str
    field: str
    value: str | None
    expected: str
    message: str


class Kept(Refusal):
    """One refused record, and with which batch it came."""

    kind: str
    batch: str
    at_us: int


class Quarantine(Shape):
    """A page of refused records."""

    refused: list[Kept]
    next: int


class Batch(Shape):
    """What became of one batch: read = accepted + duplicate + quarantined."""

    batch: str
    kind: str
    way: Literal["post", "file", "answer", "paper", "sum"]
    """`paper`: an officer took it in; `sum` adds up those whose receipts are past their term."""
    of: str | None
    """The file's name or the order's number."""
    key: str | None
    """The `Idempotency-Key` that it came with."""
    at_us: int
    finished_us: int | None
    """Null: a file that is being taken."""
    read: int
    accepted: int
    duplicate: int
    quarantined: int


class Batches(Shape):
    """A page of batches, the newest first."""

    batches: list[Batch]
    next: str
    """Cursor of the next call; empty on the last page."""


class Receipt(Shape):
    """What became of facts: read = accepted + duplicate + quarantined."""

    batch: str
    read: int
    accepted: int
    duplicate: int
    quarantined: int
    refusals: list[Refusal]
    """The first hundred."""
    unknown: list[str]
    """Columns that nobody asked for."""
    folded: dict[str, int]
    lines: dict[str, Any] | None = None
    """The receipt of a statement's lines."""


class ReceiptRefused(Shape):
    """Nothing was taken: `error` alone where the body is none, else beside the receipt."""

    error: Fault


class Warned(Shape):
    """A customer to be warned."""

    id: int
    payment: str | None
    payer: str
    payer_last: str
    payee_last: str
    amount: int
    currency: str
    at_us: int
    expires_us: int


class Warnings(Shape):
    """A page of customers to be warned."""

    warnings: list[Warned]
    next: str


class Marked(Shape):
    """A customer was warned."""

    warning: int
    warned: Literal[True]


class ReportTaken(Shape):
    """A report and its case; `receipt` is for the victim and shown this once."""

    report: str
    case: str
    receipt: str | None


class AppealTaken(Shape):
    """An appeal that was handed in."""

    appeal: str
    order: str
    state: str
    due_us: int | None
