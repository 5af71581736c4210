"""Device numbers (3GPP TS 23.003, 6.2): fourteen digits and Luhn's check digit.

Networks often tell the fourteen alone, or sixteen with a software version (IMEISV) instead of the
check digit: they are written as the fifteen that stand on the device.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from qalqan.errors import InputRejected
from qalqan.model.identifiers.card import luhn
from qalqan.model.identifiers.given import closed_up, given
from qalqan.text import fold

MOST = 64
_SHAPE = re.compile(r"[0-9]{14,16}")


@dataclass(frozen=True, slots=True)
class Imei:
    """A device; `text` has fifteen digits."""

    text: str
    folded: tuple[str, ...] = ()
    country: str | None = None
    kind: str = "imei"


def canonical(text: str, *, field: str = "imei") -> Imei:
    """The fifteen digits.

    Raises:
        InputRejected: `imei.shape`, `imei.check_digit`, or as `given`.
    """
    folded = fold.digits(given(text, field, MOST))
    number = closed_up(folded.text.replace("/", ""))
    if _SHAPE.fullmatch(number) is None:
        raise InputRejected(field, text, "imei.shape")
    if len(number) == 15:
        if luhn(number) != 0:
            raise InputRejected(field, text, "imei.check_digit")
        return Imei(number, folded.letters)
    whole = number[:14] + str(-luhn(number[:14] + "0") % 10)
    return Imei(whole, folded.letters)
