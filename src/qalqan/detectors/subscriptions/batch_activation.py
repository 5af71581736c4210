"""One dealer activates many numbers within minutes, on different persons, without biometrics
(REQ-50).

SIM boxes are filled with numbers that were registered in one go on people who know nothing of it.
A batch goes on while less than a few minutes lie between two activations. Quiet on

- a shop's busy day: each customer takes his time, and shows his face;
- a chain of shops under one code: its customers show their faces as well;
- a company that activates its staff's numbers: its holder is no person;
- a family's numbers: few, and of one or two holders.

The window is the UTC day on which the batch began. The score grows with the numbers and with the
share without biometrics; it ranks and is no probability.
"""

from dataclasses import dataclass

from ibis import Table, _

from qalqan.detectors import batches
from qalqan.detectors import calls_seen as seen
from qalqan.detectors.base import detector
from qalqan.detectors.batches import BATCH


@dataclass(frozen=True)
class Params:
    """Thresholds and where each comes from."""

    max_pause_us: int = 5 * seen.MINUTE_US
    """Judgement: passport, face, form and signature take a customer longer."""
    min_numbers: int = 8
    """Judgement: no family comes for eight numbers; a box takes eight at least."""
    min_holders: int = 2
    """REQ-50: numbers on strangers' names; one holder's numbers are another detector's matter."""
    min_without_permille: int = 300
    """REQ-50 and law: since November 2025 each is to be checked by biometrics, dealers' too."""
    numbers_for_full_score: int = 50
    """Judgement: a box of fifty cards."""
    max_named: int = 40
    """Numbers named in the evidence, at most."""
    max_subject: int = 80
    """Source and dealer are told in so many signs, at most."""


EVIDENCE = (
    "numbers", "batches", "holders", "without_biometrics", "least_pause_span_us", "phones",
    "first_us", "last_us",
)  # fmt: skip
DAYS = ("subject", "from_us")


@detector(
    "subscriptions.batch_activation",
    reads={"subscription": batches.READS},
    params=Params(),
    shares=(seen, batches),
)
def batch_activation(subscriptions: Table, p: Params) -> Table:
    """Dealer and day with numbers activated in one go on different persons."""
    sold = batches.of(subscriptions, p.max_pause_us, p.min_numbers)
    whole = sold.group_by(*BATCH).agg(
        numbers=_.phone.nunique(),
        holders=_.holder.nunique(),
        without=(~_.biometric).sum().fill_null(0),
        lasted_us=_.at_us.max() - _.at_us.min(),
    )
    odd = whole.filter(
        _.holders >= p.min_holders, _.without * 1000 >= _.numbers * p.min_without_permille
    ).mutate(
        subject=(_.source + ":" + _.dealer).left(p.max_subject), from_us=seen.day_us(_.batch_us)
    )
    days = odd.group_by(*DAYS).agg(
        batches=_.count(),
        numbers=_.numbers.sum(),
        holders=_.holders.sum(),
        without_biometrics=_.without.sum(),
        least_pause_span_us=(_.lasted_us // _.numbers).min(),
    )
    keys = odd.select(*BATCH, *DAYS)
    named = sold.inner_join(keys, BATCH).group_by(*DAYS)
    about = named.agg(
        phones=_.phone.collect(distinct=True).sort()[: p.max_named],
        first_us=_.at_us.min(),
        last_us=_.at_us.max(),
    )
    found = days.inner_join(about, DAYS)
    rate = seen.share(found.without_biometrics, found.numbers)
    score = (seen.of_full(found.numbers, p.numbers_for_full_score) + rate) / 2
    return seen.finding(found.mutate(score=score), "dealer", "subject", seen.DAY_US, EVIDENCE)
