"""The decision table under one policy, an entry a row: what a call costs is one look-up.

`rule` has a byte a row: the deciding rule's place in `rules.RULES`, or `NONE`. `shadow` has a bit
for every rule that holds there too and does not count yet.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection
from functools import lru_cache
from typing import NamedTuple

from .row import ROWS, unpack
from .rules import CODES, NOTHING, RULES

NONE = 255


class Decisions(NamedTuple):
    """Arrays over rows."""

    rule: bytes
    """ROWS bytes."""
    shadow: bytes
    """ROWS words of four bytes, in this machine's order."""


def compiled(live: Collection[str]) -> Decisions:
    """The table with these rules live and the others in shadow.

    Raises:
        ValueError: a code that no rule has.
    """
    unknown = set(live) - set(CODES)
    if unknown:
        raise ValueError(f"no such rule: {', '.join(sorted(unknown))}")
    return _compiled(frozenset(live))


@lru_cache(maxsize=8)
def _compiled(live: frozenset[str]) -> Decisions:
    counts = [code in live for code in CODES]
    rule, shadow = bytearray(ROWS), array("I", bytes(4 * ROWS))
    for row in range(ROWS):
        values = unpack(row)
        deciding, mask = NONE, 0
        for place, each in enumerate(RULES):
            if deciding != NONE and counts[place]:
                continue
            if each.when(values):
                if counts[place]:
                    deciding = place
                else:
                    mask |= 1 << place
        rule[row], shadow[row] = deciding, mask
    return Decisions(bytes(rule), shadow.tobytes())


ANSWERS = bytes(rule.answer for rule in RULES) + bytes(256 - len(RULES))
"""Answer by a rule's place; rows that no rule decides pass."""


def code_of(place: int) -> str:
    """The code of a deciding rule."""
    return NOTHING if place == NONE else CODES[place]


def codes_in(mask: int) -> tuple[str, ...]:
    """Codes of the rules in a shadow mask."""
    return tuple(code for place, code in enumerate(CODES) if mask >> place & 1)
