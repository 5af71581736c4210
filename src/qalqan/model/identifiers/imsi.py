"""Numbers of SIM cards (IMSI: ITU-T E.212; 3GPP TS 23.003, 2.2): country, network, subscriber.

Fourteen or fifteen digits in use; the first three are the country's (401: Kazakhstan).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from qalqan.errors import InputRejected
from qalqan.model.identifiers.given import closed_up, given
from qalqan.text import fold

MOST = 64
_SHAPE = re.compile(r"[2-79][0-9]{13,14}")
_KAZAKHSTAN = "401"


@dataclass(frozen=True, slots=True)
class Imsi:
    """A card; `country` is told for Kazakhstan's alone."""

    text: str
    country: str | None
    folded: tuple[str, ...] = ()
    kind: str = "imsi"


def canonical(text: str, *, field: str = "imsi") -> Imsi:
    """The digits.

    Raises:
        InputRejected: `imsi.shape`, or as `given`.
    """
    folded = fold.digits(given(text, field, MOST))
    number = closed_up(folded.text)
    if _SHAPE.fullmatch(number) is None:
        raise InputRejected(field, text, "imsi.shape")
    return Imsi(number, "KZ" if number.startswith(_KAZAKHSTAN) else None, folded.letters)
