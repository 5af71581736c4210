"""What is asked of the screens: one payment about to be made, one loan about to be granted.

People's values are tokens here already; times are UTC microseconds, sums minor units.
"""

from __future__ import annotations

from typing import NamedTuple

HOME = "KZ"
"""A payee whose country nobody tells is at home."""


class PaymentAsked(NamedTuple):
    """One payment, and what its bank knows of the session in which it is made."""

    source: str
    """Code of the partner who asks; with `id` the identity of the question."""
    id: str
    """The bank's number of the payment, the same under which it is told as a fact later."""
    at_us: int
    payer_account: str
    payee_account: str | None
    amount: int
    currency: str
    instrument: str = "transfer"
    abroad: bool = False
    balance: int | None = None
    payer_holder: str | None = None
    payee_holder: str | None = None
    payer_phone: str | None = None
    device: str | None = None
    remote_access: bool | None = None
    """Remote control runs on the device now; None: the bank can't tell."""
    on_call: bool | None = None
    """The payer is on the telephone now."""


class LoanAsked(NamedTuple):
    """One application, and what its lender knows of the session in which it is made."""

    source: str
    id: str
    at_us: int
    applicant: str
    amount: int
    currency: str
    payout_account: str | None = None
    payout_holder: str | None = None
    device: str | None = None
    remote_access: bool | None = None
    refusal_registered: bool = False
    """The borrower has refused credit voluntarily, by the credit bureau's answer to the lender."""


Asked = PaymentAsked | LoanAsked
