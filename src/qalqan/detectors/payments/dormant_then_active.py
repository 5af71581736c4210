"""An account that has rested for a month takes strangers' money and passes it on (REQ-65).

Owners rent unused cabinets and accounts out, and drops sell cards that they had for nothing
else. Quiet on

- who comes back to an account and uses it as before: wages, known counterparties, own money;
- inheritances, sales and gifts: they are not passed on within days;
- accounts first seen now: nobody knows whether they rested. A lake has to be older than the rest.

The window begins on the UTC day of the waking and lasts three days. The score is the share
passed on, and half of it after the shortest rest; it ranks and is no probability.
"""

from dataclasses import dataclass

import ibis
from ibis import Table, _, least

from qalqan.detectors import legs
from qalqan.detectors.base import detector


@dataclass(frozen=True)
class Params:
    """Thresholds and where each comes from."""

    received_by: tuple[str, ...] = ("transfer", "wallet", "crypto")
    """Instruments of a stranger's money; REQ-39: the victim transfers."""
    passed_by: tuple[str, ...] = ("transfer", "cash_out", "wallet", "crypto")
    """Ways out; REQ-39: cash, or transfer to banks, e-wallets, abroad, crypto."""
    rest_days: int = 30
    """Judgement: a month without wage, purchase or transfer; the bank's own fees do not count."""
    long_rest_days: int = 180
    """Judgement: half a year is a full score; banks close or re-check accounts after a year."""
    active_days: int = 3
    """Judgement: rings use a bought account up within days."""
    min_received_minor: int = 2_000_000
    """Judgement: 20 000 ₸, below which no officer's look is worth while."""
    min_passed_permille: int = 500
    """Judgement: half; REQ-39: a drop keeps a tenth, and what waits has not left yet."""
    known_after_us: int = 7 * legs.DAY_US
    """Judgement: a counterparty of a week ago is no stranger; rings change drops sooner."""
    bank_s_own: tuple[str, ...] = ("fee", "return")
    """Judgement: what a bank books by itself wakes nobody."""


EVIDENCE = (
    "currency", "rest_span_us", "received_minor", "passed_minor", "payers", "before_us",
    "woke_us", "last_us",
)  # fmt: skip


@detector(
    "payments.dormant_then_active",
    reads={"payment": legs.READS},
    params=Params(),
    shares=(legs,),
)
def dormant_then_active(payments: Table, p: Params) -> Table:
    """Account and day on which it woke and began to pass strangers' money on."""
    moves = legs.met(legs.of(payments, p.received_by, p.passed_by))
    moves = moves.filter(~_.instrument.isin(p.bank_s_own))
    found = _passing(_days(moves, _woken(moves, p), p), p)
    span = p.active_days * legs.DAY_US
    return legs.finding(legs.best(found, "account", "from_us"), span, EVIDENCE)


def _woken(moves: Table, p: Params) -> Table:
    """Account and day of its first movement after a rest."""
    days = moves.group_by("account", from_us=_.day_us).agg(
        woke_us=_.at_us.min(), slept_us=_.at_us.max()
    )
    before = _.slept_us.lag().over(ibis.window(group_by="account", order_by="from_us"))
    rests = days.mutate(before_us=before).filter(_.before_us.notnull())
    woken = rests.filter(_.woke_us - _.before_us >= p.rest_days * legs.DAY_US)
    return woken.select("account", "from_us", "woke_us", "before_us")


def _days(moves: Table, woken: Table, p: Params) -> Table:
    """What strangers brought and what went on in the days after each waking."""
    known = _.other.notnull() & (_.at_us - _.met >= p.known_after_us)
    moves = moves.filter(_.counts & ~known)
    joined = moves.inner_join(woken, "account").filter(
        _.day_us >= _.from_us, _.day_us < _.from_us + p.active_days * legs.DAY_US
    )
    return joined.group_by("account", "currency", "from_us").agg(
        received_minor=_.amount.sum(where=_.inward).fill_null(0),
        passed_minor=_.amount.sum(where=~_.inward).fill_null(0),
        payers=_.other.nunique(where=_.inward),
        rest_span_us=(_.woke_us - _.before_us).max(),
        before_us=_.before_us.max(),
        woke_us=_.woke_us.max(),
        last_us=_.at_us.max(),
    )


def _passing(days: Table, p: Params) -> Table:
    """Wakings that pass on what they receive."""
    rest = _.rest_span_us.cast("float64") / (p.long_rest_days * legs.DAY_US)
    return days.filter(
        _.received_minor >= p.min_received_minor,
        legs.at_least(_.passed_minor, _.received_minor, p.min_passed_permille),
    ).mutate(score=legs.share(_.passed_minor, _.received_minor) * (0.5 + 0.5 * least(1.0, rest)))
