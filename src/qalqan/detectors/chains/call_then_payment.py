"""A stranger talks with somebody at length, and at once he pays an account he never paid (REQ-28).

Callers who pass for a bank or the police keep their victim on the line until the money is on a
"safe account". The person is the possible victim. Quiet on

- calls from people he speaks with;
- payments to accounts he has paid before, and small ones;
- short talks, and payments later than an hour after the talk.

The window is the UTC day of the payment. The score is higher for calls from abroad or over the
internet, for long talks, and for what followed sooner; it ranks and is no probability.
"""

from dataclasses import dataclass

from ibis import Table, _

from qalqan.detectors import calls_seen as seen
from qalqan.detectors import held, strange_calls
from qalqan.detectors.base import detector
from qalqan.detectors.strange_calls import ABOUT, DAYS, NAMED


@dataclass(frozen=True)
class Params(strange_calls.Params):
    """Thresholds and where each comes from; those of the talk are `strange_calls`'."""

    instruments: tuple[str, ...] = ("transfer", "wallet", "crypto")
    """REQ-39: the victim transfers; shops are paid by card."""
    min_paid_minor: int = 2_000_000
    """Judgement: 20 000 ₸, below which no officer's look is worth while."""


PAYMENTS = (
    "id", "source", "at_us", "side", "payer_holder", "payee_account", "payee_holder", "amount",
    "currency", "instrument",
)  # fmt: skip
EVIDENCE = ("currency", "paid_minor", "payments", "payees", *ABOUT, "first_us", *NAMED)


@detector(
    "chains.call_then_payment",
    reads={
        "call": strange_calls.CALLS,
        "subscription": held.SUBSCRIPTIONS,
        "payment": PAYMENTS,
    },
    params=Params(),
    shares=(seen, strange_calls, held),
)
def call_then_payment(calls: Table, subscriptions: Table, payments: Table, p: Params) -> Table:
    """Person and day with a payment to a new account right after a stranger's call."""
    paid = _paid(payments, p)
    large = paid.filter(_.amount >= p.min_paid_minor)
    both = _to_new(strange_calls.then(calls, subscriptions, large, p), paid)
    each = both.select(*DAYS, "currency", "fact", "amount", "payee", "event_us").distinct()
    sums = strange_calls.by_currency(
        each, "paid_minor", payments=_.count(), payees=_.payee.nunique()
    )
    return strange_calls.findings(both, sums, EVIDENCE, p)


def _paid(payments: Table, p: Params) -> Table:
    """Payments by the payer's own bank's books, to others than himself."""
    told = payments.filter(
        _.side != "payee",
        _.payer_holder.notnull(),
        _.payee_account.notnull(),
        _.at_us.notnull(),
        _.amount > 0,
        _.currency.notnull(),
        (_.payer_holder != _.payee_holder).fill_null(True),
    )
    return told.filter(_.instrument.isin(p.instruments)).select(
        "amount",
        "currency",
        person="payer_holder",
        payee="payee_account",
        event_us="at_us",
        fact=_.source + ":" + _.id,
    )


def _to_new(both: Table, paid: Table) -> Table:
    """Those of the payments that are the first to their account."""
    keys = ("person", "payee")
    earlier = paid.semi_join(both, keys).group_by(*keys).agg(began_us=_.event_us.min())
    return both.inner_join(earlier, keys).filter(_.event_us == _.began_us).drop("began_us")
