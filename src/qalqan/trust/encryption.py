"""Boxes for personal values: AES-256-GCM (NIST SP 800-38D), bound to the token they stand
under, so that a box moved to another row does not open.

A box is: format (1 byte, 1), nonce (12), ciphertext with its tag (16). Nonces are random:
2³² boxes a key keep the chance of a repeat below 2⁻³².
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from qalqan.errors import ContractBroken

_FORMAT = b"\x01"
_NONCE = 12
_TAG = 16


def seal(key: bytes, plaintext: bytes, bound_to: bytes) -> bytes:
    """Encrypt one value under a 32-byte key; it opens only with the same `bound_to`."""
    return seal_many(key, [plaintext], [bound_to])[0]


def seal_many(key: bytes, plaintexts: Sequence[bytes], bound_to: Sequence[bytes]) -> list[bytes]:
    """Encrypt many values under one key, each bound to its own token."""
    cipher = AESGCM(key)
    nonces = os.urandom(_NONCE * len(plaintexts))
    boxes = []
    for place, (plaintext, bound) in enumerate(zip(plaintexts, bound_to, strict=True)):
        nonce = nonces[place * _NONCE : (place + 1) * _NONCE]
        boxes.append(_FORMAT + nonce + cipher.encrypt(nonce, plaintext, bound))
    return boxes


def open_box(key: bytes, box: bytes, bound_to: bytes) -> bytes:
    """Decrypt; `ContractBroken` if the box was changed, moved, or sealed by another key."""
    if box[:1] != _FORMAT or len(box) < 1 + _NONCE + _TAG:
        raise ContractBroken("a box of unknown format")
    try:
        return AESGCM(key).decrypt(box[1 : 1 + _NONCE], box[1 + _NONCE :], bound_to)
    except InvalidTag:
        raise ContractBroken("a box does not open: changed, moved, or of another key") from None
