"""Legs: what two providers tell of a call that one hands to the other, without its numbers.

A leg is HMAC-SHA256 (RFC 2104) over `caller>callee`, both in E.164, under the key of a UTC day,
cut to 160 bits. Both sides get the same text, so the centre matches them (REQ-48, 49). The day is
that of the provider's own clock at the beginning of the call. The key is HKDF (RFC 5869) of the
centre's seed: from the key of one day nothing follows about another's.

What each can and can't learn:

- who sees legs but no key learns which of them repeat within a day, and nothing of the next day's;
- who has a day's key can test guesses of pairs against that day's legs: whom one known number
  called is found within minutes, since a country has about 10^8 numbers. Providers therefore never
  see each other's legs, and the key of a day is handed to those who tell legs, for that day alone;
- the centre holds the legs and can make any day's key. Hashing keeps numbers out of its lake, its
  dumps and its logs; it does not keep them from somebody who has its key file.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Sequence
from datetime import date

import pyarrow as pa
import pyarrow.compute as pc
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from qalqan.errors import InputRejected
from qalqan.trust.keys import Keys

KEY_BYTES = 32
LENGTH = 40
"""Characters of a leg: 160 bits in hexadecimal."""

BETWEEN = ">"
"""Stands between the numbers; no number holds it, so no two pairs give one text."""

_NUMBER = r"^(?:\+[1-9][0-9]{6,14}|[1-9][0-9]{2,3})$"
"""E.164 with its plus, or a short number."""


def day_key(keys: Keys, day: date) -> bytes:
    """The 32 bytes under which legs of calls of this UTC day are made."""
    purpose = f"qalqan legs {day:%Y-%m-%d}".encode()
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=purpose).derive(keys.signing_seed)


def leg(day_key: bytes, caller: str, callee: str) -> str:
    """The leg of a pair of canonical numbers: 40 hexadecimal digits.

    Raises:
        InputRejected: `phone.shape`: a number that is not written as both sides would write it.
    """
    for field, number in (("caller", caller), ("callee", callee)):
        if not re.fullmatch(_NUMBER, number):
            raise InputRejected(field, number, "phone.shape")
    return _hashed(day_key, [f"{caller}{BETWEEN}{callee}"])[0]


def legs(day_key: bytes, callers: pa.Array, callees: pa.Array) -> pa.Array:
    """Legs of two columns of canonical numbers; each pair is hashed once.

    A row without one of its numbers, or with one that is not canonical, has no leg: null.
    """
    callers, callees = (ends.cast(pa.string()) for ends in (callers, callees))
    sound = [pc.match_substring_regex(column, _NUMBER) for column in (callers, callees)]
    pairs = pc.binary_join_element_wise(callers, callees, BETWEEN)
    pairs = pc.if_else(pc.and_(*sound), pairs, pa.scalar(None, pairs.type))
    coded = pc.dictionary_encode(pairs)
    return pa.array(_hashed(day_key, coded.dictionary.to_pylist()), pa.string()).take(coded.indices)


def _hashed(day_key: bytes, pairs: Sequence[str]) -> list[str]:
    keyed = hmac.new(day_key, digestmod="sha256")
    found = []
    for pair in pairs:
        one = keyed.copy()  # the key's own two blocks are hashed once for all
        one.update(pair.encode())
        found.append(one.hexdigest()[:LENGTH])
    return found
