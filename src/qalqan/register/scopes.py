"""What a partner's key may be used for (REQ-18, 19): the machines' side of `register.rights`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from qalqan.errors import InputRejected


class Scope(StrEnum):
    """One thing that a key opens."""

    FACTS_WRITE = "facts:write"
    """Tell facts."""
    FACTS_READ = "facts:read"
    """See what became of them."""
    REPORTS_WRITE = "reports:write"
    """Report for victims, and make their letters."""
    ORDERS_READ = "orders:read"
    ORDERS_ANSWER = "orders:answer"
    EVENTS_READ = "events:read"
    WARNINGS_READ = "warnings:read"
    """See whom to warn, and say that he was warned."""
    APPEALS_WRITE = "appeals:write"
    """Hand in a customer's appeal."""
    SCREENS_ASK = "screens:ask"
    CALLS_TELL = "calls:tell"
    """Tell which of one's own subscribers are abroad."""
    CALLS_FOLLOW = "calls:follow"
    """Have the tables of calls, of all operators, and their changes: for an edge."""
    CALLS_PORT = "calls:port"
    """Tell whose a number is now: for whoever keeps the ported numbers."""
    STATS_READ = "stats:read"
    DEVICES_WRITE = "devices:write"
    """Put one's own devices on the lists of gateways."""
    NUMBERS_ANSWER = "numbers:answer"
    """See which of one's numbers are to be put in order, and answer."""
    LEGS_KEY = "legs:key"
    """Have the key of a day, under which legs of calls are made."""
    CONTENT_READ = "content:read"
    """Take texts for moments of risk, and ask whether to show them."""
    OUTCOMES_WRITE = "outcomes:write"
    """Tell what people did who saw a text, in counts."""
    MAILINGS_ANSWER = "mailings:answer"
    """See what one is asked to send to one's own subscribers, and answer in counts."""


_S = Scope
_EVERYBODY = (
    _S.FACTS_WRITE, _S.FACTS_READ, _S.ORDERS_READ, _S.ORDERS_ANSWER, _S.EVENTS_READ,
    _S.APPEALS_WRITE, _S.STATS_READ,
)  # fmt: skip
_MOMENTS = (_S.CONTENT_READ, _S.OUTCOMES_WRITE)
_BANK = (*_EVERYBODY, _S.WARNINGS_READ, _S.SCREENS_ASK, *_MOMENTS)
_MARKETPLACE = (*_EVERYBODY, *_MOMENTS)
_CHANNEL = (*_EVERYBODY, _S.REPORTS_WRITE)
_OPERATOR = (
    *_EVERYBODY, _S.SCREENS_ASK, _S.CALLS_TELL, _S.CALLS_FOLLOW, _S.CALLS_PORT, _S.DEVICES_WRITE,
    _S.NUMBERS_ANSWER, _S.LEGS_KEY, *_MOMENTS, _S.MAILINGS_ANSWER,
)  # fmt: skip
_OF_KIND: Mapping[str, tuple[Scope, ...]] = {
    "bank": _BANK, "wallet": _BANK, "operator": _OPERATOR, "channel": _CHANNEL,
    "volunteers": _CHANNEL, "marketplace": _MARKETPLACE,
}  # fmt: skip
_BY_NAME = frozenset({_S.CALLS_FOLLOW, _S.CALLS_PORT})
"""What a key opens only if it was asked for: others' subscribers are in it."""


def usual(kind: str) -> tuple[Scope, ...]:
    """All that a partner of this kind has a use for: more than this no key of its may open."""
    return _OF_KIND.get(kind, _EVERYBODY)


def checked(kind: str, asked: Iterable[str]) -> list[str]:
    """The scopes asked for, each once, in the order of `Scope`; none asked for are all usual ones
    but those that are given by name alone.

    Raises:
        InputRejected: one that there is not, or that its kind has no use for.
    """
    wanted, may = set(asked), usual(kind)
    for one in sorted(wanted - set(may)):
        raise InputRejected("scope", one, "one_of", choices=", ".join(sorted(may)))
    return [scope for scope in Scope if scope in (wanted or set(may) - _BY_NAME)]
