"""What the API answers a partner, as models: they describe, nothing is read through them.

Answers grow by fields: a reader passes over those it doesn't know (`docs/how-to/connect-a-bank`).
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict


class _Shape(BaseModel):
    model_config = ConfigDict(use_attribute_docstrings=True)


class Fault(_Shape):
    """What went wrong; beside these, fields that belong to the code."""

    code: str
    message: str
    """In kk, ru or en, by `Accept-Language`."""
    field: str | None = None
    """Which field of the request was refused, if one was."""
    expected: str | None = None
    value: Any = None
    """The refused value, masked."""


class Problem(_Shape):
    """Every answer that says no."""

    error: Fault


class Up(_Shape):
    """The process is up."""

    up: bool


class PublicKey(_Shape):
    """The key that signs orders and events: Ed25519, PEM."""

    key: str


class Work(_Shape):
    """What is left to do."""

    idle: bool
    due: int
    leased: int
    landing: int
    parked: int
    next_due_us: int | None


class SignedOrder(_Shape):
    """An order that waits for an answer."""

    id: str
    order: str
    """Compact JWS; its payload is an `OrderMessage`."""
    iso20022: str | None = None
    """The recall beside it, camt.056."""


class Orders(_Shape):
    """A page of orders."""

    orders: list[SignedOrder]
    next: str
    """Cursor of the next call."""


class Standing(_Shape):
    """Where an order stands."""

    order: str
    state: str
    effect: int
    """Minor units held, released or returned."""
    currency: str | None
    due_us: int | None
    expires_us: int | None


class Told(_Shape):
    """What became of one answer of a file: where its order stands, or why it was refused."""

    order: str | None = None
    state: str | None = None
    error: Fault | None = None


class Answers(_Shape):
    """What became of the answers in a file."""

    taken: int
    refused: int
    answers: list[Told]


class Event(_Shape):
    """Something that happened; more fields by its kind."""

    event: int
    """Its number, without gaps: count each once."""
    partner: str
    kind: str
    at_us: int


class Events(_Shape):
    """A page of events."""

    events: list[Event]
    next: int


class Refusal(_Shape):
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


class Quarantine(_Shape):
    """A page of refused records."""

    refused: list[Kept]
    next: int


class Batch(_Shape):
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


class Batches(_Shape):
    """A page of batches, the newest first."""

    batches: list[Batch]
    next: str
    """Cursor of the next call; empty on the last page."""


class Receipt(_Shape):
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


class ReceiptRefused(_Shape):
    """Nothing was taken: `error` alone where the body is none, else beside the receipt."""

    error: Fault


class Warned(_Shape):
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


class Warnings(_Shape):
    """A page of customers to be warned."""

    warnings: list[Warned]
    next: str


class Marked(_Shape):
    """A customer was warned."""

    warning: int
    warned: Literal[True]


class ReportTaken(_Shape):
    """A report and its case; `receipt` is for the victim and shown this once."""

    report: str
    case: str
    receipt: str | None


class AppealTaken(_Shape):
    """An appeal that was handed in."""

    appeal: str
    order: str
    state: str
    due_us: int | None


class Rule(_Shape):
    """A rule that decided: for the clerk, and for the customer in three languages."""

    code: str
    say: str
    customer: dict[str, str]


class Ground(_Shape):
    """A legal ground."""

    code: str
    name: str
    confirmed: bool


class CallVerdict(_Shape):
    """What becomes of a call."""

    id: str
    verdict: Literal["pass", "label", "refuse"]
    no_state: bool = False
    """There are no tables: nothing could be looked at."""
    rule: str
    say: str
    number_withheld: bool
    """It passes, and its number is not shown."""
    inputs: dict[str, Any]
    shadow: list[str]
    policy: int | None
    tables: int | None
    """Version of the tables."""
    place_told_s_ago: int | None = None
    contract: str | None = None


class Verdict(_Shape):
    """A screen's answer."""

    id: str
    verdict: Literal["pass", "label", "challenge", "hold", "refuse"]
    no_state: bool = False
    """Nothing could be looked at."""
    say: str
    rules: list[Rule]
    grounds: list[Ground]
    inputs: dict[str, Any]
    shadow: list[Any]
    policy: int | None
    at_us: int
    until_us: int
    challenge: str | None = None
    refusal_note: dict[str, str] | None = None
