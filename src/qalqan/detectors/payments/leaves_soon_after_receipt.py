"""Strangers' money leaves for abroad or for crypto within hours of its receipt (REQ-39).

From there hardly anything comes back, so half of what came is enough to be seen here, where
`payments.passes_through` wants nearly all of it. Quiet on

- wages, benefits, loans and one's own savings: not received from a stranger;
- who pays the same school, seller or exchange for longer than a week: no stranger either;
- people who send their own money out: more leaves than came in.

The window is the UTC day of the receipt; what leaves after midnight belongs to that day. The
score is the share that left, halved if it took longest; it ranks and is no probability.
"""

from dataclasses import dataclass

from ibis import Table, _

from qalqan.detectors import legs
from qalqan.detectors.base import detector


@dataclass(frozen=True)
class Params:
    """Thresholds and where each comes from."""

    received_by: tuple[str, ...] = ("transfer", "wallet", "crypto")
    """Instruments of a stranger's money; REQ-39: the victim transfers."""
    left_by: tuple[str, ...] = ("abroad", "crypto")
    """Ways that leave the country's banks; REQ-39: abroad, crypto."""
    within_us: int = 6 * legs.HOUR_US
    """Judgement: the hours in which victims seldom have reported yet."""
    min_left_permille: int = 500
    """Judgement: half; a ring sends the rest another way (REQ-39: several ways out)."""
    max_left_permille: int = 1_005
    """Judgement: rounding up may add half a percent; beyond it own money is leaving too."""
    min_received_minor: int = 2_000_000
    """Judgement: 20 000 ₸, below which no officer's look is worth while."""
    known_after_us: int = 7 * legs.DAY_US
    """Judgement: a counterparty of a week ago is no stranger; rings change drops sooner."""
    max_facts: int = 40
    """Payments named in the evidence, at most."""


EVIDENCE = (
    "currency", "received_minor", "left_minor", "crypto_minor", "abroad_minor", "payers",
    "least_span_us", "first_us", "last_us", "facts",
)  # fmt: skip


@detector(
    "payments.leaves_soon_after_receipt",
    reads={"payment": legs.READS},
    params=Params(),
    shares=(legs,),
)
def leaves_soon_after_receipt(payments: Table, p: Params) -> Table:
    """Account and day whose strangers' money left for abroad or crypto."""
    moves = legs.of(payments, p.received_by, (*p.received_by, *p.left_by))
    ways = ("in", *p.left_by)
    moves = legs.strangers(moves, p.known_after_us).filter(_.way.isin(ways))
    moves = legs.after_receipts(moves, p.within_us)
    days = _leaving(_days(moves), p)
    found = legs.named(moves, days, ("account", "currency", "from_us"), p.max_facts)
    return legs.finding(legs.best(found, "account", "from_us"), legs.DAY_US, EVIDENCE)


def _days(moves: Table) -> Table:
    """Sums of one account, currency and day."""
    return moves.group_by("account", "currency", "from_us").agg(
        received_minor=_.amount.sum(where=_.inward).fill_null(0),
        left_minor=_.amount.sum(where=~_.inward).fill_null(0),
        crypto_minor=_.amount.sum(where=_.way == "crypto").fill_null(0),
        abroad_minor=_.amount.sum(where=_.way == "abroad").fill_null(0),
        payers=_.other.nunique(where=_.inward),
        least_span_us=(_.at_us - _.came_us).min(where=~_.inward),
        first_us=_.at_us.min(),
        last_us=_.at_us.max(),
    )


def _leaving(days: Table, p: Params) -> Table:
    """Days of which enough left, scored by how much and how soon after its receipt."""
    speed = 1 - _.least_span_us.cast("float64") / (2 * p.within_us)
    return days.filter(
        _.received_minor >= p.min_received_minor,
        legs.at_least(_.left_minor, _.received_minor, p.min_left_permille),
        ~legs.at_least(_.left_minor, _.received_minor, p.max_left_permille + 1),
    ).mutate(score=legs.share(_.left_minor, _.received_minor) * speed)
