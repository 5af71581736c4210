"""Keyed tokens: what stands for a person, an account, a phone everywhere outside the vault.

A token is a blind index, HMAC-SHA256 under the key of its class cut to 120 bits: equal values
give equal tokens in every process, so tables join on them, and without the key nobody can
try out all phone numbers. Accounts, phones and cards carry their last characters, so that a
page can show "…4471" without opening the vault.
"""

from __future__ import annotations

import hmac
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qalqan.errors import ContractBroken
from qalqan.trust.keys import Keys

PREFIXES = {
    "account": "acc",
    "person": "per",
    "phone": "tel",
    "card": "crd",
    "name": "nam",
    "words": "wrd",
    "document": "doc",
    "device": "dev",
    "sim": "sim",
}
_CLASSES = {prefix: klass for klass, prefix in PREFIXES.items()}
_WITH_LAST_FOUR = frozenset({"account", "phone", "card"})
_DIGEST_BYTES = 15
_LETTERS = np.frombuffer(b"abcdefghijklmnopqrstuvwxyz234567", dtype=np.uint8)
_BODY_ENDS = len("acc_") + 24
LONGEST = _BODY_ENDS + len("_4471")
"""Bytes of a token: identifiers' last characters are ASCII."""


def token(keys: Keys, klass: str, canonical: str) -> str:
    """The token of one canonical value: `acc_` + 24 base32 characters + `_4471`."""
    return token_list(keys, klass, [canonical])[0]


def tokens(keys: Keys, klass: str, values: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Tokens of a whole column of canonical text; null stays null, each value is hashed once."""
    encoded = encode(values)
    return spread(encoded, token_list(keys, klass, encoded.dictionary.to_pylist()))


def encode(values: pa.Array | pa.ChunkedArray) -> pa.DictionaryArray:
    """A column of text as its distinct values and their places."""
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if isinstance(values, pa.ChunkedArray):  # too long for one array of 32-bit offsets
        values = pa.concat_arrays(values.cast(pa.large_string()).chunks)
    if pa.types.is_dictionary(values.type) and values.dictionary.null_count:
        values = values.cast(values.type.value_type)
    if pa.types.is_null(values.type):
        values = values.cast(pa.string())
    return values if pa.types.is_dictionary(values.type) else pc.dictionary_encode(values)


def spread(encoded: pa.DictionaryArray, distinct: Sequence[str]) -> pa.Array:
    """`distinct`, one for each dictionary value, laid out over the column's rows."""
    return pa.array(distinct, pa.string()).take(encoded.indices)


def token_list(keys: Keys, klass: str, canonical: Sequence[str]) -> list[str]:
    """Tokens of many canonical values, in their order."""
    key = keys.token_key(klass)
    bodies = _base32(
        b"".join(hmac.digest(key, value.encode(), "sha256")[:_DIGEST_BYTES] for value in canonical)
    )
    prefix = PREFIXES[klass]
    if klass not in _WITH_LAST_FOUR:
        return [f"{prefix}_{body}" for body in bodies]
    return [f"{prefix}_{body}{_tail(value)}" for body, value in zip(bodies, canonical, strict=True)]


def last_four(token: str) -> str:
    """The last characters that a token shows; empty for classes that show none."""
    return token[_BODY_ENDS + 1 :]


def klass_of(token: str) -> str:
    """The class a token belongs to; `ContractBroken` if it is no token."""
    try:
        return _CLASSES[token[:3]]
    except KeyError:
        raise ContractBroken("not a token") from None


def _tail(canonical: str) -> str:
    """Four characters of an IBAN, number or card; of a bank's short local id at most half,
    since there the four would be all of it."""
    local = canonical[canonical.rfind(":") + 1 :]
    shown = local[len(local) - min(4, len(local) // 2) :]
    if not shown.isalnum():
        shown = "".join(filter(str.isalnum, shown))
    return f"_{shown}" if shown else ""


def _base32(digests: bytes) -> list[str]:
    """RFC 4648 base32 in lower case of 15-byte pieces, all at once."""
    bits = np.unpackbits(np.frombuffer(digests, dtype=np.uint8)).reshape(-1, 5)
    codes = bits @ np.array([16, 8, 4, 2, 1], dtype=np.uint8)
    text = _LETTERS[codes].tobytes().decode()
    return [text[start : start + 24] for start in range(0, len(text), 24)]
