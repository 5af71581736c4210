"""The decision table of calls: rules R1 to R6, in the order in which they are tested.

The first rule that holds and is live decides; those in shadow are noted. A *legal* rule follows
the numbering plan, an operator's contract or a decision of two people and may refuse; what a
detector saw only labels (DESIGN section 4).

Sources: numbering plan and trunk (Finland, Regulation 28: fixed numbers never from abroad, mobile
only if truly roaming); Ofcom 2025 (an unknown place passes with the number withheld); RFC 8224 and
8588 (a call that its home operator signed is not spoofed); the issue's R1 to R6 (REQ-45 to 47).
"""

from __future__ import annotations

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


class When(NamedTuple):
    """Of which rows a rule holds; what is empty or None asks nothing. Data and not code, so that a
    border controller's copy of the table is this one (`call_export`)."""

    trunks: tuple[Trunk, ...] = ()
    either: tuple[Standing, ...] = ()
    """The network or the presentation number is one of these."""
    each: tuple[Standing, ...] = ()
    """A number is told, and each that is told is one of these."""
    told: bool | None = None
    """Whether any number is told."""
    callee: tuple[Callee, ...] = ()
    allowed: tuple[Allowed, ...] = ()
    own: bool | None = None

    def __call__(self, row: Row) -> bool:
        """Whether this row is meant."""
        told = {row.network, row.presented} - {Standing.ABSENT}
        return (
            (not self.trunks or row.trunk in self.trunks)
            and (not self.either or not told.isdisjoint(self.either))
            and (not self.each or (bool(told) and told.issubset(self.each)))
            and self.told in (None, bool(told))
            and (not self.callee or row.callee in self.callee)
            and (not self.allowed or row.allowed in self.allowed)
            and self.own in (None, bool(row.own))
        )


class Rule(NamedTuple):
    """One line of the table."""

    code: str
    answer: Answer
    when: When
    legal: bool = True
    """False: statistics, which refuse nothing."""


_ABROAD = (Trunk.INTERNATIONAL,)
_OPEN = (Trunk.INTERNATIONAL, Trunk.VOIP)
_FOUND = (Standing.FOUND,)
_SUBSCRIBERS = (
    Standing.FIXED, Standing.AT_HOME, Standing.ABROAD, Standing.ANYWHERE, Standing.NETWORK,
)  # fmt: skip
"""What a signature can prove: it says who started the call; it gives nobody a number that nobody
can have, and lifts no list."""


def _from_abroad(standing: Standing) -> When:
    """Either number is such, and the call comes from abroad."""
    return When(_ABROAD, either=(standing,))


def _allowed(why: Allowed) -> When:
    return When(_ABROAD, allowed=(why,))


RULES: tuple[Rule, ...] = (
    Rule("calls.emergency", Answer.PASS, When(callee=(Callee.EMERGENCY,))),
    Rule("calls.listed", Answer.REFUSE, When(either=(Standing.LISTED,))),
    Rule("calls.contract", Answer.PASS, _allowed(Allowed.CONTRACT)),
    Rule("calls.looped", Answer.PASS, _allowed(Allowed.LOOPED)),
    Rule("calls.visitor", Answer.PASS, _allowed(Allowed.VISITOR)),
    Rule("calls.malformed", Answer.REFUSE, _from_abroad(Standing.MALFORMED)),
    Rule("calls.no_number", Answer.REFUSE, When(_OPEN, told=False)),
    Rule("calls.signed", Answer.PASS, When(_ABROAD, each=_SUBSCRIBERS, own=True)),
    Rule("calls.fixed_from_abroad", Answer.REFUSE, _from_abroad(Standing.FIXED)),
    Rule("calls.do_not_originate", Answer.REFUSE, _from_abroad(Standing.PROTECTED)),
    Rule("calls.short_from_abroad", Answer.REFUSE, _from_abroad(Standing.SHORT)),
    Rule("calls.unallocated", Answer.REFUSE, _from_abroad(Standing.UNALLOCATED)),
    Rule("calls.nobodys_code", Answer.REFUSE, _from_abroad(Standing.NOBODYS)),
    Rule("calls.mobile_at_home", Answer.REFUSE, _from_abroad(Standing.AT_HOME)),
    Rule("calls.not_your_number", Answer.REFUSE, When((Trunk.VOIP,), told=True, own=False)),
    Rule("calls.place_unknown", Answer.WITHHOLD, _from_abroad(Standing.ANYWHERE)),
    Rule("calls.network_from_abroad", Answer.WITHHOLD, _from_abroad(Standing.NETWORK)),
    Rule("calls.roams", Answer.PASS, _from_abroad(Standing.ABROAD)),
    Rule("calls.fraud_signs_to_city", Answer.LABEL, When(either=_FOUND, callee=(Callee.CITY,)),
         legal=False),
    Rule("calls.fraud_signs", Answer.LABEL, When(either=_FOUND), legal=False),
)  # fmt: skip
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
