"""The mark by which a gateway's receipt is known: of one message, made with our key, so that nobody
who knows one can tell another's."""

from __future__ import annotations

import hmac

from qalqan.trust.keys import Keys

LETTERS = 32


def mark(keys: Keys, number: int) -> str:
    """The mark of a message of ours."""
    told = f"sms receipt {number}".encode()
    return hmac.digest(keys.token_key("phone"), told, "sha256").hex()[:LETTERS]


def is_right(keys: Keys, number: int, given: str) -> bool:
    """Whether the mark is that of this message."""
    return hmac.compare_digest(mark(keys, number), given)
