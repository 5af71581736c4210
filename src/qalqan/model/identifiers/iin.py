"""IIN: a person's twelve digits in Kazakhstan (law 223-III of 2007, decree 406).

Date of birth (YYMMDD), a digit for century and sex (1, 2: 1800s; 3, 4: 1900s; 5, 6: 2000s; odd
for men; 0: a foreigner, century not told), a serial number, a check digit.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date

from qalqan.errors import InputRejected
from qalqan.model.identifiers.given import closed_up, given
from qalqan.model.identifiers.twelve import check_digit
from qalqan.text import fold

MOST = 64
_TWELVE = re.compile("[0-9]{12}")


@dataclass(frozen=True, slots=True)
class Iin:
    """An IIN with what it says: `born` and `sex` ("m", "f") are None if its seventh digit is 0."""

    text: str = field(repr=False)
    born: date | None
    sex: str | None
    folded: tuple[str, ...] = ()
    country: str = "KZ"
    kind: str = "person"


def canonical(text: str, *, field: str = "iin") -> Iin:
    """The twelve digits.

    Raises:
        InputRejected: `iin.shape`, `iin.date`, `iin.century`, `iin.check_digit`, or as `given`.
    """
    folded = fold.digits(given(text, field, MOST))
    number = closed_up(folded.text)
    if _TWELVE.fullmatch(number) is None:
        raise InputRejected(field, text, "iin.shape")
    mark = int(number[6])
    if mark > 6:
        raise InputRejected(field, text, "iin.century")
    centuries = (1800 + (mark - 1) // 2 * 100,) if mark else (1900, 2000)
    dates = [_date(century, number) for century in centuries]
    if not any(dates):
        raise InputRejected(field, text, "iin.date")
    if check_digit(number) != int(number[11]):
        raise InputRejected(field, text, "iin.check_digit")
    if not mark:
        return Iin(number, None, None, folded.letters)
    return Iin(number, dates[0], "m" if mark % 2 else "f", folded.letters)


def _date(century: int, number: str) -> date | None:
    try:
        return date(century + int(number[:2]), int(number[2:4]), int(number[4:6]))
    except ValueError:
        return None
