"""A loan is asked for while somebody controls the borrower's device from afar (REQ-31).

The victim is led to install remote control, and the loan is taken on the victim's own screen. The
rule and its thresholds are those of the screen of loans (`loans.remote_session`). Quiet on

- remote help on another day, or after the application;
- sessions that failed or that the bank blocked.

The window is the UTC day of the application. The score is one at the end of the session and a
half at the rule's border; it ranks and is no probability.
"""

from dataclasses import dataclass

import ibis
from ibis import Table, _

from qalqan.detectors.base import detector
from qalqan.screening import loans

DAY_US = 86_400_000_000
SCREEN = loans.LoanParams()


@dataclass(frozen=True)
class Params:
    """Thresholds and where each comes from."""

    remote_before_us: int = SCREEN.remote_before_us
    """REQ-31 and the screen's judgement: a session counts so long after it was last seen."""
    max_facts: int = 40
    """Applications and sessions named in the evidence, at most."""


LOANS = ("id", "source", "at_us", "applicant", "amount", "currency", "decision")
SESSIONS = ("id", "source", "at_us", "holder", "remote_access", "outcome")
EVIDENCE = ("currency", "asked_minor", "applications", "granted", "least_span_us", "remote_us",
            "first_us", "facts")  # fmt: skip


@detector(
    "chains.loan_under_remote_access",
    reads={"loan": LOANS, "session": SESSIONS},
    params=Params(),
    shares=(loans,),
)
def loan_under_remote_access(applications: Table, sessions: Table, p: Params) -> Table:
    """Person and day with an application during or soon after a session under remote access."""
    remote = sessions.filter(_.remote_access, _.outcome == "signed_in").select(
        applicant="holder", remote_us="at_us", session=_.source + ":" + _.id
    )
    asked = applications.filter(_.at_us.notnull(), _.currency.notnull())
    both = asked.inner_join(remote, "applicant").filter(
        _.at_us >= _.remote_us, _.at_us - _.remote_us <= p.remote_before_us
    )
    each = both.group_by("source", "id", "applicant", "at_us", "amount", "currency", "decision")
    near = each.agg(remote_us=_.remote_us.max(), session=_.session.min())
    days = near.group_by("applicant", "currency", from_us=_.at_us - _.at_us % DAY_US).agg(
        asked_minor=_.amount.sum().fill_null(0),
        applications=_.id.count(),
        granted=(_.decision == "granted").sum().fill_null(0),
        least_span_us=(_.at_us - _.remote_us).min(),
        remote_us=_.remote_us.max(),
        first_us=_.at_us.min(),
        facts=(_.source + ":" + _.id)
        .collect()
        .concat(_.session.collect())
        .unique()
        .sort()[: p.max_facts],
    )
    place = ibis.row_number().over(
        group_by=["applicant", "from_us"], order_by=[_.asked_minor.desc(), _.currency]
    )
    top = days.mutate(place=place).filter(_.place == 0)
    return top.select(
        subject_kind=ibis.literal("person"),
        subject=_.applicant,
        score=1 - _.least_span_us.cast("float64") / (2 * p.remote_before_us),
        window_from_us=_.from_us,
        window_to_us=_.from_us + DAY_US,
        evidence=ibis.struct({name: top[name] for name in EVIDENCE}),
    )
