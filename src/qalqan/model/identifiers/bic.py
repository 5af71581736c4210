"""BIC (ISO 9362): a bank's four characters, country, place, and a branch if not the head office."""

from __future__ import annotations

import re
from dataclasses import dataclass

from qalqan.errors import InputRejected
from qalqan.geo.countries import COUNTRIES
from qalqan.model.identifiers.given import closed_up, given
from qalqan.text import fold

MOST = 64
_SHAPE = re.compile(r"[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}(?:[A-Z0-9]{3})?")


@dataclass(frozen=True, slots=True)
class Bic:
    """A BIC of eight characters, or eleven with a branch."""

    text: str
    country: str
    branch: str | None
    folded: tuple[str, ...] = ()
    kind: str = "bic"


def canonical(text: str, *, field: str = "bic") -> Bic:
    """Capital letters; the head office's branch code XXX is left out.

    Raises:
        InputRejected: `bic.shape`, `bic.country`, or as `given`.
    """
    folded = fold.latin(given(text, field, MOST).upper())
    code = closed_up(folded.text)
    if _SHAPE.fullmatch(code) is None:
        raise InputRejected(field, text, "bic.shape")
    if code[4:6] not in COUNTRIES:
        raise InputRejected(field, text, "bic.country")
    branch = code[8:] if len(code) == 11 and code[8:] != "XXX" else None
    return Bic(code if branch else code[:8], code[4:6], branch, folded.letters)
