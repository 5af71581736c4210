"""Where an account stands in the flow: it gathers from several that pass money on (REQ-92, 42).

Organisers take the main share and drops a percentage, so what counts is not how many payments an
account makes but its place: how deep it lies under others that pass strangers' money on, what
part of their money it gets, and whether from there it leaves for cash, crypto or abroad instead of
going on to the next. An account that passes money on is one of which `payments.passes_through`
speaks. Quiet on

- who is paid by one of them, right below the victims: a drop's landlord or friend;
- shops, billers and money-changers: many accounts pay to them that pass nothing on.

The window is the 30 days (counted from 1970) of what it gathered. The score ranks by place: a
third each for depth (averaged over the money), the part of the payers' money of those days, and
the part that left from here; it is no probability.
"""

from dataclasses import dataclass

import ibis
from ibis import Table, _, least, literal

from qalqan.detectors import legs
from qalqan.detectors.base import detector
from qalqan.detectors.payments import passes_through as below

MONTH_US = 30 * legs.DAY_US


@dataclass(frozen=True)
class Params:
    """Thresholds and where each comes from."""

    by: tuple[str, ...] = ("transfer", "wallet")
    """REQ-39: transfers to banks and electronic accounts."""
    out_by: tuple[str, ...] = ("transfer", "cash_out", "wallet", "crypto")
    """REQ-39: cash, or transfer to banks, e-wallets, abroad, crypto."""
    exits: tuple[str, ...] = ("cash_out", "crypto", "abroad")
    """REQ-39: where the trail is lost."""
    within_us: int = 2 * legs.DAY_US
    """Judgement: drops are watched by those who hired them; they don't keep it for long."""
    min_payers: int = 2
    """Judgement: one drop's payee may be anybody; two have him in common."""
    or_depth_permille: int = 3_000
    """Judgement: from the third account after the victim on, one payer is enough to say so."""
    full_depth: int = 4
    """Judgement: three layers of drops below; REQ-39 tells of several."""
    max_others: int = 20
    """Judgement: paid by more accounts that pass nothing on, it is a shop or a till."""
    max_named: int = 20
    """Accounts named in the evidence, at most."""


EVIDENCE = (
    "currency", "payers", "gathered_minor", "share_percent", "depth", "left_minor",
    "onward_minor", "first_us", "last_us",
)  # fmt: skip
KEYS = ("account", "currency", "from_us")
EDGE = ("source", "id")


@detector(
    "chains.gathers_from_several",
    reads={"payment": legs.READS},
    params=Params(),
    shares=(legs, below),
)
def gathers_from_several(payments: Table, p: Params) -> Table:
    """Account and month that several who pass on pay to, by its place in the flow."""
    passing = below.passes_through.function(payments, below.passes_through.params).select(
        account="subject", passing_us="window_from_us"
    )
    sent = _sent(payments, passing, p)
    gathered = _gathered(_with_depth(sent, p), p)
    # Of all that may gather: an engine that makes nothing twice-used once (Spark) would ask for
    # `gathered` and all below it again.
    moves = legs.of(payments, p.by, p.out_by, sent.select("account").distinct())
    found = _placed(_without_tills(gathered, moves, passing, p), sent, moves, p)
    return legs.finding(legs.best(found, "account", "from_us"), MONTH_US, EVIDENCE)


def _sent(payments: Table, passing: Table, p: Params) -> Table:
    """What accounts paid on on a day on which they passed on, or the next."""
    out = legs.of(payments, p.by, p.by, passing.select("account").distinct()).filter(
        ~_.inward, _.counts, _.other.notnull(), _.way != "abroad"
    )
    near = out.inner_join(passing, "account").filter(
        _.day_us >= _.passing_us, _.day_us <= _.passing_us + legs.DAY_US
    )
    return near.select(
        *EDGE, "currency", "amount", "at_us", "day_us", payer="account", account="other"
    ).distinct()


def _with_depth(sent: Table, p: Params) -> Table:
    """Each of them with the number of accounts from the victim to its payee, two to four."""
    under = sent.select("currency", payer="account", under_us="at_us", lower="source", low="id")
    pairs = sent.select(*EDGE, "currency", "payer", "at_us").inner_join(
        under, ["payer", "currency"]
    )
    pairs = pairs.filter(_.at_us >= _.under_us, _.at_us - _.under_us <= p.within_us)
    third = pairs.select(*EDGE).distinct()
    lower = third.select(lower="source", low="id")
    fourth = pairs.semi_join(lower, ["lower", "low"]).select(*EDGE).distinct()
    more = third.union(fourth).group_by(*EDGE).agg(more=_.count())
    return sent.left_join(more, list(EDGE)).select(
        *sent.columns, depth=_.more.fill_null(0) + literal(2, "int64")
    )


def _gathered(sent: Table, p: Params) -> Table:
    """Account and month with several of these payers, or deep below them."""
    day = ibis.window(group_by=["payer", "currency", "day_us"])
    whole = sent.mutate(whole=_.amount.sum().over(day))
    days = whole.group_by(
        "account", "currency", "payer", "day_us", from_us=_.day_us - _.day_us % MONTH_US
    ).agg(
        part=_.amount.sum(),
        whole=_.whole.max(),
        weight=(_.amount.cast("decimal(38,0)") * _.depth).sum(),
        since_us=_.at_us.min(),
        until_us=_.at_us.max(),
    )
    months = days.group_by(*KEYS).agg(
        payers=_.payer.nunique(),
        gathered_minor=_.part.sum(),
        theirs_minor=_.whole.sum(),
        weight=_.weight.sum(),
        first_us=_.since_us.min(),
        last_us=_.until_us.max(),
    )
    deep = _.weight * 1000 >= _.gathered_minor.cast("decimal(38,0)") * p.or_depth_permille
    return months.filter((_.payers >= p.min_payers) | deep)


def _without_tills(gathered: Table, moves: Table, passing: Table, p: Params) -> Table:
    """Without accounts that are paid by many who pass nothing on."""
    innocent = moves.filter(_.inward, _.other.notnull()).anti_join(
        passing.select(other="account").distinct(), "other"
    )
    tills = innocent.group_by("account").agg(others=_.other.nunique())
    return gathered.anti_join(tills.filter(_.others > p.max_others), "account")


def _placed(gathered: Table, sent: Table, moves: Table, p: Params) -> Table:
    """Scored by place; how much left from here after its receipts, and how much went on."""
    came = sent.select("account", "currency", "at_us", "amount", way=literal("in"))
    left = moves.filter(~_.inward, _.counts).select("account", "currency", "at_us", "amount", "way")
    both = came.union(left).mutate(inward=_.way == "in")
    out = legs.after_receipts(both, p.within_us).filter(~_.inward)
    sums = out.group_by("account", "currency", from_us=_.came_us - _.came_us % MONTH_US).agg(
        gone=_.amount.sum(where=_.way.isin(p.exits)), whole=_.amount.sum()
    )
    told = gathered.left_join(sums, list(KEYS)).select(
        *gathered.columns,
        left_minor=_.gone.fill_null(0),
        onward_minor=_.whole.fill_null(0) - _.gone.fill_null(0),
    )
    depth = _.weight.cast("float64") / _.gathered_minor.cast("float64")
    part = legs.share(_.gathered_minor, _.theirs_minor)
    final = legs.share(_.left_minor, _.left_minor + _.onward_minor)
    deep = least(1.0, (depth - 1) / (p.full_depth - 1))
    return told.mutate(
        score=(deep + part + final) / 3,
        share_percent=(part * 100).floor().cast("int64"),
        depth=(depth + 0.5).floor().cast("int64"),
    )
