"""A verdict that a question could change: what to ask about the call, and what the answer makes of
it.

Tables tell what operators told them; some calls are worth a question of their own. A home
operator says at once where a subscriber of its is (R4), and a signature says whether the home
operator itself started the call (RFC 8224). Either answer changes the call's row, and the same
decision table decides that row: a verdict after a question replays like any other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .decisions import ANSWERS
from .lookup import PLUS_7, SPAN, THOUSAND, step_of, value_of
from .row import Standing, Trunk
from .rules import CODES, Answer
from .screen import Decided, Tables

PLACE_UNKNOWN, SIGNED = CODES.index("calls.place_unknown"), CODES.index("calls.signed")
HOME, ABROAD = "home", "abroad"
_ANYWHERE, _WITHHOLD = int(Standing.ANYWHERE), int(Answer.WITHHOLD)
_STANDINGS = {HOME: int(Standing.AT_HOME), ABROAD: int(Standing.ABROAD)}
_NETWORK_AT, _PRESENTED_AT, _TRUNK_AT = 9, 5, 13


def unplaced(verdict: Decided) -> tuple[int, ...]:
    """Numbers of a call that passes without its number until their home operators say where they
    are; none if that is not what decides it."""
    _, rule, row, _, network, presented, *_ = verdict
    if rule != PLACE_UNKNOWN:
        return ()
    told = ((network, row >> _NETWORK_AT & 15), (presented, row >> _PRESENTED_AT & 15))
    return tuple({number for number, standing in told if standing == _ANYWHERE})


def may_be_signed(verdict: Decided, rules: Sequence[int]) -> bool:
    """Whether a signature would let a call pass that is now refused or passes without its number;
    `rules` is `decisions.Decisions.rule`."""
    answer, _, row, *_ = verdict
    abroad = row >> _TRUNK_AT == Trunk.INTERNATIONAL
    return answer >= _WITHHOLD and abroad and rules[row | 1] == SIGNED


def signer_of(verdict: Decided) -> int:
    """The number that a signature on the call must name; 0 if the call tells two numbers, of
    which one signature can prove but one."""
    network, presented = verdict[4], verdict[5]
    if network and presented and network != presented:
        return 0
    return presented or network


def operator_of(tables: Tables, number: int) -> str | None:
    """The code of the operator that serves a number now, ported ones included."""
    words, blocks = tables.parts["words"], tables.parts["blocks"]
    operator = value_of(words, len(words), step_of(len(words)), number) & 255
    if not operator and 0 <= number - PLUS_7 < SPAN:
        operator = blocks[(number - PLUS_7) // THOUSAND]
    codes: Mapping[str, int] = tables.about["codes"]
    return next((code for code, place in codes.items() if place == operator), None)


def amended(
    verdict: Decided, rules: Sequence[int], places: Mapping[int, tuple[str, int]], signed: bool
) -> Decided:
    """The verdict with what was answered: number → its place and the seconds since that was seen;
    whether the home operator signed this call."""
    _, _, row, trunk, network, presented, callee, age_s, contract = verdict
    for number, at in ((network, _NETWORK_AT), (presented, _PRESENTED_AT)):
        if number in places and row >> at & 15 == _ANYWHERE:
            place, seen_s_ago = places[number]
            row ^= (_ANYWHERE ^ _STANDINGS[place]) << at
            age_s = max(age_s, seen_s_ago)
    if signed and may_be_signed(verdict, rules):
        row |= 1
    rule = rules[row]
    return (ANSWERS[rule], rule, row, trunk, network, presented, callee, age_s, contract)
