"""What the register of measures takes: texts in one language or more, days, keys; numbers of people
in free text are masked (REQ-25)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date

from qalqan.errors import InputRejected
from qalqan.text.catalogue import LANGUAGES
from qalqan.text.mask import mask

LONGEST_NAME, LONGEST_OWNER, LONGEST_WORDS, SHORTEST_WORDS = 600, 200, 1000, 8
FIRST, LAST = date(2015, 1, 1), date(2060, 12, 31)


def words(
    text: str, field: str, least: int = 0, most: int = LONGEST_WORDS, *, masked: bool = True
) -> str:
    """A text as it is kept; what is not masked is the address of a public document.

    Raises:
        InputRejected: too short or too long.
    """
    plain = " ".join(text.split())
    kept = mask(plain) if masked else plain
    if not least <= len(kept) <= most:
        raise InputRejected(field, text[:80], "measure.words", least=least, most=most)
    return kept


def names(told: Mapping[str, str]) -> dict[str, str]:
    """Language → text, one at least; a language without a text is left out.

    Raises:
        InputRejected: no text, an unknown language, or too long.
    """
    found = {
        language: words(text, f"name_{language}", most=LONGEST_NAME)
        for language, text in told.items() if text.strip()
    }  # fmt: skip
    if not found or not set(found) <= set(LANGUAGES):
        raise InputRejected("name", ", ".join(told), "measure.name")
    return {language: found[language] for language in LANGUAGES if language in found}


def in_language(told: Mapping[str, str], language: str) -> tuple[str, str]:
    """(text, its language): the reader's if there is one, else the first that there is."""
    if language in told:
        return told[language], language
    return next((told[each], each) for each in LANGUAGES if each in told)


def day(text: str, field: str) -> str:
    """A day, YYYY-MM-DD.

    Raises:
        InputRejected: no day, or one that no programme has.
    """
    try:
        found = date.fromisoformat(text.strip())
    except ValueError:
        raise InputRejected(field, text[:20], "measure.day") from None
    if not FIRST <= found <= LAST or len(text.strip()) != 10:
        raise InputRejected(field, text[:20], "measure.day")
    return found.isoformat()


def key_of(by: str, key: str) -> str:
    """What is kept of an idempotency key: it counts for whoever sent it."""
    return hashlib.sha256(f"{by}\x00{key}".encode()).hexdigest()
