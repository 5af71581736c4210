"""Boxes for personal values: AES-256-GCM (NIST SP 800-38D), bound to the token they stand
under, so that a box moved to another row does not open.

A box is: version of its key (1 byte, from 1), nonce (12), ciphertext with its tag (16). Nonces are
random: 2³² boxes a key keep the chance of a repeat below 2⁻³². What is sealed takes the newest key
of its class; what older ones sealed opens until nothing is left of it (`register.rekeying`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from qalqan.errors import ContractBroken

_NONCE = 12
_TAG = 16
MOST_VERSIONS = 255


@dataclass(frozen=True, eq=False)
class Ring:
    """The keys of one class by version; nothing of them shows in `repr`. `renew` reads them anew:
    another process may have added one meanwhile."""

    versions: Mapping[int, bytes] = field(repr=False)
    renew: Callable[[], Mapping[int, bytes]] | None = field(default=None, repr=False)

    @property
    def newest(self) -> int:
        """The version that seals."""
        return max(self.versions)

    def of(self, version: int) -> bytes:
        """The key of a version; `ContractBroken` if there is none."""
        key = self.versions.get(version)
        if key is None and self.renew is not None:
            key = self.renew().get(version)
        if key is None:
            raise ContractBroken("a box of an unknown key")
        return key


Key = Ring | bytes
"""A class's keys, or one that is the first version."""


def seal(key: Key, plaintext: bytes, bound_to: bytes) -> bytes:
    """Encrypt one value under a 32-byte key; it opens only with the same `bound_to`."""
    return seal_many(key, [plaintext], [bound_to])[0]


def seal_many(key: Key, plaintexts: Sequence[bytes], bound_to: Sequence[bytes]) -> list[bytes]:
    """Encrypt many values under one key, each bound to its own token."""
    ring = _ring(key)
    cipher, version = AESGCM(ring.of(ring.newest)), bytes([ring.newest])
    nonces = os.urandom(_NONCE * len(plaintexts))
    boxes = []
    for place, (plaintext, bound) in enumerate(zip(plaintexts, bound_to, strict=True)):
        nonce = nonces[place * _NONCE : (place + 1) * _NONCE]
        boxes.append(version + nonce + cipher.encrypt(nonce, plaintext, bound))
    return boxes


def open_box(key: Key, box: bytes, bound_to: bytes) -> bytes:
    """Decrypt; `ContractBroken` if the box was changed, moved, or sealed by another key."""
    if not version_of(box) or len(box) < 1 + _NONCE + _TAG:
        raise ContractBroken("a box of unknown format")
    opener = AESGCM(_ring(key).of(version_of(box)))
    try:
        return opener.decrypt(box[1 : 1 + _NONCE], box[1 + _NONCE :], bound_to)
    except InvalidTag:
        raise ContractBroken("a box does not open: changed, moved, or of another key") from None


def version_of(box: bytes) -> int:
    """The version of the key that sealed a box; 0 for what is none."""
    return box[0] if box else 0


def _ring(key: Key) -> Ring:
    return Ring({1: key}) if isinstance(key, bytes) else key
