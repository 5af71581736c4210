"""A stranger talks with somebody at length, and at once a loan is asked for in his name (REQ-31).

Callers who pass for a bank or the police let their victim take a loan, to "cover" one that a
criminal is said to have taken. The person is the possible victim. Quiet on

- calls from people he speaks with, such as a shop's that sells on credit;
- applications later than an hour after the talk, or before it;
- short talks.

The window is the UTC day of the application. The score is higher for calls from abroad or over the
internet, for long talks, and for what followed sooner; it ranks and is no probability.
"""

from dataclasses import dataclass

import ibis
from ibis import Table, _

from qalqan.detectors import calls_seen as seen
from qalqan.detectors import strange_calls
from qalqan.detectors.base import detector


@dataclass(frozen=True)
class Params:
    """Thresholds and where each comes from."""

    within_us: int = seen.HOUR_US
    """REQ-30, 31; Judgement: later he has thought it over, or it is something else."""
    min_talk_s: int = 120
    """Judgement: nobody is talked into a loan in less than two minutes."""
    full_talk_us: int = 30 * seen.MINUTE_US
    """Judgement: nobody talks with a courier for half an hour."""
    known_after_us: int = seen.DAY_US
    """Judgement: callers ring several times on a day; from the day before on they are known."""
    max_named: int = 40
    """Calls, callers and applications named in the evidence, at most."""


LOANS = ("id", "source", "at_us", "applicant", "amount", "currency", "decision")
EVIDENCE = (
    "currency", "asked_minor", "applications", "granted", "calls", "abroad", "voip",
    "talk_span_us", "least_span_us", "call_us", "first_us", "callers", "facts",
)  # fmt: skip
DAYS = ("person", "from_us")


@detector(
    "chains.call_then_loan",
    reads={
        "call": strange_calls.CALLS,
        "subscription": strange_calls.SUBSCRIPTIONS,
        "loan": LOANS,
    },
    params=Params(),
    shares=(seen, strange_calls),
)
def call_then_loan(calls: Table, subscriptions: Table, loans: Table, p: Params) -> Table:
    """Person and day with a loan asked for right after a stranger's call."""
    asked = loans.filter(
        _.applicant.notnull(), _.at_us.notnull(), _.currency.notnull(), _.amount.notnull()
    ).select(
        "amount",
        "currency",
        person="applicant",
        event_us="at_us",
        fact=_.source + ":" + _.id,
        granted=(_.decision == "granted").fill_null(False),
    )
    heard = strange_calls.talks(calls, subscriptions, p.min_talk_s)
    near = strange_calls.followed(heard, asked, p.within_us)
    both = strange_calls.with_strangers(near, calls, p.known_after_us)
    each = both.select(*DAYS, "currency", "fact", "amount", "granted", "event_us").distinct()
    sums = each.group_by(*DAYS, "currency").agg(
        asked_minor=_.amount.sum(),
        applications=_.count(),
        granted=_.granted.sum(),
        first_us=_.event_us.min(),
    )
    most = ibis.row_number().over(group_by=list(DAYS), order_by=[_.asked_minor.desc(), _.currency])
    top = sums.mutate(place=most).filter(_.place == 0)
    found = top.inner_join(strange_calls.about(both, p.max_named), DAYS)
    scored = found.mutate(score=strange_calls.score(found, p.full_talk_us))
    return seen.finding(scored, "person", "person", seen.DAY_US, EVIDENCE)
