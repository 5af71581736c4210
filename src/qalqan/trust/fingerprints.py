"""Keyed 128-bit fingerprints of whole columns, for telling equal values from others.

AES-CBC-MAC over a first block of length and label (FIPS 197; with the length in front no message
is the beginning of another, Bellare, Kilian and Rogaway 2000): without the key nobody can find
two values that meet. One call of the cipher works on a block of every row at once.
"""

from __future__ import annotations

import hmac
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

Fingerprints: TypeAlias = np.ndarray[Any, np.dtype[Any]]
"""128 bits a row, as two halves (`<u8`)."""

_BLOCK = 16
_AT_ONCE = 1 << 16
"""Rows worked on together: what they need stays in the processor's cache."""


@lru_cache(maxsize=8)
def fingerprinter(key: bytes) -> Fingerprinter:
    """The one for this key, kept."""
    return Fingerprinter(key)


class Fingerprinter:
    """Fingerprints under one key; a label keeps those of different columns apart."""

    def __init__(self, key: bytes) -> None:
        drawn = hmac.digest(key, b"fingerprints", "sha256")
        self._cipher = Cipher(algorithms.AES(drawn[:16]), modes.ECB())
        self._label_key = drawn[16:]
        self._labels: dict[str, int] = {}

    def texts(self, label: str, values: pa.Array) -> Fingerprints:
        """Of text (string, large_string, binary), a row each; nought where it is null."""
        offsets, held = _bytes_of(values)
        found = np.zeros((len(values), 2), "<u8")
        for start in range(0, len(values), _AT_ONCE):
            piece = offsets[start : start + _AT_ONCE + 1]
            self._chain(label, piece, held, found[start : start + _AT_ONCE])
        if values.null_count:
            found[values.is_null().to_numpy(zero_copy_only=False)] = 0
        return found

    def numbers(self, label: str, values: pa.Array) -> Fingerprints:
        """Of whole numbers or flags, a row each; nought where there is none."""
        found = np.empty((len(values), 2), "<u8")
        found[:, 0] = values.cast(pa.int64()).fill_null(0).to_numpy().view("<u8")
        found[:, 1] = self._labelled(label)
        for start in range(0, len(found), _AT_ONCE):
            piece = found[start : start + _AT_ONCE]
            piece[:] = self._encrypted(piece)
        if values.null_count:
            found[values.is_null().to_numpy(zero_copy_only=False)] = 0
        return found

    def _chain(self, label: str, offsets: Any, held: Any, out: Fingerprints) -> None:
        """The longest first, so that those who still have blocks stand together in front."""
        lengths = np.diff(offsets)
        blocks = (lengths + _BLOCK - 1) // _BLOCK
        order = np.argsort(-blocks, kind="stable")
        starts, lengths = offsets[:-1][order].astype(np.int64), lengths[order].astype(np.int64)
        state = np.empty((len(order), 2), "<u8")
        state[:, 0], state[:, 1] = lengths, self._labelled(label)
        state = self._encrypted(state)
        descending = -blocks[order]
        for number in range(int(-descending[0]) if len(order) else 0):
            going = int(np.searchsorted(descending, -number))
            state[:going] ^= _block(held, starts[:going], lengths[:going], number * _BLOCK)
            state[:going] = self._encrypted(state[:going])
        out[order] = state

    def _encrypted(self, blocks: Fingerprints) -> Fingerprints:
        done = np.empty((len(blocks) + 1, 2), "<u8")  # the cipher asks for room to spare
        given = np.ascontiguousarray(blocks).data.cast("B")
        self._cipher.encryptor().update_into(given, done.data.cast("B"))
        return done[:-1]

    def _labelled(self, label: str) -> int:
        if label not in self._labels:
            drawn = hmac.digest(self._label_key, label.encode(), "sha256")
            self._labels[label] = int.from_bytes(drawn[:8], "little")
        return self._labels[label]


def _bytes_of(values: pa.Array) -> tuple[Any, Any]:
    """Offsets of the rows and the bytes they point into, with a block of noughts at the end."""
    text = values.cast(pa.binary()) if pa.types.is_string(values.type) else values
    text = text.cast(pa.large_binary())
    _, offsets, data = text.buffers()
    places = np.frombuffer(offsets, "<i8")[text.offset : text.offset + len(text) + 1]
    if not len(text):
        return np.zeros(1, np.int64), np.zeros(_BLOCK, np.uint8)
    used = np.frombuffer(data, np.uint8)[places[0] : places[-1]] if data else np.empty(0, np.uint8)
    return places - places[0], np.concatenate([used, np.zeros(_BLOCK, np.uint8)])


def _block(held: Any, starts: Any, lengths: Any, at: int) -> Fingerprints:
    """The 16 bytes from `at` on of each value, noughts after its end."""
    windows = np.ndarray((len(held) - _BLOCK + 1,), "V16", held.data, strides=(1,))
    found: Fingerprints = windows[starts + at].view("<u8").reshape(-1, 2)
    left = lengths - at
    if (left < _BLOCK).any():
        found &= _MASKS.take(np.minimum(left, _BLOCK), axis=0)
    return found


_MASKS = np.frombuffer(
    b"".join(b"\xff" * n + bytes(_BLOCK - n) for n in range(_BLOCK + 1)), "<u8"
).reshape(-1, 2)
