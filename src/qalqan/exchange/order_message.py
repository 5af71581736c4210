"""Orders and answers on the wire: what a signed order says and what a partner may answer.

An order travels as a compact JWS whose payload is an `OrderMessage`; the answer comes back as
plain JSON from the authenticated partner (REQ-19, 44). Sums are integer minor units, times UTC
microseconds, accounts clear (IBAN, or `BANKCODE:LOCALID`): they go to their own bank alone.
"""

from __future__ import annotations

import hashlib
import json
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt

from qalqan.model.money import MAX_MINOR
from qalqan.model.order import Asked, Kind, Outcome, SubjectKind

Sum = Annotated[StrictInt, Field(ge=0, le=MAX_MINOR)]
"""Minor units; zero says "nothing"."""
Balance = Annotated[StrictInt, Field(ge=-MAX_MINOR, le=MAX_MINOR)]
"""Minor units; an account may be overdrawn."""
Us = Annotated[StrictInt, Field(ge=0, lt=2**62)]
"""UTC microseconds; the intake decides whether the year is believable."""
Short = Annotated[str, Field(max_length=100)]
Currency = Annotated[str, Field(pattern=r"^[A-Z]{3}$")]


class _Wire(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class OrderMessage(_Wire):
    """Payload of the signed order.

    confirm: did `account` pay `amount` (to `beneficiary`, if named) between `from_us` and
    `to_us`? statement: everything on `account` from `from_us` to `to_us` (null: up to the
    moment you answer). hold: keep `amount` of `account` from leaving until `expires_us`; the
    rest of the account, salaries and benefits stay payable; `reply_to` names the hold that
    this one prolongs. release and return: `amount` out of the hold `reply_to`, a return pays
    it to `beneficiary`. A bank that gets a hold and a statement for one account places the
    hold first. block: keep `subject` from working until `expires_us`, and nothing else; unblock:
    undo the block or takedown `reply_to`. takedown: remove `subject`, and keep a copy. data:
    tell what `asked` names about `subject` or `account` (of a call to the number `subject`, whose
    moment the reason tells, `origin` asks from whom it came); preservation: keep it unchanged until
    `expires_us`. Receivers pass over fields they do not know: new ones may come.
    """

    order: Short
    case: Short
    kind: Kind
    partner: Short
    account: Short | None = None
    amount: Sum | None = None
    currency: Currency | None = None
    from_us: Us | None = None
    to_us: Us | None = None
    beneficiary: Short | None = None
    provisional: bool = False
    ground: Short
    reason: dict[str, str] = Field(default_factory=dict)
    """The sentence that says why, in kk, ru and en."""
    due_us: Us | None = None
    expires_us: Us | None = None
    issued_us: Us
    reply_to: Short | None = None
    subject: Annotated[str, Field(max_length=1000)] | None = None
    """A phone in E.164, a host in A-labels, or a link."""
    subject_kind: SubjectKind | None = None
    asked: Annotated[list[Asked], Field(max_length=len(Asked))] | None = None
    """Which data a request or preservation names."""


class PaymentLine(_Wire):
    """A payment as the bank books it: the raw columns of the fact `payment`, IBANs clear."""

    id: Annotated[str, Field(min_length=1, max_length=100)]
    at_us: Us
    side: Annotated[str, Field(pattern="^(payer|payee|both)$")]
    payer_account: Short | None = None
    payer_bank: Short | None = None
    payee_account: Short | None = None
    payee_bank: Short | None = None
    amount: Annotated[StrictInt, Field(gt=0, le=MAX_MINOR)]
    currency: Currency
    instrument: Short = "transfer"
    uetr: Short | None = None
    end_to_end_id: Short | None = None
    payee_country: Annotated[str, Field(pattern="^[A-Z]{2}$")] | None = None
    payer_holder: Short | None = None
    payee_holder: Short | None = None
    purpose: Annotated[str, Field(max_length=1000)] | None = None
    balance: Balance | None = None
    """The reporting account's balance after the payment, minor units."""


class StatementBody(_Wire):
    """Everything that happened on one account in a period, with its lines.

    `from_us` and `to_us` say what the lines cover, both ends included; `opening` + ins − outs
    = `closing`, or the statement is not believed to be complete.
    """

    id: Annotated[str, Field(min_length=1, max_length=100)]
    account: Short
    currency: Currency = "KZT"
    from_us: Us
    to_us: Us
    opening: Balance | None = None
    closing: Balance | None = None
    complete: StrictBool = True
    lines: Annotated[list[PaymentLine], Field(max_length=100_000)] = Field(default_factory=list)


class Answer(_Wire):
    """What a partner answers to one order.

    `amount` is what is held, released or returned now; for `confirmed` the `payment` line says
    it all. `forwarded` lines tell where money that is `gone` or `partial` went: facts too.
    A `returned` answer carries the bank's own line of the payment back as `payment`. Asked for
    the `origin` of calls, `done` names in `peer` who handed them over, by the provider's code or
    name, or the one asked where they began in its own network; `not_found` says that it keeps no
    logs of them.
    """

    order: Short
    outcome: Outcome
    amount: Sum | None = None
    currency: Currency | None = None
    at_us: Us | None = None
    until_us: Us | None = None
    """Until when the bank keeps the hold, if it says so."""
    reference: Short | None = None
    reason: Annotated[str, Field(max_length=400)] | None = None
    peer: Annotated[str, Field(min_length=1, max_length=60)] | None = None
    """Who handed the calls over."""
    payment: PaymentLine | None = None
    statement: StatementBody | None = None
    forwarded: Annotated[list[PaymentLine], Field(max_length=10_000)] = Field(default_factory=list)


def digest(answer: Answer) -> str:
    """A hash of what the answer says (32 hex digits): equal answers have equal digests."""
    body: dict[str, Any] = answer.model_dump(mode="json", exclude_none=True)
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]
