"""Payment card numbers (ISO/IEC 7812): twelve to nineteen digits, Luhn's check digit.

The number itself lives only as long as it takes to make its keyed token: it is left out of
`repr`, never shown, never logged. What people see is `last_four`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from qalqan.errors import InputRejected
from qalqan.model.identifiers.given import closed_up, given
from qalqan.text import fold

MOST = 64
_SHAPE = re.compile(r"[2-9][0-9]{11,18}")
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


@dataclass(frozen=True, slots=True)
class Card:
    """A card: `text` for the token alone, `last_four` for people."""

    text: str = field(repr=False)
    last_four: str
    folded: tuple[str, ...] = ()
    country: str | None = None
    kind: str = "card"


def canonical(text: str, *, field: str = "card") -> Card:
    """The digits without spaces.

    Raises:
        InputRejected: `card.shape`, `card.check_digit`, or as `given`.
    """
    folded = fold.digits(given(text, field, MOST))
    number = closed_up(folded.text)
    if _SHAPE.fullmatch(number) is None:
        raise InputRejected(field, text, "card.shape")
    if luhn(number) != 0:
        raise InputRejected(field, text, "card.check_digit")
    return Card(number, number[-4:], folded.letters)


def luhn(number: str) -> int:
    """Luhn's sum modulo 10: every second digit from the right doubled; 0 if it is right."""
    figures = [ord(c) - 48 for c in reversed(number)]
    return (sum(figures[::2]) + sum(_DOUBLED[d] for d in figures[1::2])) % 10
