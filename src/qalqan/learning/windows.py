"""Causal features of each payment: what both of its accounts had done by then (REQ-39, 91).

One Ibis expression, the same on DuckDB and on Spark. A payment sees the facts up to and including
its own instant, in whatever order they came, and nothing later: later facts change no row. Where
facts have no hour, an instant is a day, and so is what a payment sees.

Each transfer counts once, also if two banks tell it: of facts that agree on accounts, sum and day,
a payer's and a payee's are paired off in the order of time, and the earlier one stays. Each
currency is a world by itself.
"""

from __future__ import annotations

import math
from functools import reduce

import ibis
from ibis import Table, Value, _, ifelse, literal

from qalqan.clock import DAY

READS = (
    "id", "source", "at_us", "side", "payer_account", "payee_account", "amount", "currency",
    "instrument", "payee_country",
)  # fmt: skip
"""Columns of payments that features may see: no names, no texts, no balances."""
KEYS = ("id", "source", "at_us", "payer_account", "payee_account", "amount", "currency")
"""What names a row of features."""
DAYS = (1, 3, 7, 30)
LOOKBACK_DAYS = max(DAYS)
"""How far back windows and graph patterns look."""
EXITS = ("cash_out", "crypto", "wallet")
"""Instruments by which money leaves the banks."""

_CUT = 1 / math.pi
_ACCOUNT = ("account", "currency")
_PAIR = ("payer_account", "payee_account", "currency")


def window_features(payments: Table) -> Table:
    """A row a transfer between two accounts: `KEYS` and its features, as floats.

    Sums are minor units, spans days; null where there is nothing to tell (no earlier receipt).
    """
    told = transfers(payments)
    state = _state(_legs(told))
    paying = _of_role(state.filter(~_.inward), "payer")
    receiving = _of_role(state.filter(_.inward), "payee")
    pairs = _pairs(told.filter(_.payer_account.notnull(), _.payee_account.notnull()))
    joined = pairs.inner_join(paying, ["source", "id"]).inner_join(receiving, ["source", "id"])
    names = [name for name in joined.columns if name not in (*KEYS, *_DROPPED)]
    return joined.select(*KEYS, **{name: joined[name].cast("float64") for name in names})


_DROPPED = ("instrument", "payee_country")


def between_accounts(payments: Table) -> Table:
    """`KEYS` of the transfers that have a row of features."""
    return transfers(payments).drop_null(["payer_account", "payee_account"]).select(*KEYS)


def transfers(payments: Table) -> Table:
    """Facts that move money of an account, each transfer once."""
    sound = payments.select(*READS).filter(
        _.amount > 0,
        _.at_us.notnull(),
        (_.payer_account != _.payee_account).fill_null(True),
        _.payer_account.notnull() | _.payee_account.notnull(),
    )
    same = ["payer_account", "payee_account", "amount", "currency", "day", "whole"]
    order = ["at_us", "side", "source", "id"]
    days = sound.mutate(day=_.at_us - _.at_us % DAY, whole=_.side == "both")
    nth = ibis.row_number().over(group_by=[*same, "side"], order_by=order)
    numbered = days.mutate(nth=nth)
    place = ibis.row_number().over(group_by=[*same, "nth"], order_by=order)
    first = numbered.mutate(place=place).filter((_.place == 0) | _.whole)
    return first.drop("day", "whole", "nth", "place", "side")


def _pairs(told: Table) -> Table:
    """What the two accounts had had to do with each other."""
    month = ibis.window(group_by=_PAIR, order_by="at_us", range=(1 - LOOKBACK_DAYS * DAY, 0))
    before = ibis.window(group_by=_PAIR, order_by="at_us", range=(None, -1))
    return told.mutate(
        pair_count_30d=_.amount.count().over(month),
        pair_sum_30d=_money(_.amount).sum().over(month),
        pair_first=_.at_us.max().over(before).isnull().cast("int8"),
        pair_since=_days(_.at_us - _.at_us.max().over(before)),
    )


