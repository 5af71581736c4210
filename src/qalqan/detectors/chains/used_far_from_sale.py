"""Numbers a dealer activated in one go are first used far from where they were sold (REQ-50).

SIM boxes are filled with numbers bought in bulk from dealers of another region. Both are read
together: the batch from registrations, the place of first use from calls. Quiet on

- a traveller who buys a card on the way: one number is no batch;
- a dealer at a market or a station: customers come one by one, and go home to many regions;
- a company's numbers, which belong to no batch.

The window is the UTC day on which the batch began. The score is the share of the batch that is
used elsewhere, weighed by the numbers; it ranks and is no probability.
"""

from dataclasses import dataclass

import ibis
from ibis import Table, _

from qalqan.detectors import batches
from qalqan.detectors import calls_seen as seen
from qalqan.detectors.base import detector
from qalqan.detectors.batches import BATCH


@dataclass(frozen=True)
class Params:
    """Thresholds and where each comes from."""

    max_pause_us: int = 5 * seen.MINUTE_US
    """Judgement: as in `subscriptions.batch_activation`; customers take longer."""
    min_numbers: int = 5
    """Judgement: fewer may be a family that moves."""
    first_use_within_us: int = 30 * seen.DAY_US
    """Judgement: cards for a box are used within weeks; later anybody may have moved."""
    min_far: int = 4
    """Judgement: numbers of the batch first used in one other region."""
    min_far_permille: int = 600
    """Judgement: most numbers of the batch that were used at all."""
    far_for_full_score: int = 20
    """Judgement: five times what is noticed."""
    max_named: int = 40
    """Numbers named in the evidence, at most."""
    max_subject: int = 80
    """Source and dealer are told in so many signs, at most."""


CALLS = ("at_us", "caller", "callee", "trunk_class", "region", "edge")
EVIDENCE = (
    "numbers", "used", "far", "sold_in", "used_in", "least_span_us", "phones", "first_us",
    "last_us",
)  # fmt: skip


@detector(
    "chains.used_far_from_sale",
    reads={"subscription": batches.READS, "call": CALLS},
    params=Params(),
    shares=(seen, batches),
)
def used_far_from_sale(subscriptions: Table, calls: Table, p: Params) -> Table:
    """Dealer and day with a batch of numbers whose first use is in one other region."""
    sold = batches.of(subscriptions, p.max_pause_us, p.min_numbers)
    far = _far(_first_use(sold, calls, p), sold, p)
    subject = (far.source + ":" + far.dealer).left(p.max_subject)
    named = far.mutate(subject=subject, from_us=seen.day_us(far.batch_us))
    largest = ibis.row_number().over(
        group_by=["subject", "from_us"], order_by=[_.far.desc(), _.batch_us, _.used_in]
    )
    found = named.mutate(place=largest).filter(_.place == 0)
    share = seen.share(found.far, found.used)
    score = (seen.of_full(found.far, p.far_for_full_score) + share) / 2
    return seen.finding(found.mutate(score=score), "dealer", "subject", seen.DAY_US, EVIDENCE)


def _first_use(sold: Table, calls: Table, p: Params) -> Table:
    """Numbers of batches with where and when they were first used after the sale."""
    numbers = sold.filter(_.region.notnull()).select(
        *BATCH, "phone", sold_us="at_us", sold_in="region"
    )
    air = seen.on_air(calls).filter(_.region.notnull())
    uses = numbers.inner_join(
        air.select(phone="caller", used_us="at_us", used_in="region"), "phone"
    )
    soon = uses.filter(_.used_us >= _.sold_us, _.used_us - _.sold_us <= p.first_use_within_us)
    first = ibis.row_number().over(
        group_by=[*BATCH, "phone"], order_by=[_.used_us, _.sold_us, _.used_in, _.sold_in]
    )
    return soon.mutate(place=first).filter(_.place == 0)


def _far(uses: Table, sold: Table, p: Params) -> Table:
    """Batches most of whose numbers are first used in one region where they were not sold."""
    whole = sold.group_by(*BATCH).agg(numbers=_.phone.nunique())
    used = uses.group_by(*BATCH).agg(used=_.count())
    away = uses.filter(_.used_in != _.sold_in)
    gone = away.group_by(*BATCH, "used_in").agg(
        far=_.count(),
        sold_in=_.sold_in.min(),
        least_span_us=(_.used_us - _.sold_us).min(),
        phones=_.phone.collect(distinct=True).sort()[: p.max_named],
        first_us=_.used_us.min(),
        last_us=_.used_us.max(),
    )
    known = gone.inner_join(used, BATCH).inner_join(whole, BATCH)
    return known.filter(_.far >= p.min_far, _.far * 1000 >= _.used * p.min_far_permille)
