"""128-bit hashes of references and account tokens, and numbers for tokens (REQ-39).

An index compares references only for equality, so 16 bytes stand for a text of any length: among
10⁹ texts the chance that any two share a hash is about 10⁻²¹. The hash is no secret and keeps none.
"""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from qalqan.trail.index.kernels import outer

Hashes = npt.NDArray[np.uint64]
"""(n, 2): both halves of each hash; (0, 0) where there is no text."""

NONE = 0xFFFFFFFF
"""Number of an account that is not told."""


@outer
def hashed(offsets: Any, data: Any, valid: Any) -> Any:
    """Two multiplicative hashes side by side over the bytes of each text, then avalanched."""
    n = len(offsets) - 1
    found = np.zeros((n, 2), np.uint64)
    for i in range(n):
        if not valid[i] or offsets[i] == offsets[i + 1]:
            continue
        a = np.uint64(0xCBF29CE484222325)
        b = np.uint64(0x9E3779B97F4A7C15)
        for place in range(offsets[i], offsets[i + 1]):
            byte = np.uint64(data[place])
            a = (a ^ byte) * np.uint64(0x100000001B3)
            b = (b ^ byte) * np.uint64(0xD6E8FEB86659FD93)
            b ^= b >> np.uint64(32)
        a ^= b >> np.uint64(29)
        a = (a ^ (a >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        a = (a ^ (a >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        b = (b ^ (b >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
        found[i, 0] = a ^ (a >> np.uint64(31))
        found[i, 1] = (b ^ (b >> np.uint64(33))) | np.uint64(1)  # never (0, 0)
    return found


@outer
def _numbered(asked: Any, hashes: Any, count: int, slots: Any, numbers: Any) -> int:
    """Number of each hash in `numbers`, those not met before from `count` on; the new count.
    `slots` holds number + 1 by open addressing and must have room; `hashes` is by number."""
    mask = np.uint64(len(slots) - 1)
    for i in range(len(asked)):
        if asked[i, 1] == 0:
            numbers[i] = 0xFFFFFFFF
            continue
        place = asked[i, 0] & mask
        while True:
            held = slots[place]
            if held == 0:
                slots[place] = count + 1
                hashes[count, 0] = asked[i, 0]
                hashes[count, 1] = asked[i, 1]
                numbers[i] = count
                count += 1
                break
            if hashes[held - 1, 0] == asked[i, 0] and hashes[held - 1, 1] == asked[i, 1]:
                numbers[i] = held - 1
                break
            place = (place + np.uint64(1)) & mask
    return count


def hashes_of(texts: pa.Array) -> Hashes:
    """The hash of each text of an Arrow array of strings."""
    large = texts.cast(pa.large_string())
    if not len(large):
        return np.zeros((0, 2), np.uint64)
    found: Hashes = hashed(*places_of(large), np.asarray(large.is_valid()))
    return found


def references_of(texts: pa.Array) -> Hashes:
    """`facts.reference_key` of each UETR: roots are compared with them."""
    keys = b"".join(
        blake2b(text.encode(), digest_size=16).digest() if text else bytes(16)
        for text in texts.to_pylist()
    )
    return np.frombuffer(keys, ">u8").astype(np.uint64).reshape(-1, 2)


def places_of(texts: pa.LargeStringArray) -> tuple[Any, Any]:
    """Where each text begins, and the last one ends, among all the bytes."""
    _, offsets, data = texts.buffers()
    places = np.frombuffer(offsets, np.int64)[texts.offset : texts.offset + len(texts) + 1]
    octets = np.frombuffer(data, np.uint8) if data is not None else np.zeros(0, np.uint8)
    return places, octets


class Numbers:
    """Numbers of hashes in the order in which they were first met; for the writer alone."""

    def __init__(self) -> None:
        self.count = 0
        self._hashes = np.zeros((1024, 2), np.uint64)
        self._slots = np.zeros(2048, np.uint32)

    def of(self, asked: Hashes) -> npt.NDArray[np.uint32]:
        """The number of each hash, `NONE` where there is none; new ones are taken in."""
        self._make_room(self.count + len(asked))
        numbers = np.empty(len(asked), np.uint32)
        self.count = _numbered(asked, self._hashes, self.count, self._slots, numbers)
        return numbers

    def since(self, count: int) -> Hashes:
        """Hashes that got a number from `count` on, in order."""
        return self._hashes[count : self.count]

    def _make_room(self, most: int) -> None:
        if most > len(self._hashes):
            grown = np.zeros((max(most, 2 * len(self._hashes)), 2), np.uint64)
            grown[: self.count] = self._hashes[: self.count]
            self._hashes = grown
        if 2 * most > len(self._slots):
            self._slots = np.zeros(1 << int(2 * most).bit_length(), np.uint32)
            held, self.count = self._hashes[: self.count].copy(), 0
            numbers = np.empty(len(held), np.uint32)
            self.count = _numbered(held, self._hashes, 0, self._slots, numbers)
