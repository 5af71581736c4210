"""Bodies of the screens' questions: read, checked, and turned into tokens at once (REQ-44, 66).

The fields are those of the fact that will tell the same payment or loan, so that a bank fills
both from one place; the session is what the bank sees of its customer at this moment.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt

from qalqan import clock
from qalqan.cases.codes import FIRST_US
from qalqan.clock import DAY
from qalqan.errors import InputRejected, NotAllowed
from qalqan.lake.personal import countries
from qalqan.model.identifiers import KINDS
from qalqan.model.money import MAX_MINOR, MINOR_DIGITS
from qalqan.screening.asked import HOME, LoanAsked, PaymentAsked
from qalqan.trust.keys import Keys
from qalqan.trust.tokens import token_list
from qalqan.web.callers import Caller

ASKS = frozenset({"bank", "wallet"})
"""Kinds of partner that may ask: whoever pays or lends for a customer of his own."""

Text = Annotated[str, Field(min_length=1, max_length=100)]
Sum = Annotated[StrictInt, Field(ge=1, le=MAX_MINOR)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SessionNow(_Body):
    """What the bank sees of its customer's session; what it does not see it leaves out."""

    device: Text | None = None
    remote_access: StrictBool | None = None
    on_call: StrictBool | None = None
    phone: Text | None = None


class PaymentQuestion(_Body):
    """One payment that is about to be made."""

    id: Text
    at_us: StrictInt
    payer_account: Text
    payee_account: Text | None = None
    amount: Sum
    currency: Text
    instrument: Literal[
        "transfer", "card", "cash_out", "fee", "crypto", "wallet", "salary", "benefit", "refund",
    ] = "transfer"  # fmt: skip
    payee_country: Text | None = None
    payer_holder: Text | None = None
    payee_holder: Text | None = None
    balance_before: Annotated[StrictInt, Field(ge=-MAX_MINOR, le=MAX_MINOR)] | None = None
    session: SessionNow = SessionNow()


class LoanQuestion(_Body):
    """One loan that is about to be granted."""

    id: Text
    at_us: StrictInt
    applicant: Text
    amount: Sum
    currency: Text
    payout_account: Text | None = None
    payout_holder: Text | None = None
    refusal_registered: StrictBool = False
    session: SessionNow = SessionNow()


def check_may_ask(caller: Caller) -> None:
    """Raise `NotAllowed` for a partner that neither pays nor lends."""
    if caller.kind not in ASKS:
        raise NotAllowed("screen", "a bank or an e-wallet")


def payment_asked(given: PaymentQuestion, caller: Caller, keys: Keys) -> PaymentAsked:
    """The question in tokens.

    Raises:
        InputRejected: a value that can't be taken, or another bank's account.
    """
    _check_time(given.at_us)
    currency = _currency(given.currency)
    payer: Any = KINDS["account"](given.payer_account, field="payer_account")
    if payer.bank_code is not None and payer.bank_code != caller.bank_code:
        raise InputRejected("payer_account", given.payer_account, "bank.own")
    payee = _read("account", given.payee_account, "payee_account")
    if payee is None and given.instrument != "cash_out":
        raise InputRejected("payee_account", None, "screen.payee")
    accounts = token_list(keys, "account", [payer.text, *([payee.text] if payee else [])])
    return PaymentAsked(
        source=caller.code,
        id=given.id,
        at_us=given.at_us,
        payer_account=accounts[0],
        payee_account=accounts[1] if payee else None,
        amount=given.amount,
        currency=currency,
        instrument=given.instrument,
        abroad=_country(given.payee_country, payee) != HOME,
        balance=given.balance_before,
        payer_holder=_token(keys, "person", given.payer_holder, "payer_holder"),
        payee_holder=_token(keys, "person", given.payee_holder, "payee_holder"),
        payer_phone=_token(keys, "phone", given.session.phone, "session.phone"),
        device=given.session.device,
        remote_access=given.session.remote_access,
        on_call=given.session.on_call,
    )


def loan_asked(given: LoanQuestion, caller: Caller, keys: Keys) -> LoanAsked:
    """The question in tokens.

    Raises:
        InputRejected: a value that can't be taken.
    """
    _check_time(given.at_us)
    applicant = _token(keys, "person", given.applicant, "applicant")
    assert applicant is not None
    return LoanAsked(
        source=caller.code,
        id=given.id,
        at_us=given.at_us,
        applicant=applicant,
        amount=given.amount,
        currency=_currency(given.currency),
        payout_account=_token(keys, "account", given.payout_account, "payout_account"),
        payout_holder=_token(keys, "person", given.payout_holder, "payout_holder"),
        device=given.session.device,
        remote_access=given.session.remote_access,
        refusal_registered=given.refusal_registered,
    )


def _check_time(at_us: int) -> None:
    if not FIRST_US <= at_us <= clock.now_us() + DAY:
        raise InputRejected("at_us", at_us, "time.range")


def _currency(given: str) -> str:
    if given not in MINOR_DIGITS:
        raise InputRejected("currency", given, "currency.code")
    return given


def _country(given: str | None, payee: Any) -> str:
    """An IBAN tells its country; else what was given; else home."""
    if given is not None and given not in countries():
        raise InputRejected("payee_country", given, "country.code")
    return given or (payee.country if payee is not None else None) or HOME


def _read(kind: str, value: str | None, field: str) -> Any:
    return None if value is None else KINDS[kind](value, field=field)


def _token(keys: Keys, kind: str, value: str | None, field: str) -> str | None:
    read = _read(kind, value, field)
    return None if read is None else token_list(keys, kind, [read.text])[0]
