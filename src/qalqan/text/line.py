"""One line of free text as the register keeps it: closed up, masked, no longer than it may be."""

from __future__ import annotations

import re

from qalqan.errors import InputRejected
from qalqan.text.mask import mask

_ACT = re.compile(r"(?<!\w)([A-Z](?:[0-9]{10}|[0-9]{9}_))(?!\w)")
"""An act's id in the state's register of laws, such as Z1900000277: as long as a phone."""


def line(field: str, text: str | None, most: int, *, needed: bool = True) -> str:
    """The text with its white space closed up and people's numbers masked (DESIGN section 7).

    Ids of acts stay readable: they name the law that a source is.

    Raises:
        InputRejected: nothing where something is needed, or more than `most` characters.
    """
    pieces = _ACT.split(" ".join((text or "").split()))
    told = "".join(mask(each) if at % 2 == 0 else each for at, each in enumerate(pieces))
    if needed and not told:
        raise InputRejected(field, "", "text.empty")
    if len(told) > most:
        raise InputRejected(field, None, "text.too_long", most=most)
    return told
