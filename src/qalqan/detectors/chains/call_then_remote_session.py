"""A stranger talks with somebody at length, and at once his cabinet is entered under remote control
(REQ-28, 31).

Callers who pass for a bank lead their victim to install remote control, and go on by themselves.
The person is the possible victim. Quiet on

- help from people he speaks with, also by the bank whose number he knows;
- sessions without remote control, failed ones and those that the bank blocked;
- short talks, and sessions later than an hour after the talk.

The window is the UTC day of the session. The score is higher for calls from abroad or over the
internet, for long talks, and for what followed sooner; it ranks and is no probability.
"""

from ibis import Table, _

from qalqan.detectors import calls_seen as seen
from qalqan.detectors import held, strange_calls
from qalqan.detectors.base import detector
from qalqan.detectors.strange_calls import ABOUT, DAYS, NAMED, Params

SESSIONS = ("id", "source", "at_us", "holder", "remote_access", "outcome")
EVIDENCE = ("sessions", *ABOUT, "first_us", *NAMED)


@detector(
    "chains.call_then_remote_session",
    reads={
        "call": strange_calls.CALLS,
        "subscription": held.SUBSCRIPTIONS,
        "session": SESSIONS,
    },
    params=Params(),
    shares=(seen, strange_calls, held),
)
def call_then_remote_session(
    calls: Table, subscriptions: Table, sessions: Table, p: Params
) -> Table:
    """Person and day with a session under remote control right after a stranger's call."""
    remote = sessions.filter(
        _.remote_access, _.outcome == "signed_in", _.holder.notnull(), _.at_us.notnull()
    ).select(person="holder", event_us="at_us", fact=_.source + ":" + _.id)
    both = strange_calls.then(calls, subscriptions, remote, p)
    entered = both.group_by(*DAYS).agg(sessions=_.fact.nunique(), first_us=_.event_us.min())
    return strange_calls.findings(both, entered, EVIDENCE, p)