def _legs(told: Table) -> Table:
    """Every transfer once from each account's view: money in, money out."""
    shared = {name: told[name] for name in ("id", "source", "at_us", "amount", "currency")}
    out = told.select(
        **shared,
        account=_.payer_account,
        inward=literal(False),
        leaves=_.instrument.isin(EXITS) | (_.payee_country != "KZ").fill_null(False),
    )
    into = told.select(
        **shared, account=_.payee_account, inward=literal(True), leaves=literal(False)
    )
    return out.union(into).filter(_.account.notnull())


def _state(legs: Table) -> Table:
    """Each leg with all that its account had done by then."""
    given = reduce(_with_window, DAYS, legs)
    before = ibis.window(group_by=_ACCOUNT, order_by="at_us", range=(None, -1))
    ever = ibis.window(group_by=_ACCOUNT, order_by="at_us", range=(None, 0))
    alike = ibis.window(
        group_by=[*_ACCOUNT, "amount"], order_by="at_us", range=(1 - LOOKBACK_DAYS * DAY, 0)
    )
    return given.mutate(
        since_in=_days(_.at_us - _.at_us.max(where=_.inward).over(before)),
        since_out=_days(_.at_us - _.at_us.max(where=~_.inward).over(before)),
        age=_days(_.at_us - _.at_us.min().over(ever)),
        same_in_30d=_.amount.count(where=_.inward).over(alike),
        same_out_30d=_.amount.count(where=~_.inward).over(alike),
    )


def _with_window(legs: Table, days: int) -> Table:
    """The sums of one window beside what is there."""
    window = ibis.window(group_by=_ACCOUNT, order_by="at_us", range=(1 - days * DAY, 0))
    amount = _money(legs.amount)
    ways = {"in": legs.inward, "out": ~legs.inward}
    found: dict[str, Value] = {}
    for way, counts in ways.items():
        found[f"{way}_count_{days}d"] = legs.amount.count(where=counts).over(window)
        found[f"{way}_sum_{days}d"] = amount.sum(where=counts).over(window).fill_null(0.0)
        if days >= 7:
            found[f"{way}_max_{days}d"] = amount.max(where=counts).over(window)
            spread = amount.std(where=counts, how="pop").over(window)
            # Its last bits depend on the order of rows; whole units don't, if cut where no
            # spread can lie: two sums of an odd difference have one of exactly a half.
            found[f"{way}_spread_{days}d"] = (spread + _CUT).floor()
    found[f"exit_sum_{days}d"] = amount.sum(where=legs.leaves).over(window).fill_null(0.0)
    return legs.mutate(**found)


def _of_role(state: Table, role: str) -> Table:
    """The state under the role's name, with the proportions that no tree can divide."""
    amount = _money(state.amount)
    shares = {
        f"passed_{days}d": state[f"out_sum_{days}d"] / _some(state[f"in_sum_{days}d"])
        for days in DAYS
    }
    way = "out" if role == "payer" else "in"
    for days in (7, 30):
        usual = state[f"{way}_sum_{days}d"] / _some(state[f"{way}_count_{days}d"])
        shares[f"of_usual_{days}d"] = amount / _some(usual)
        shares[f"of_in_{days}d"] = amount / _some(state[f"in_sum_{days}d"])
    whole = state.mutate(**shares)
    names = [name for name in whole.columns if name not in _LEG]
    return whole.select("source", "id", **{f"{role}_{name}": whole[name] for name in names})


_LEG = ("id", "source", "at_us", "amount", "currency", "account", "inward", "leaves")


def _money(amount: Value) -> Value:
    return amount.cast("float64")


def _days(span_us: Value) -> Value:
    return span_us.cast("float64") / DAY


def _some(value: Value) -> Value:
    """Null for nothing: both engines divide by it in their own way."""
    return ifelse(value > 0, value, ibis.null())
