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

from dataclasses import dataclass

from ibis import Table, _

from qalqan.detectors import calls_seen as seen
from qalqan.detectors import strange_calls
from qalqan.detectors.base import detector


@dataclass(frozen=True)
class Params:
    """Thresholds and where each comes from."""

    within_us: int = seen.HOUR_US
    """REQ-31; Judgement: later it is somebody else's help."""
    min_talk_s: int = 120
    """Judgement: nobody installs remote control for a stranger in less than two minutes."""
    full_talk_us: int = 30 * seen.MINUTE_US
    """Judgement: nobody talks with a courier for half an hour."""
    known_after_us: int = seen.DAY_US
    """Judgement: callers ring several times on a day; from the day before on they are known."""
    max_named: int = 40
    """Calls, callers and sessions named in the evidence, at most."""


SESSIONS = ("id", "source", "at_us", "holder", "remote_access", "outcome")
EVIDENCE = (
    "sessions", "calls", "abroad", "voip", "talk_span_us", "least_span_us", "call_us", "first_us",
    "callers", "facts",
)  # fmt: skip
DAYS = ("person", "from_us")


@detector(
    "chains.call_then_remote_session",
    reads={
        "call": strange_calls.CALLS,
        "subscription": strange_calls.SUBSCRIPTIONS,
        "session": SESSIONS,
    },
    params=Params(),
    shares=(seen, strange_calls),
)
def call_then_remote_session(
    calls: Table, subscriptions: Table, sessions: Table, p: Params
) -> Table:
    """Person and day with a session under remote control right after a stranger's call."""
    remote = sessions.filter(
        _.remote_access, _.outcome == "signed_in", _.holder.notnull(), _.at_us.notnull()
    ).select(person="holder", event_us="at_us", fact=_.source + ":" + _.id)
    heard = strange_calls.talks(calls, subscriptions, p.min_talk_s)
    near = strange_calls.followed(heard, remote, p.within_us)
    both = strange_calls.with_strangers(near, calls, p.known_after_us)
    entered = both.group_by(*DAYS).agg(sessions=_.fact.nunique(), first_us=_.event_us.min())
    found = entered.inner_join(strange_calls.about(both, p.max_named), DAYS)
    scored = found.mutate(score=strange_calls.score(found, p.full_talk_us))
    return seen.finding(scored, "person", "person", seen.DAY_US, EVIDENCE)
