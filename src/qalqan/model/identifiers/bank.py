"""A bank as payments name it: the code of its Kazakh IBANs, a BIC, or a local scheme's code."""

from __future__ import annotations

import re
from dataclasses import dataclass

from qalqan.errors import InputRejected
from qalqan.model.identifiers.given import given
from qalqan.text import fold

MOST = 64
_SHAPE = re.compile(r"[A-Z0-9]{2,11}")


@dataclass(frozen=True, slots=True)
class Bank:
    """A bank's code in capital letters."""

    text: str
    folded: tuple[str, ...] = ()
    country: str | None = None
    kind: str = "bank"


def canonical(text: str, *, field: str = "bank") -> Bank:
    """Capital letters and digits, two to eleven; a BIC of the head office has eight.

    Raises:
        InputRejected: `bank.shape`, or as `given`.
    """
    folded = fold.latin(given(text, field, MOST).upper())
    if _SHAPE.fullmatch(folded.text) is None:
        raise InputRejected(field, text, "bank.shape")
    code = folded.text
    return Bank(code[:8] if len(code) == 11 and code.endswith("XXX") else code, folded.letters)
