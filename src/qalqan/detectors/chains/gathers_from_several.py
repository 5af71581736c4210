"""An account gathers from several that pass strangers' money on: its place in the flow (REQ-92).

Organisers take the main share and drops a percentage, so what counts is not how many payments an
account makes but where it stands: how many of those who pass on pay to it, how deep it lies, how
much of theirs it gets, and whether from there the money leaves for cash, crypto or abroad. An
account that passes strangers' money on is one of which `payments.passes_through` speaks. Quiet on

- who is paid by one of them: a drop's landlord or friend;
- shops, billers and money-changers: far more accounts pay to them that pass nothing on.

The window is the 30 days (counted from 1970) of what it gathered. The score ranks by place: a
third each for the number of payers, the depth, and the share that left from here; no probability.
"""

from dataclasses import dataclass

from ibis import Table, _, greatest, least, literal

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
    min_payers: int = 2
    """Judgement: one drop's payee may be anybody; two have him in common."""
    full_payers: int = 5
    """Judgement: a full third; a ring's organiser takes from all its last drops."""
    full_depth: int = 4
    """Judgement: three layers of drops below; REQ-39 tells of several."""
    max_others: int = 20
    """Judgement: paid by more accounts that pass nothing on, it is a shop or a till."""
    max_named: int = 20
    """Accounts named in the evidence, at most."""


EVIDENCE = (
    "currency", "payers", "gathered_minor", "share_permille", "depth", "left_minor",
    "onward_minor", "stayed_span_us", "first_us", "last_us",
)  # fmt: skip
KEYS = ("account", "currency", "from_us")


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
    gathered = _gathered(sent, p).inner_join(_depths(sent), "account")
    moves = legs.of(payments, p.by, p.out_by, gathered.select("account").distinct())
    found = _placed(_quiet(gathered, moves, passing, p), moves, p)
    return legs.finding(legs.best(found, "account", "from_us"), MONTH_US, EVIDENCE)


def _sent(payments: Table, passing: Table, p: Params) -> Table:
    """What accounts paid on within two days of a day on which they passed on."""
    out = legs.of(payments, p.by, p.by, passing.select("account").distinct()).filter(
        ~_.inward, _.counts, _.other.notnull(), _.way != "abroad"
    )
    near = out.inner_join(passing, "account").filter(
        _.day_us >= _.passing_us, _.day_us <= _.passing_us + legs.DAY_US
    )
    return near.select(
        "source", "id", "currency", "amount", "at_us", payer="account", account="other"
    ).distinct()


def _gathered(sent: Table, p: Params) -> Table:
    """Account and month with several of these payers."""
    months = sent.mutate(from_us=_.at_us - _.at_us % MONTH_US)
    whole = months.group_by("payer", "currency", "from_us").agg(paid_minor=_.amount.sum())
    each = months.group_by(*KEYS, "payer").agg(
        part_minor=_.amount.sum(), since_us=_.at_us.min(), until_us=_.at_us.max()
    )
    return (
        each.inner_join(whole, ["payer", "currency", "from_us"])
        .group_by(*KEYS)
        .agg(
            payers=_.payer.nunique(),
            gathered_minor=_.part_minor.sum(),
            theirs_minor=_.paid_minor.sum(),
            first_us=_.since_us.min(),
            last_us=_.until_us.max(),
        )
        .filter(_.payers >= p.min_payers)
    )


def _depths(sent: Table) -> Table:
    """How many layers of those who pass on lie below an account: one to three, and itself."""
    first = sent.select("payer", "account", "at_us").mutate(depth=literal(2, "int64"))
    second = _deeper(first, sent)
    third = _deeper(second, sent)
    every = first.union(second).union(third)
    return every.group_by("account").agg(depth=_.depth.max())


def _deeper(above: Table, sent: Table) -> Table:
    """The next payments of those paid, later than they were paid."""
    paid = above.group_by(payer="account", depth=_.depth + 1).agg(paid_us=_.at_us.min())
    onward = sent.select("payer", "account", "at_us").inner_join(paid, "payer")
    later = onward.filter(_.at_us >= _.paid_us, _.payer != _.account)
    return later.select("payer", "account", "at_us", "depth")


def _quiet(gathered: Table, moves: Table, passing: Table, p: Params) -> Table:
    """Without accounts that are paid by many who pass nothing on."""
    innocent = moves.filter(_.inward, _.other.notnull()).anti_join(
        passing.select(other="account").distinct(), "other"
    )
    tills = innocent.group_by("account").agg(others=_.other.nunique())
    return gathered.anti_join(tills.filter(_.others > p.max_others), "account")


def _placed(gathered: Table, moves: Table, p: Params) -> Table:
    """Scored by place; how much left from here, how much went on, how long it stayed."""
    out = moves.filter(~_.inward, _.counts).select(
        "account", "currency", "amount", "way", left_us="at_us"
    )
    after = gathered.select(*KEYS, "first_us", "last_us").inner_join(out, ["account", "currency"])
    inside = (_.left_us >= _.first_us) & (_.left_us <= _.last_us + 3 * legs.DAY_US)
    sums = (
        after.filter(inside)
        .group_by(*KEYS)
        .agg(
            gone=_.amount.sum(where=_.way.isin(p.exits)),
            onward=_.amount.sum(where=~_.way.isin(p.exits)),
            stayed=(_.left_us - _.first_us).min(),
        )
    )
    told = gathered.left_join(sums, list(KEYS)).select(
        *gathered.columns,
        left_minor=_.gone.fill_null(0),
        onward_minor=_.onward.fill_null(0),
        stayed_span_us=_.stayed.fill_null(0),
    )
    crowd = least(1.0, _.payers.cast("float64") / p.full_payers)
    deep = least(1.0, (_.depth - 1).cast("float64") / (p.full_depth - 1))
    final = legs.share(_.left_minor, greatest(_.gathered_minor, _.left_minor + _.onward_minor))
    return told.mutate(
        score=(crowd + deep + final) / 3,
        share_permille=(legs.share(_.gathered_minor, _.theirs_minor) * 1000).cast("int64"),
    )
