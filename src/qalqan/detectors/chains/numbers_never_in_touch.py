"""Numbers of one holder, sold by one dealer, are used in several regions and never ring each other
(REQ-50).

Numbers registered on distributors and dealers, not on whoever uses them, can be found by this: the
people who use them are strangers to each other. Quiet on

- a firm's staff: they ring each other, and hardly anybody's numbers come to a region of his own;
- meters and alarms: they send SMS alone;
- a family, a shop with a few numbers;
- a holder who bought here and there.

The window is the calendar month (UTC) of the calls. The score grows with the numbers used; it ranks
and is no probability.
"""

from dataclasses import dataclass

import ibis
from ibis import Table, _

from qalqan.detectors import calls_seen as seen
from qalqan.detectors import held
from qalqan.detectors.base import detector


@dataclass(frozen=True)
class Params:
    """Thresholds and where each comes from."""

    min_numbers: int = 20
    """REQ-50; Judgement: twice what the law lets one person have."""
    min_by_one_dealer_permille: int = 900
    """Judgement: a firm buys where it is cheap; a dealer registers his own stock himself."""
    min_used: int = 10
    """Judgement: fewer that ring anybody in a month tell little."""
    min_regions: int = 3
    """Judgement: small firms work in one region or two."""
    max_in_touch_permille: int = 100
    """Judgement: of a firm's staff nearly everybody rings a colleague or is rung by one."""
    used_for_full_score: int = 100
    """Judgement: ten times what is noticed."""
    max_named: int = 40
    """Numbers and dealers named in the evidence, at most."""


SUBSCRIPTIONS = (*held.SUBSCRIPTIONS, "dealer")
CALLS = ("at_us", "day", "edge", "caller", "callee", "trunk_class", "service", "region")
EVIDENCE = (
    "numbers", "used", "in_touch", "regions", "calls", "dealers", "phones", "first_us", "last_us",
)  # fmt: skip
OWNER = ("holder", "holder_kind")
MONTH = (*OWNER, "month")


@detector(
    "chains.numbers_never_in_touch",
    reads={"subscription": SUBSCRIPTIONS, "call": CALLS},
    params=Params(),
    shares=(seen, held),
)
def numbers_never_in_touch(subscriptions: Table, calls: Table, p: Params) -> Table:
    """Holder and month with many numbers of one dealer that strangers to each other use."""
    stock = _stock(held.spans(subscriptions, "dealer"), p)
    used = _used(calls, stock)
    months = used.group_by(*MONTH).agg(
        used=_.phone.nunique(),
        regions=_.region.nunique(),
        calls=_.count(),
        numbers=_.numbers.max(),
        dealers=_.dealer.collect(distinct=True).sort()[: p.max_named],
        phones=_.phone.collect(distinct=True).sort()[: p.max_named],
        first_us=_.at_us.min(),
        last_us=_.at_us.max(),
    )
    large = months.filter(_.used >= p.min_used, _.regions >= p.min_regions)
    apart = seen.and_counts(large, _in_touch(used, stock), MONTH).filter(
        _.in_touch * 1000 <= _.used * p.max_in_touch_permille
    )
    found = apart.mutate(score=seen.of_full(_.used, p.used_for_full_score))
    return seen.monthly(found, found.holder_kind, "holder", EVIDENCE)


def _stock(spans: Table, p: Params) -> Table:
    """Numbers of holders who have many, nearly all from one dealer."""
    bought = spans.group_by(*OWNER, "dealer").agg(here=_.phone.nunique())
    owners = bought.group_by(*OWNER).agg(
        numbers=_.here.sum(), most=_.here.max(where=_.dealer.notnull())
    )
    many = owners.filter(
        _.numbers >= p.min_numbers, _.most * 1000 >= _.numbers * p.min_by_one_dealer_permille
    )
    return spans.inner_join(many, OWNER).select(*spans.columns, "numbers")


def _used(calls: Table, stock: Table) -> Table:
    """What those numbers rang while they were the holder's."""
    rings = seen.on_air(calls).filter(seen.is_voice(calls))
    told = rings.select("at_us", "callee", "region", phone="caller", month=seen.month(_.day))
    return held.within(told.inner_join(stock, "phone"), "at_us")


def _in_touch(used: Table, stock: Table) -> Table:
    """How many of a holder's numbers rang another of his, or were rung by it, in a month."""
    his = stock.select(*OWNER, callee="phone").distinct()
    inside = used.semi_join(his, [*OWNER, "callee"]).filter(_.phone != _.callee)
    both = inside.select(*MONTH, number=ibis.array([inside.phone, inside.callee]).unnest())
    return both.group_by(*MONTH).agg(in_touch=_.number.nunique())
