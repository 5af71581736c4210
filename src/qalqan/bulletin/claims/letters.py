"""Text as it is read: invisible marks out, look-alike letters put right, each place kept
(REQ-86)."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from qalqan.text.fold import fold

_WORD = re.compile(r"[^\W_]+")
_INVISIBLE = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff\u200e\u200f\u034f")
_SPACES = {0xA0: " ", 0x202F: " ", 0x2009: " ", 0x2007: " ", 0x2002: " ", 0x2003: " ", 0x0A: " ",
           0x0D: " ", 0x09: " ", 0x0B: " ", 0x0C: " "}  # fmt: skip


@dataclass(frozen=True)
class Odd:
    """A word whose letters are not what they seem: where, as it stands, as it reads."""

    start: int
    end: int
    text: str
    reads: str


@dataclass(frozen=True)
class Clean:
    """`plain` is what is read, in lower case; `places[i]` is where its letter i stands in the text
    as given, and one more for the end."""

    shown: str
    plain: str
    places: tuple[int, ...]
    odd: tuple[Odd, ...]


def clean(text: str) -> Clean:
    """Text for reading; look-alike letters are put right and told."""
    kept, places = _composed(text)
    places.append(len(text))
    shown = "".join(kept)
    folded, odd = list(shown), []
    for found in _WORD.finditer(shown):
        reads = fold(found[0]).text
        if reads != found[0] and len(reads) == len(found[0]):
            folded[found.start() : found.end()] = reads
            odd.append(Odd(found.start(), found.end(), found[0], reads))
    plain = "".join(folded).translate(_SPACES)
    lower = "".join(c.lower() if len(c.lower()) == 1 else c for c in plain)
    return Clean(shown, lower, tuple(places), tuple(odd))


def _composed(text: str) -> tuple[list[str], list[int]]:
    """Letters with their marks joined, invisible ones left out, and the place of each."""
    kept: list[str] = []
    places: list[int] = []
    for at, letter in enumerate(text):
        if letter in _INVISIBLE:
            continue
        if kept and unicodedata.combining(letter):
            joined = unicodedata.normalize("NFC", kept[-1] + letter)
            if len(joined) == 1:
                kept[-1] = joined
                continue
        kept.append(letter)
        places.append(at)
    return kept, places
