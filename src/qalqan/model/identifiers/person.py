"""Who holds an account or a number: an IIN or a BIN, told apart by the fifth digit."""

from __future__ import annotations

import re

from qalqan.errors import InputRejected
from qalqan.model.identifiers import bin as bin_number
from qalqan.model.identifiers import iin
from qalqan.model.identifiers.given import closed_up, given
from qalqan.text import fold

MOST = 64
_TWELVE = re.compile("[0-9]{12}")


def canonical(text: str, *, field: str = "person") -> iin.Iin | bin_number.Bin:
    """An IIN (fifth digit 0 to 3, tens of a day) or a BIN (4 to 6).

    Raises:
        InputRejected: `person.shape`, or as the IIN or BIN it looks like.
    """
    number = closed_up(fold.digits(given(text, field, MOST)).text)
    if _TWELVE.fullmatch(number) is None or number[4] > "6":
        raise InputRejected(field, text, "person.shape")
    if number[4] in bin_number.KIND_OF:
        return bin_number.canonical(text, field=field)
    return iin.canonical(text, field=field)
