"""BIN: a legal entity's twelve digits in Kazakhstan (law 223-III of 2007, decree 406).

Year and month of registration (YYMM), type (4 resident, 5 non-resident, 6 sole traders in a
joint business), part (0 head office, 1 branch, 2 representation, 3 joint farm), a serial number,
a check digit. The fifth digit tells a BIN from an IIN, whose fifth is 0 to 3.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from qalqan.errors import InputRejected
from qalqan.model.identifiers.given import closed_up, given
from qalqan.model.identifiers.twelve import check_digit
from qalqan.text import fold

MOST = 64
KIND_OF = {"4": "resident", "5": "nonresident", "6": "sole_trader"}
PART_OF = {"0": "head", "1": "branch", "2": "representation", "3": "farm"}

_TWELVE = re.compile("[0-9]{12}")


@dataclass(frozen=True, slots=True)
class Bin:
    """A BIN with what it says: `registered` is "YY-MM" (the century is not told)."""

    text: str
    registered: str
    kind: str
    part: str
    folded: tuple[str, ...] = ()
    country: str = "KZ"


def canonical(text: str, *, field: str = "bin") -> Bin:
    """The twelve digits.

    Raises:
        InputRejected: `bin.shape`, `bin.date`, `bin.type`, `bin.check_digit`, or as `given`.
    """
    folded = fold.digits(given(text, field, MOST))
    number = closed_up(folded.text)
    if _TWELVE.fullmatch(number) is None:
        raise InputRejected(field, text, "bin.shape")
    if not 1 <= int(number[2:4]) <= 12:
        raise InputRejected(field, text, "bin.date")
    if number[4] not in KIND_OF or number[5] not in PART_OF:
        raise InputRejected(field, text, "bin.type")
    if check_digit(number) != int(number[11]):
        raise InputRejected(field, text, "bin.check_digit")
    registered = f"{number[:2]}-{number[2:4]}"
    return Bin(number, registered, KIND_OF[number[4]], PART_OF[number[5]], folded.letters)
