"""A firm's or sole trader's account takes private people's transfers and passes them on, and
nothing shows a trade (REQ-91).

Accounts of legal entities carry the same risk as drops, with higher limits. Who is a firm or a
sole trader is known from SIM registrations, which tell the kind of their holder. Quiet on

- shops and services: card takings, wages paid, suppliers and landlords paid for longer than a week;
- money-changers and tills: more payers a day than a drop has, a float many times larger, or the
  same on most days of the weeks before;
- firms paid by firms: their payers are no private people.

The window is the UTC day of the receipt; what leaves within a day belongs to it. The score is the
share passed on, less the share of trade; it ranks and is no probability.
"""

from dataclasses import dataclass

from ibis import Table, _

from qalqan.detectors import legs
from qalqan.detectors.base import detector


@dataclass(frozen=True)
class Params:
    """Thresholds and where each comes from."""

    holder_kinds: tuple[str, ...] = ("sole_trader", "company")
    """REQ-91: legal entities and sole traders."""
    received_by: tuple[str, ...] = ("transfer", "wallet", "crypto")
    """Instruments of a stranger's money; REQ-39: the victim transfers."""
    passed_by: tuple[str, ...] = ("transfer", "cash_out", "wallet", "crypto")
    """Ways out; REQ-39: cash, or transfer to banks, e-wallets, abroad, crypto."""
    trade_in: tuple[str, ...] = ("card", "loan")
    """Judgement: card takings and a bank's credit belong to a business that works."""
    trade_out: tuple[str, ...] = ("salary", "refund")
    """Judgement: wages and refunds belong to a business that works."""
    trade_us: int = 30 * legs.DAY_US
    """Judgement: wages and rent are paid once a month."""
    max_trade_permille: int = 250
    """Judgement: a front may sell a little; a quarter of the receipts is a business."""
    within_us: int = legs.DAY_US
    """Judgement: a firm's account has higher limits and no hurry; still within the day."""
    min_passed_permille: int = 600
    """Judgement: most of it; REQ-39: a drop keeps a tenth, and what waits has not left yet."""
    max_passed_permille: int = 1_005
    """Judgement: rounding up may add half a percent; beyond it own money is leaving too."""
    min_received_minor: int = 2_000_000
    """Judgement: 20 000 ₸, below which no officer's look is worth while."""
    max_payers: int = 5
    """Judgement: a drop has few payers a day; more make a till or a money-changer."""
    float_multiple: int = 5
    """Judgement: money-changers keep several times the day's receipts."""
    max_days_before: int = 4
    """Judgement: who takes strangers' money on more days of a month does so as a business, which
    is the licensing body's question; in a lake younger than two weeks nobody knows."""
    settled_us: int = 14 * legs.DAY_US
    """Judgement: after two weeks of facts, new is new to the account and not to the lake."""
    known_after_us: int = 7 * legs.DAY_US
    """Judgement: a counterparty of a week ago is no stranger; rings change drops sooner."""


SUBSCRIPTIONS = ("holder", "holder_kind")
EVIDENCE = (
    "currency", "received_minor", "passed_minor", "trade_minor", "payers", "payees", "first_us",
    "last_us",
)  # fmt: skip
KEYS = ("account", "currency", "from_us")


@detector(
    "chains.business_takes_strangers_money",
    reads={"payment": legs.READS, "subscription": SUBSCRIPTIONS},
    params=Params(),
    shares=(legs,),
)
def business_takes_strangers_money(payments: Table, subscriptions: Table, p: Params) -> Table:
    """Account of a business and day whose private strangers' money went on."""
    firms = subscriptions.filter(_.holder_kind.isin(p.holder_kinds)).select("holder").distinct()
    moves = legs.met(legs.of(payments, p.received_by, p.passed_by, _accounts(payments, firms)))
    known = _.other.notnull() & (_.at_us - _.met >= p.known_after_us)
    moves = moves.mutate(strange=_.counts & ~known)
    private = moves.filter(_.strange).anti_join(
        firms.select(other_holder="holder", inward=True), ["other_holder", "inward"]
    )
    days = _days(legs.after_receipts(private, p.within_us), p)
    days = _unusual(days, private, payments, p)
    found = _scored(days, moves, p)
    return legs.finding(legs.best(found, "account", "from_us"), legs.DAY_US, EVIDENCE)


def _accounts(payments: Table, firms: Table) -> Table:
    """Accounts that some payment says a firm holds."""
    paid = payments.select(account="payee_account", holder="payee_holder")
    pays = payments.select(account="payer_account", holder="payer_holder")
    held = paid.union(pays).filter(_.account.notnull())
    return held.semi_join(firms, "holder").select("account").distinct()


def _days(moves: Table, p: Params) -> Table:
    """Days that pass on what private strangers paid."""
    days = moves.group_by(*KEYS).agg(
        received_minor=_.amount.sum(where=_.inward).fill_null(0),
        passed_minor=_.amount.sum(where=~_.inward).fill_null(0),
        payers=_.other.nunique(where=_.inward),
        payees=_.other.nunique(where=~_.inward),
        first_us=_.at_us.min(),
        last_us=_.at_us.max(),
        float_minor=_.balance.min().fill_null(0),
    )
    received = _.received_minor.cast("decimal(38,0)")
    return days.filter(
        _.received_minor >= p.min_received_minor,
        _.payers <= p.max_payers,
        legs.at_least(_.passed_minor, _.received_minor, p.min_passed_permille),
        ~legs.at_least(_.passed_minor, _.received_minor, p.max_passed_permille + 1),
        _.float_minor.cast("decimal(38,0)") < received * p.float_multiple,
    )


def _unusual(days: Table, private: Table, payments: Table, p: Params) -> Table:
    """Days of accounts that had hardly any such receipts in the weeks before."""
    receipts = private.filter(_.inward).select("account", earlier_us="day_us").distinct()
    near = (
        days.select(*KEYS)
        .inner_join(receipts, "account")
        .filter(_.earlier_us < _.from_us, _.earlier_us >= _.from_us - p.trade_us)
    )
    usual = near.group_by(*KEYS).agg(n=_.earlier_us.nunique()).filter(_.n > p.max_days_before)
    begun = payments.filter(_.amount > 0).agg(begun_us=_.at_us.min())
    settled = days.cross_join(begun).filter(_.from_us - _.begun_us >= p.settled_us)
    return settled.drop("begun_us").anti_join(usual, KEYS)


def _scored(days: Table, moves: Table, p: Params) -> Table:
    """Those days whose account shows hardly any trade in the weeks around."""
    trade = moves.filter(
        (_.inward & _.instrument.isin(p.trade_in))
        | (~_.inward & _.instrument.isin(p.trade_out))
        | (~_.inward & _.counts & ~_.strange)
    ).select("account", "currency", traded="amount", traded_us="at_us")
    near = (
        days.select(*KEYS)
        .inner_join(trade, ["account", "currency"])
        .filter(_.traded_us >= _.from_us - p.trade_us, _.traded_us < _.from_us + legs.DAY_US)
    )
    sums = near.group_by(*KEYS).agg(traded=_.traded.sum())
    told = days.left_join(sums, list(KEYS)).select(*days.columns, trade_minor=_.traded.fill_null(0))
    kept = told.filter(~legs.at_least(_.trade_minor, _.received_minor, p.max_trade_permille))
    quiet = 1 - legs.share(_.trade_minor, _.received_minor)
    return kept.mutate(score=legs.share(_.passed_minor, _.received_minor) * quiet)
