"""Free text as the register keeps it: what can be seen, closed up, masked, not too long."""

from __future__ import annotations

import re
import unicodedata

from qalqan.errors import InputRejected
from qalqan.text.mask import mask

_ACT = re.compile(r"(?<!\w)([A-Z](?:[0-9]{10}|[0-9]{9}_))(?!\w)")
"""An act's id in the state's register of laws, such as Z1900000277: as long as a phone."""


_LINE_END = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
_UNSEEN = {"Cc", "Cn", "Cs"}
"""Controls, non-characters and lone surrogates: XML 1.0 (2.2), and so a DOCX, can't hold them."""


def seen(field: str, text: str) -> str:
    """The text with lines that end in one way, and without marks that nobody sees, which turn
    words round or part them.

    Raises:
        InputRejected: control characters or what is no character.
    """
    told = "".join(c for c in _LINE_END.sub("\n", text) if unicodedata.category(c) != "Cf")
    if any(unicodedata.category(c) in _UNSEEN and c not in "\n\t" for c in told):
        raise InputRejected(field, None, "text.characters")
    return told


def line(field: str, text: str | None, most: int, *, needed: bool = True) -> str:
    """The text with its white space closed up and people's numbers masked (DESIGN section 7).

    Ids of acts stay readable: they name the law that a source is.

    Raises:
        InputRejected: nothing where something is needed, control characters, or more than `most`
            characters.
    """
    pieces = _ACT.split(" ".join(seen(field, text or "").split()))
    told = "".join(mask(each) if at % 2 == 0 else each for at, each in enumerate(pieces))
    if needed and not told:
        raise InputRejected(field, "", "text.empty")
    if len(told) > most:
        raise InputRejected(field, None, "text.too_long", most=most)
    return told
