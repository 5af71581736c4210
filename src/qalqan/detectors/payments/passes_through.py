"""An account receives money from strangers and passes it on to strangers within hours (REQ-39).

A drop keeps up to a tenth and sends the rest on, in cash or to accounts he is told. Innocent
money passes through accounts too, so this stays quiet on

- wages, benefits, loans, refunds, deposited cash and card takings: not received from a stranger;
- families, couriers, shops and their suppliers: the counterparty has been known for a week;
- busy tills: more payers a day than a drop has;
- money-changers: the float stays many times larger than what came in;
- people who spend their own: far more leaves than came in.

The window is the UTC day of the receipt; what leaves after midnight belongs to that day. An
account is judged by its own bank's books on days for which there are any, else by what other
banks report of it: a transfer that both report never counts twice. Each account and day gives
one finding, in the currency with the highest score. The score ranks; it is no probability. In
the first week of a lake everyone is a stranger yet: small shops show up that later don't.
"""

from dataclasses import dataclass

from ibis import Table, _, least

from qalqan.detectors import legs
from qalqan.detectors.base import detector

DAY_US = legs.DAY_US
HOUR_US = legs.HOUR_US


@dataclass(frozen=True)
class Params:
    """Thresholds and where each comes from."""

    received_by: tuple[str, ...] = ("transfer", "wallet", "crypto")
    """Instruments of a stranger's money; REQ-39: the victim transfers."""
    passed_by: tuple[str, ...] = ("transfer", "cash_out", "wallet", "crypto")
    """Ways out; REQ-39: cash, or transfer to banks, e-wallets, abroad, crypto."""
    within_us: int = 6 * HOUR_US
    """Judgement: the hours in which victims seldom have reported yet."""
    quick_us: int = HOUR_US
    """Judgement: what leaves within an hour raises the score."""
    min_passed_permille: int = 850
    """REQ-39: a drop keeps up to 10 %; judgement: up to 5 % more goes on fees and rounding."""
    max_passed_permille: int = 1_005
    """Judgement: rounding up may add half a percent; beyond it own money is leaving too."""
    min_received_minor: int = 2_000_000
    """Judgement: 20 000 ₸, below which no officer's look is worth while."""
    max_payers: int = 5
    """Judgement: a drop has few payers a day; more make a till or a money-changer."""
    known_after_us: int = 7 * DAY_US
    """Judgement: a counterparty of a week ago is no stranger; rings change drops sooner."""
    float_multiple: int = 5
    """Judgement: money-changers keep several times the day's receipts; drops' savings are less."""
    max_facts: int = 40
    """Payments named in the evidence, at most."""


@detector("payments.passes_through", reads={"payment": legs.READS}, params=Params(), shares=(legs,))
def passes_through(payments: Table, p: Params) -> Table:
    """Account and day whose strangers' money went on to strangers."""
    moves = _followed(_strangers_money(payments, p), p)
    days = _passing(_days(moves), p)
    found = legs.named(moves, days, ("account", "currency", "from_us"), p.max_facts)
    return legs.finding(legs.best(found, "account", "from_us"), DAY_US, (*EVIDENCE, "facts"))


EVIDENCE = (
    "currency", "received_minor", "passed_minor", "quick_minor", "cash_minor", "wallet_minor",
    "crypto_minor", "abroad_minor", "payers", "payees", "first_us", "last_us",
)  # fmt: skip


def _strangers_money(payments: Table, p: Params) -> Table:
    """Legs of the instruments that count, between accounts new to each other."""
    return legs.strangers(legs.of(payments, p.received_by, p.passed_by), p.known_after_us)


def _followed(moves: Table, p: Params) -> Table:
    """Receipts, and what left within hours of one; each belongs to the receipt's day."""
    moves = legs.after_receipts(moves, p.within_us)
    return moves.mutate(quick=_.at_us - _.came_us <= p.quick_us)


def _days(moves: Table) -> Table:
    """Sums of one account, currency and day."""
    out = ~_.inward
    return moves.group_by("account", "currency", "from_us").agg(
        received_minor=_.amount.sum(where=_.inward).fill_null(0),
        passed_minor=_.amount.sum(where=out).fill_null(0),
        quick_minor=_.amount.sum(where=out & _.quick).fill_null(0),
        cash_minor=_.amount.sum(where=_.way == "cash_out").fill_null(0),
        wallet_minor=_.amount.sum(where=_.way == "wallet").fill_null(0),
        crypto_minor=_.amount.sum(where=_.way == "crypto").fill_null(0),
        abroad_minor=_.amount.sum(where=_.way == "abroad").fill_null(0),
        payers=_.other.nunique(where=_.inward),
        payees=_.other.nunique(where=out),
        first_us=_.at_us.min(),
        last_us=_.at_us.max(),
        float_minor=_.balance.min().fill_null(0),
    )


def _passing(days: Table, p: Params) -> Table:
    """Days that pass on what they receive, scored by how much of it left and how fast."""
    received = _.received_minor.cast("decimal(38,0)")
    passed = _.passed_minor.cast("decimal(38,0)") * 1000
    share = least(_.received_minor, _.passed_minor).cast("float64") / _.received_minor
    speed = _.quick_minor.cast("float64") / _.passed_minor
    return days.filter(
        _.received_minor >= p.min_received_minor,
        _.payers <= p.max_payers,
        passed >= received * p.min_passed_permille,
        passed <= received * p.max_passed_permille,
        _.float_minor.cast("decimal(38,0)") < received * p.float_multiple,
    ).mutate(score=share * (0.5 + 0.5 * speed))
