"""One dealer registers numbers on one and the same holder, day after day, mostly without biometrics
(REQ-50).

Distributors and dealers who register numbers on themselves, or on a firm of their own, sell them
ready for use to people who want no name on them. Whose firm it is the facts don't tell; that one
dealer keeps coming back to one holder they do. Quiet on

- a company that buys its staff's numbers: it comes once or twice, not day after day;
- a company that goes to several shops, or to the operator itself, which has no dealer;
- a family: few numbers;
- a firm whose representative shows his face each time.

The window is the calendar month (UTC). The score grows with the numbers and with the share without
biometrics; it ranks and is no probability.
"""

from dataclasses import dataclass

from ibis import Table, _

from qalqan.detectors import calls_seen as seen
from qalqan.detectors.base import detector


@dataclass(frozen=True)
class Params:
    """Thresholds and where each comes from."""

    min_numbers: int = 20
    """Judgement: twice what the law lets a person have, in a single month."""
    min_days: int = 5
    """Judgement: a firm buys on one day or two; whoever sells comes back every week."""
    min_dealer_permille: int = 900
    """Judgement: nearly all numbers of the month come from the one dealer."""
    min_without_permille: int = 300
    """REQ-50 and law: since November 2025 each is to be checked by biometrics, dealers' too."""
    numbers_for_full_score: int = 200
    """Judgement: ten times what is noticed."""
    max_named: int = 40
    """Dealers and numbers named in the evidence, at most."""


READS = ("at_us", "day", "source", "event", "phone", "holder", "holder_kind", "dealer", "biometric")
EVIDENCE = (
    "activated", "days", "from_one_dealer", "without_biometrics", "dealers", "phones", "first_us",
    "last_us",
)  # fmt: skip
MONTHS = ("holder", "holder_kind", "month")


@detector(
    "subscriptions.dealer_on_one_holder",
    reads={"subscription": READS},
    params=Params(),
    shares=(seen,),
)
def dealer_on_one_holder(subscriptions: Table, p: Params) -> Table:
    """Holder and month with many numbers from one dealer, on many days."""
    sold = subscriptions.filter(
        _.event == "activated", _.phone.notnull(), _.holder.notnull(), _.holder_kind.notnull(),
        _.at_us.notnull(), _.day.notnull(),
    ).mutate(month=seen.month(_.day), shop=_.source.fill_null("?") + ":" + _.dealer)  # fmt: skip
    months = sold.group_by(*MONTHS).agg(
        activated=_.phone.nunique(),
        days=_.day.nunique(),
        without_biometrics=_.phone.nunique(where=~_.biometric),
        dealers=_.shop.collect(distinct=True).sort()[: p.max_named],
        phones=_.phone.collect(distinct=True).sort()[: p.max_named],
        first_us=_.at_us.min(),
        last_us=_.at_us.max(),
    )
    many = months.filter(
        _.activated >= p.min_numbers,
        _.days >= p.min_days,
        _.without_biometrics * 1000 >= _.activated * p.min_without_permille,
    )
    found = seen.and_counts(many, _most_from_one(sold), MONTHS).filter(
        _.from_one_dealer * 1000 >= _.activated * p.min_dealer_permille
    )
    rate = seen.share(found.without_biometrics, found.activated)
    score = (seen.of_full(found.activated, p.numbers_for_full_score) + rate) / 2
    return seen.monthly(found.mutate(score=score), found.holder_kind, "holder", EVIDENCE)


def _most_from_one(sold: Table) -> Table:
    """How many numbers the dealer sold who sold the most of them."""
    shops = sold.filter(_.shop.notnull()).group_by(*MONTHS, "shop").agg(n=_.phone.nunique())
    return shops.group_by(*MONTHS).agg(from_one_dealer=_.n.max())
