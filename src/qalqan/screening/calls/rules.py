"""The decision table of calls: rules R1 to R6, in the order in which they are tested.

The first rule that holds and is live decides; those in shadow are noted. A *legal* rule follows
the numbering plan, an operator's contract or a decision of two people and may refuse; what a
detector saw only labels (DESIGN section 4).

Sources: numbering plan and trunk (Finland, Regulation 28: fixed numbers never from abroad, mobile
only if truly roaming); Ofcom 2025 (an unknown place passes with the number withheld); RFC 8224 and
8588 (a call that its home operator signed is not spoofed); the issue's R1 to R6 (REQ-45 to 47).
"""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import NamedTuple

from .row import Allowed, Callee, Row, Standing, Trunk


class Answer(IntEnum):
    """What the edge does."""

    PASS = 0
    LABEL = 1
    """Let it through, and show the callee a warning where the network can."""
    WITHHOLD = 2
    """Let it through without its number: what can't be trusted is not shown."""
    REFUSE = 3
    """608 (RFC 8688), with a signed way to complain."""

    @property
    def word(self) -> str:
        """As the API tells it: withholding is a label that networks have."""
        return ("pass", "label", "label", "refuse")[self]


class Rule(NamedTuple):
    """One line of the table."""

    code: str
    answer: Answer
    when: Callable[[Row], bool]
    legal: bool = True
    """False: statistics, which refuse nothing."""


def _from_abroad(*standings: Standing) -> Callable[[Row], bool]:
    """Either number is one of these, and the call comes from abroad."""
    wanted = frozenset(standings)

    def holds(row: Row) -> bool:
        either = row.network in wanted or row.presented in wanted
        return row.trunk == Trunk.INTERNATIONAL and either

    return holds


def _either(standing: Standing) -> Callable[[Row], bool]:
    return lambda row: standing in (row.network, row.presented)


def _is_nameless(row: Row) -> bool:
    told = row.network != Standing.ABSENT or row.presented != Standing.ABSENT
    return row.trunk in (Trunk.INTERNATIONAL, Trunk.VOIP) and not told


def _is_not_theirs(row: Row) -> bool:
    told = row.network != Standing.ABSENT or row.presented != Standing.ABSENT
    return row.trunk == Trunk.VOIP and told and not row.own


_SUBSCRIBERS = frozenset(
    {Standing.FIXED, Standing.AT_HOME, Standing.ABROAD, Standing.ANYWHERE, Standing.NETWORK}
)


def _is_signed(row: Row) -> bool:
    """A signature says who started the call; it gives nobody a number that nobody can have, and
    lifts no list."""
    told = {row.network, row.presented} - {Standing.ABSENT}
    return row.trunk == Trunk.INTERNATIONAL and bool(row.own and told) and told <= _SUBSCRIBERS


def _allowed(why: Allowed) -> Callable[[Row], bool]:
    return lambda row: row.trunk == Trunk.INTERNATIONAL and row.allowed == why


RULES: tuple[Rule, ...] = (
    Rule("calls.emergency", Answer.PASS, lambda row: row.callee == Callee.EMERGENCY),
    Rule("calls.listed", Answer.REFUSE, _either(Standing.LISTED)),
    Rule("calls.contract", Answer.PASS, _allowed(Allowed.CONTRACT)),
    Rule("calls.looped", Answer.PASS, _allowed(Allowed.LOOPED)),
    Rule("calls.visitor", Answer.PASS, _allowed(Allowed.VISITOR)),
    Rule("calls.malformed", Answer.REFUSE, _from_abroad(Standing.MALFORMED)),
    Rule("calls.no_number", Answer.REFUSE, _is_nameless),
    Rule("calls.signed", Answer.PASS, _is_signed),
    Rule("calls.fixed_from_abroad", Answer.REFUSE, _from_abroad(Standing.FIXED)),
    Rule("calls.do_not_originate", Answer.REFUSE, _from_abroad(Standing.PROTECTED)),
    Rule("calls.short_from_abroad", Answer.REFUSE, _from_abroad(Standing.SHORT)),
    Rule("calls.unallocated", Answer.REFUSE, _from_abroad(Standing.UNALLOCATED)),
    Rule("calls.nobodys_code", Answer.REFUSE, _from_abroad(Standing.NOBODYS)),
    Rule("calls.mobile_at_home", Answer.REFUSE, _from_abroad(Standing.AT_HOME)),
    Rule("calls.not_your_number", Answer.REFUSE, _is_not_theirs),
    Rule("calls.place_unknown", Answer.WITHHOLD, _from_abroad(Standing.ANYWHERE)),
    Rule("calls.network_from_abroad", Answer.WITHHOLD, _from_abroad(Standing.NETWORK)),
    Rule("calls.roams", Answer.PASS, _from_abroad(Standing.ABROAD)),
    Rule(
        "calls.fraud_signs_to_city",
        Answer.LABEL,
        lambda row: row.callee == Callee.CITY and _either(Standing.FOUND)(row),
        legal=False,
    ),
    Rule("calls.fraud_signs", Answer.LABEL, _either(Standing.FOUND), legal=False),
)
"""The table."""
CODES: tuple[str, ...] = tuple(rule.code for rule in RULES)
NOTHING = "calls.nothing"
"""Code of a call to which no live rule applies; it passes."""


def check() -> None:
    """Raise `ValueError` for a table that must not be used."""
    if len(set(CODES)) < len(CODES) or len(CODES) > 31:
        raise ValueError("a code stands twice, or there are too many rules")
    for rule in RULES:
        if rule.answer is Answer.REFUSE and not rule.legal:
            raise ValueError(f"{rule.code}: statistics refuse nothing")


check()
