"""Where paragraphs break into sentences."""

from __future__ import annotations

import itertools
import re

from qalqan.bulletin.claims.letters import Clean
from qalqan.bulletin.claims.words import LANGUAGES, words

MOST_LETTERS = 3000
"""Of a sentence: prose has none as long."""
_LONGEST_WORD = 40
_END = re.compile(r"(?:[.!?…]+[»”\")]*)(\s+)(?=[«“\"(–—-]?\s?[^\W_])")


_LAST_WORD = re.compile(r"([^\W\d_](?:[\w.-]*[^\W_])?)\.$")


_MAGNITUDE = re.compile(r"(?:тыс|млн|млрд|трлн|мың|bn|mn)\.$")


LIST_MARK = re.compile(r"\s*(?:[-–—•·*▪○]|\d{1,2}[.)](?!\d)|[a-zа-я]\))\s*")


def split(text: Clean) -> list[tuple[int, int]]:
    """Where sentences begin and end."""
    start, found = 0, []
    mark = LIST_MARK.match(text.plain)
    first = mark.end() if mark else 0
    for match in _END.finditer(text.shown):
        if match.start() + 1 <= first or not _ends(text, match):
            continue
        found.append((start, match.start(1)))
        start = match.end(1)
    if text.plain[start:].strip():
        found.append((start, len(text.plain)))
    return [piece for first, last in found for piece in _pieces(first, last)]


def _pieces(start: int, end: int) -> list[tuple[int, int]]:
    """A sentence cut where it is too long to be one."""
    cuts = [*range(start, end, MOST_LETTERS), end]
    return list(itertools.pairwise(cuts))


def _ends(text: Clean, match: re.Match[str]) -> bool:
    """Whether a stop ends a sentence, and not an abbreviation or an initial."""
    follows = text.shown[match.end() : match.end() + 2].lstrip('«“"(–—- ')[:1]
    if text.shown[match.start()] != ".":
        return follows.isupper() or follows.isdigit()
    head = text.plain[max(0, match.start() - _LONGEST_WORD) : match.start() + 1]
    last = _LAST_WORD.search(head)
    word = last[1] if last else ""
    if _MAGNITUDE.search(head):
        return follows.isupper()
    if word in ("г", "ж", "жж", "гг"):
        return follows.isupper() and re.search(r"\d\s*(?:г|ж|жж|гг)\.$", head) is not None
    if re.fullmatch(r"(?:[^\W\d_]\.)*[^\W\d_]", word) and not head[-3:-2].isdigit():
        return False
    known = any(word in words(language).group("abbreviations") for language in LANGUAGES)
    if known and word not in ("м", "b", "m"):
        return False
    return follows.isupper() or follows.isdigit()
