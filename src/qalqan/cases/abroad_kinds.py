"""Kinds of request abroad, the states of one, and what leads from one to the next (REQ-70).

Out: drafted → approved (a second person) → sent → acknowledged → answered or refused → closed; one
that nobody answers in its term is expired, and may be answered late. In: received → answered or
refused → closed. Nothing leaves `closed` or `withdrawn`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from qalqan.errors import Conflict


class Kind(StrEnum):
    """What is asked for."""

    PRESERVATION = "preservation"
    """Keep stored data as they are (ETS 185, articles 29 and 30: at least 60 days)."""
    DATA = "data"
    """Who a subscriber is, when and whence he was connected."""
    MLA = "mla"
    """Mutual legal assistance: evidence in the form that a court takes."""
    FREEZE = "freeze"
    """Hold money or crypto at a bank or exchange abroad (REQ-39, 90)."""
    VICTIMS = "victims"
    """Tell that people of that country were called or robbed (REQ-34)."""
    TAKEDOWN = "takedown"
    """Take a resource off the net."""


class State(StrEnum):
    """Where a request stands."""

    DRAFTED = "drafted"
    APPROVED = "approved"
    SENT = "sent"
    ACKNOWLEDGED = "acknowledged"
    RECEIVED = "received"
    """From abroad: it waits for our answer."""
    ANSWERED = "answered"
    REFUSED = "refused"
    EXPIRED = "expired"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


class Event(StrEnum):
    """What may happen to one."""

    APPROVE = "approve"
    SEND_BACK = "send_back"
    """The second person says no."""
    SEND = "send"
    ACKNOWLEDGE = "acknowledge"
    REMIND = "remind"
    ANSWER = "answer"
    REFUSE = "refuse"
    EXPIRE = "expire"
    CLOSE = "close"
    WITHDRAW = "withdraw"


_S, _E = State, Event
MOVES: Mapping[tuple[State, Event], State] = {
    (_S.DRAFTED, _E.APPROVE): _S.APPROVED,
    (_S.DRAFTED, _E.SEND_BACK): _S.WITHDRAWN,
    (_S.DRAFTED, _E.WITHDRAW): _S.WITHDRAWN,
    (_S.APPROVED, _E.SEND): _S.SENT,
    (_S.APPROVED, _E.WITHDRAW): _S.WITHDRAWN,
    (_S.SENT, _E.ACKNOWLEDGE): _S.ACKNOWLEDGED,
    (_S.EXPIRED, _E.REMIND): _S.EXPIRED,
    (_S.RECEIVED, _E.ANSWER): _S.ANSWERED,
    (_S.RECEIVED, _E.REFUSE): _S.REFUSED,
    **{(each, _E.REMIND): each for each in (_S.SENT, _S.ACKNOWLEDGED)},
    **{(each, _E.EXPIRE): _S.EXPIRED for each in (_S.SENT, _S.ACKNOWLEDGED)},
    **{(each, _E.ANSWER): _S.ANSWERED for each in (_S.SENT, _S.ACKNOWLEDGED, _S.EXPIRED)},
    **{(each, _E.REFUSE): _S.REFUSED for each in (_S.SENT, _S.ACKNOWLEDGED, _S.EXPIRED)},
    **{(each, _E.CLOSE): _S.CLOSED for each in (_S.ANSWERED, _S.REFUSED, _S.EXPIRED)},
}
ENDS = frozenset({State.CLOSED, State.WITHDRAWN})
OWED = frozenset({State.SENT, State.ACKNOWLEDGED})
"""Somebody abroad owes an answer, and the clock runs."""
OUTCOMES = ("full", "part", "none")
"""How much of what was asked an answer brought."""
REFUSED = "refused"
"""Outcome of a request that was refused."""


@dataclass(frozen=True)
class Terms:
    """Usual and possible terms of a kind, in days."""

    usual: int
    least: int
    most: int
    keeps: int | None = None
    """For how long data are to be kept, at least."""


TERMS: Mapping[Kind, Terms] = {
    # ETS 185, article 29 (7): kept for at least 60 days; UN convention, article 42: 60.
    Kind.PRESERVATION: Terms(3, 1, 30, keeps=60),
    Kind.DATA: Terms(30, 3, 120),
    Kind.MLA: Terms(90, 30, 365),
    Kind.FREEZE: Terms(2, 1, 30),
    Kind.VICTIMS: Terms(14, 1, 90),
    Kind.TAKEDOWN: Terms(7, 1, 60),
}
"""Judgement but for the 60 days: how long an answer takes differs by country."""
MOST_KEPT = 180


def after(request: str, state: str, event: Event) -> State:
    """Where the event leads.

    Raises:
        Conflict: it does not go from there.
    """
    to = MOVES.get((State(state), event))
    if to is None:
        raise Conflict("request", request, state, event, "wrong_state")
    return to


def possible(state: str) -> tuple[Event, ...]:
    """Events that an officer may choose from there."""
    return tuple(event for at, event in MOVES if at == state and event is not Event.EXPIRE)
