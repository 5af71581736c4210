"""What every identifier asks of its text first: something there, not too long, nothing hidden."""

from __future__ import annotations

import re

from qalqan.errors import InputRejected

_HIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffd-\uffff]")
_SEPARATORS = re.compile(r"[\s\-‐‑‒–—−]+")


def given(text: str, field: str, most: int) -> str:
    """`text` without the white space around it.

    Raises:
        InputRejected: `text.empty`, `text.too_long` (over `most` characters, white space
            counted, so that a huge text costs nothing), `text.characters`.
    """
    if len(text) > most:
        raise InputRejected(field, text, "text.too_long", most=most)
    stripped = text.strip()
    if not stripped:
        raise InputRejected(field, text, "text.empty")
    if _HIDDEN.search(stripped):
        raise InputRejected(field, text, "text.characters")
    return stripped


def closed_up(text: str) -> str:
    """Text without spaces and dashes, as people group digits."""
    return text if text.isalnum() else _SEPARATORS.sub("", text)
