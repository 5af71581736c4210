"""Within days an account is paid by many people who know neither it nor one another (REQ-39, 90).

Victims of one advertisement pay the same account one after the other; so do people who still
do. Quiet on

- tills, couriers and sellers who take transfers: they had as many new payers in the weeks before;
- collections for a wedding or a class: many of the payers pay one another, too;
- card takings, wages and benefits: not received from a stranger.

A payer counts on the day of his first payment. The window is the UTC day whose new payers made
them many; the count goes back over the days before. The score grows with the number of payers
and with what went on; it ranks and is no probability. In the first weeks of a lake everybody is
new to everybody: it says nothing about them.
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
    within_us: int = 3 * legs.DAY_US
    """Judgement: an account is burnt within days of its first victim's report (REQ-16: three)."""
    min_payers: int = 3
    """Judgement: few private people are paid by three new people in three days and send it on."""
    full_payers: int = 12
    """Judgement: a full score; more make no difference to an officer."""
    min_passed_permille: int = 500
    """Judgement: half has left; savings for a purpose stay. REQ-39: a drop keeps a tenth."""
    max_passed_permille: int = 2_000
    """Judgement: where twice as much leaves, it is the account's other money that passes."""
    before_us: int = 14 * legs.DAY_US
    """Judgement: two weeks tell whether new payers are this account's business; before a lake is
    as old, everybody is new to it."""
    max_before_permille: int = 1_000
    """Judgement: as many new payers in the weeks before as now make a seller."""
    max_related_permille: int = 300
    """Judgement: of a collection's payers more than that pay one another."""


EVIDENCE = (
    "currency", "payers", "earlier_payers", "related_payers", "received_minor", "passed_minor",
    "first_us", "last_us",
)  # fmt: skip
KEYS = ("account", "currency", "from_us")


@detector(
    "payments.many_unrelated_payers",
    reads={"payment": legs.READS},
    params=Params(),
    shares=(legs,),
)
def many_unrelated_payers(payments: Table, p: Params) -> Table:
    """Account and day whose new payers were many and unrelated."""
    moves = legs.of(payments, p.received_by, p.passed_by)
    pairs = _pairs(moves)
    days = _many(pairs, moves.agg(begun_us=_.at_us.min()), p)
    payers = _payers(pairs, days)
    found = _unrelated(moves, payers, _sums(moves, payers, days, p), p)
    return legs.finding(legs.best(found, "account", "from_us"), legs.DAY_US, EVIDENCE)


def _pairs(moves: Table) -> Table:
    """Account and payer with the moment of the first payment, if all of them count."""
    received = moves.filter(_.inward, _.other.notnull())
    pairs = received.group_by("account", "currency", "other").agg(
        first_us=_.at_us.min(), counts=_.counts.cast("int8").min()
    )
    return pairs.filter(_.counts == 1).drop("counts")


def _many(pairs: Table, begun: Table, p: Params) -> Table:
    """Days that end a rush of new payers."""
    recent, earlier = (
        ibis.window(group_by=["account", "currency"], order_by="first_us", range=span)
        for span in ((-p.within_us, 0), (-p.within_us - p.before_us, 0))
    )
    counted = pairs.mutate(
        now=_.other.count().over(recent),
        whole=_.other.count().over(earlier),
        began_us=_.first_us.min().over(recent),
        from_us=_.first_us - _.first_us % legs.DAY_US,
    )
    days = counted.group_by(*KEYS).agg(
        payers=_.now.max(),
        earlier_payers=(_.whole - _.now).max(),
        first_us=_.began_us.min(),
        last_us=_.first_us.max(),
    )
    return (
        days.cross_join(begun)
        .filter(
            _.first_us - _.begun_us >= p.before_us,
            _.payers >= p.min_payers,
            _.earlier_payers * 1000 <= _.payers * p.max_before_permille,
        )
        .drop("begun_us")
    )


def _payers(pairs: Table, days: Table) -> Table:
    """The payers of each of these days."""
    joined = days.select(*KEYS, began_us="first_us", ended_us="last_us").inner_join(
        pairs.select("account", "currency", "other", "first_us"), ["account", "currency"]
    )
    inside = (_.first_us >= _.began_us) & (_.first_us <= _.ended_us)
    return joined.filter(inside).select(*KEYS, "other")


def _unrelated(moves: Table, payers: Table, days: Table, p: Params) -> Table:
    """Days whose payers seldom paid one another."""
    ties = moves.filter(_.other.notnull()).select(one="account", two="other").distinct()
    pairs = payers.inner_join(ties, payers.other == ties.one).drop("one")
    both = pairs.inner_join(payers.select(*KEYS, two="other"), [*KEYS, "two"])
    related = both.group_by(*KEYS).agg(related_payers=_.other.nunique())
    known = days.left_join(related, list(KEYS)).select(
        *days.columns, related_payers=_.related_payers.fill_null(0)
    )
    crowd = least(1.0, _.payers.cast("float64") / p.full_payers)
    gone = legs.share(_.passed_minor, _.received_minor)
    return known.filter(
        _.related_payers * 1000 <= _.payers * p.max_related_permille,
        legs.at_least(_.passed_minor, _.received_minor, p.min_passed_permille),
        ~legs.at_least(_.passed_minor, _.received_minor, p.max_passed_permille + 1),
    ).mutate(score=crowd * (0.5 + 0.5 * gone))


def _sums(moves: Table, payers: Table, days: Table, p: Params) -> Table:
    """What these payers sent and what left, from the first of them until days after the last."""
    counted = moves.filter(_.counts).select(
        "account", "currency", "other", "inward", "at_us", "amount"
    )
    spans = days.select(*KEYS, "first_us", "last_us").inner_join(counted, ["account", "currency"])
    inside = (_.at_us >= _.first_us) & (_.at_us <= _.last_us + p.within_us)
    near = spans.filter(inside)
    came = near.filter(_.inward).semi_join(payers, [*KEYS, "other"])
    sums = (
        came.union(near.filter(~_.inward))
        .group_by(*KEYS)
        .agg(
            received_minor=_.amount.sum(where=_.inward).fill_null(0),
            passed_minor=_.amount.sum(where=~_.inward).fill_null(0),
        )
    )
    return days.inner_join(sums, KEYS)
