"""How alike two words are by the threes of letters they share: forgives a slip of the finger."""

from __future__ import annotations

import re

from qalqan.text.fold import search_key

LONGEST = 200
"""Signs of a text that are compared."""
_WORD = re.compile(r"[^\W_]+")


def grams(text: str) -> frozenset[str]:
    """All runs of three signs of the text's search key, word by word, with two spaces before
    and one behind each, so that beginnings count more than ends."""
    words = _WORD.findall(search_key(text[:LONGEST]))
    padded = (f"  {word} " for word in words)
    return frozenset(word[at : at + 3] for word in padded for at in range(len(word) - 2))


def likeness(asked: frozenset[str], told: frozenset[str]) -> float:
    """Share of what was asked that was told, 0 to 1."""
    return len(asked & told) / len(asked) if asked else 0.0
