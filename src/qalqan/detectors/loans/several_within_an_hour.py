"""One person applies to several lenders within an hour (REQ-30, 31).

Loans in a victim's name are taken wherever they are to be had, before anybody notices. The rule
and its thresholds are those of the screen of loans (`loans.several_lenders`). Quiet on

- one lender's form that was sent again after a failure;
- offers compared over days.

An application counts on its first report; a later row of the same lender with the decision is the
same wish. The window is the UTC day. The score grows with the number of lenders; it ranks and is
no probability.
"""

from dataclasses import dataclass

import ibis
from ibis import Table, _, least

from qalqan.detectors.base import detector
from qalqan.screening import loans

DAY_US = 86_400_000_000
SCREEN = loans.LoanParams()


@dataclass(frozen=True)
class Params:
    """Thresholds and where each comes from."""

    window_us: int = SCREEN.window_us
    """REQ-30, "within an hour"; the screen's."""
    least_applications: int = SCREEN.least_applications
    """Judgement: the screen's; two offers compared are ordinary."""
    least_lenders: int = SCREEN.least_lenders
    """Judgement: the screen's; one lender's form sent again is one wish."""
    full_lenders: int = 5
    """Judgement: a full score; nobody compares five offers in an hour."""
    max_facts: int = 40
    """Applications named in the evidence, at most."""


READS = ("id", "source", "at_us", "applicant", "amount", "currency", "decision")
EVIDENCE = ("currency", "applications", "lenders", "granted", "asked_minor", "first_us", "last_us",
            "facts")  # fmt: skip


@detector("loans.several_within_an_hour", reads={"loan": READS}, params=Params(), shares=(loans,))
def several_within_an_hour(applications: Table, p: Params) -> Table:
    """Person and day with several applications to several lenders within the window."""
    sound = applications.filter(_.applicant.notnull(), _.at_us.notnull(), _.source.notnull())
    recent = ibis.window(group_by="applicant", order_by="at_us", range=(-p.window_us, 0))
    counted = sound.mutate(
        now=_.id.count().over(recent),
        began_us=_.at_us.min().over(recent),
        lenders=_.source.collect().over(recent).unique().length(),
        from_us=_.at_us - _.at_us % DAY_US,
    )
    rushes = (
        counted.filter(_.now >= p.least_applications, _.lenders >= p.least_lenders)
        .group_by("applicant", "from_us")
        .agg(
            applications=_.now.max(),
            lenders=_.lenders.max(),
            first_us=_.began_us.min(),
            last_us=_.at_us.max(),
        )
    )
    found = _with_sums(sound, rushes, p)
    return found.select(
        subject_kind=ibis.literal("person"),
        subject=_.applicant,
        score=least(1.0, _.lenders.cast("float64") / p.full_lenders),
        window_from_us=_.from_us,
        window_to_us=_.from_us + DAY_US,
        evidence=ibis.struct({name: found[name] for name in EVIDENCE}),
    )


def _with_sums(sound: Table, rushes: Table, p: Params) -> Table:
    """What was asked for and granted in each rush, in its first currency."""
    rows = sound.inner_join(rushes, "applicant").filter(_.at_us >= _.first_us, _.at_us <= _.last_us)
    keys = ("applicant", "from_us")
    told = rows.group_by(*keys).agg(
        currency=_.currency.min().fill_null(""),
        facts=(_.source + ":" + _.id).collect().sort()[: p.max_facts],
    )
    sums = (
        rows.inner_join(told.select(*keys, said="currency"), keys)
        .group_by(*keys)
        .agg(
            asked_minor=_.amount.sum(where=_.currency == _.said).fill_null(0),
            granted=(_.decision == "granted").sum().fill_null(0),
        )
    )
    return rushes.inner_join(told, keys).inner_join(sums, keys)
