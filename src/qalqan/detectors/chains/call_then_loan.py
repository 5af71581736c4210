"""A stranger talks with somebody at length, and at once a loan is asked for in his name (REQ-31).

Callers who pass for a bank or the police let their victim take a loan, to "cover" one that a
criminal is said to have taken. The person is the possible victim. Quiet on

- calls from people he speaks with, such as a shop's that sells on credit;
- applications later than an hour after the talk, or before it;
- short talks.

The window is the UTC day of the application. The score is higher for calls from abroad or over the
internet, for long talks, and for what followed sooner; it ranks and is no probability.
"""

from ibis import Table, _

from qalqan.detectors import calls_seen as seen
from qalqan.detectors import held, strange_calls
from qalqan.detectors.base import detector
from qalqan.detectors.strange_calls import ABOUT, DAYS, NAMED, Params

LOANS = ("id", "source", "at_us", "applicant", "amount", "currency", "decision")
EVIDENCE = ("currency", "asked_minor", "applications", "granted", *ABOUT, "first_us", *NAMED)


@detector(
    "chains.call_then_loan",
    reads={
        "call": strange_calls.CALLS,
        "subscription": held.SUBSCRIPTIONS,
        "loan": LOANS,
    },
    params=Params(),
    shares=(seen, strange_calls, held),
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
    both = strange_calls.then(calls, subscriptions, asked, p)
    each = both.select(*DAYS, "currency", "fact", "amount", "granted", "event_us").distinct()
    sums = strange_calls.by_currency(
        each, "asked_minor", applications=_.count(), granted=_.granted.sum()
    )
    return strange_calls.findings(both, sums, EVIDENCE, p)
