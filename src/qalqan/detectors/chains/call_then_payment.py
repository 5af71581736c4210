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

import ibis
from ibis import Table, _

from qalqan.detectors import calls_seen as seen
from qalqan.detectors import strange_calls
from qalqan.detectors.base import detector


@dataclass(frozen=True)
class Params:
    """Thresholds and where each comes from."""

    within_us: int = seen.HOUR_US
    """REQ-28; Judgement: later he has thought it over, or it is something else."""
    min_talk_s: int = 120
    """Judgement: nobody is talked into paying a stranger in less than two minutes."""
    full_talk_us: int = 30 * seen.MINUTE_US
    """Judgement: nobody talks with a courier for half an hour."""
    known_after_us: int = seen.DAY_US
    """Judgement: callers ring several times on a day; from the day before on they are known."""
    instruments: tuple[str, ...] = ("transfer", "wallet", "crypto")
    """REQ-39: the victim transfers; shops are paid by card."""
    min_paid_minor: int = 2_000_000
    """Judgement: 20 000 ₸, below which no officer's look is worth while."""
    max_named: int = 40
    """Calls, callers and payments named in the evidence, at most."""


PAYMENTS = (
    "id", "source", "at_us", "side", "payer_holder", "payee_account", "payee_holder", "amount",
    "currency", "instrument",
)  # fmt: skip
EVIDENCE = (
    "currency", "paid_minor", "payments", "payees", "calls", "abroad", "voip", "talk_span_us",
    "least_span_us", "call_us", "first_us", "callers", "facts",
)  # fmt: skip
DAYS = ("person", "from_us")


@detector(
    "chains.call_then_payment",
    reads={
        "call": strange_calls.CALLS,
        "subscription": strange_calls.SUBSCRIPTIONS,
        "payment": PAYMENTS,
    },
    params=Params(),
    shares=(seen, strange_calls),
)
def call_then_payment(calls: Table, subscriptions: Table, payments: Table, p: Params) -> Table:
    """Person and day with a payment to a new account right after a stranger's call."""
    paid = _paid(payments, p)
    heard = strange_calls.talks(calls, subscriptions, p.min_talk_s)
    near = strange_calls.followed(heard, paid.filter(_.amount >= p.min_paid_minor), p.within_us)
    both = strange_calls.with_strangers(_to_new(near, paid), calls, p.known_after_us)
    each = both.select(*DAYS, "currency", "fact", "amount", "payee", "event_us").distinct()
    sums = each.group_by(*DAYS, "currency").agg(
        paid_minor=_.amount.sum(),
        payments=_.count(),
        payees=_.payee.nunique(),
        first_us=_.event_us.min(),
    )
    most = ibis.row_number().over(group_by=list(DAYS), order_by=[_.paid_minor.desc(), _.currency])
    top = sums.mutate(place=most).filter(_.place == 0)
    found = top.inner_join(strange_calls.about(both, p.max_named), DAYS)
    scored = found.mutate(score=strange_calls.score(found, p.full_talk_us))
    return seen.finding(scored, "person", "person", seen.DAY_US, EVIDENCE)


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


def _to_new(near: Table, paid: Table) -> Table:
    """Those of the payments that are the first to their account."""
    keys = ("person", "payee")
    earlier = paid.semi_join(near, keys).group_by(*keys).agg(began_us=_.event_us.min())
    return near.inner_join(earlier, keys).filter(_.event_us == _.began_us).drop("began_us")
