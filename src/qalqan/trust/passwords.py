"""Passwords of officers and secrets of machines.

Passwords are weak, so argon2id (RFC 9106, second recommended setting: 64 MiB, three passes)
makes each guess dear. Secrets of partners and sessions are 256 random bits, so one SHA-256
is enough, and a table of hashes can be searched by equality.
"""

from __future__ import annotations

import hashlib
import secrets
from functools import lru_cache
from threading import BoundedSemaphore

from argon2 import PasswordHasher, profiles
from argon2.exceptions import InvalidHashError, VerificationError

from qalqan.errors import InputRejected

SHORTEST = 12
LONGEST = 128
"""Characters of a password (ASVS 5.0, 6.2.1 and 6.2.9)."""

SETTINGS = profiles.RFC_9106_LOW_MEMORY
"""64 MiB, three passes, four lanes."""
_hasher = PasswordHasher.from_parameters(SETTINGS)
_turns = BoundedSemaphore(4)
"""Each hash takes 64 MiB: a burst of sign-ins must not take all memory."""


def hash_password(password: str) -> str:
    """The argon2id hash; `InputRejected` if the password is too short or too long."""
    check_length(password)
    with _turns:
        return _hasher.hash(password)


def check_length(password: str) -> None:
    """Raise `InputRejected` for a password that is too short or too long."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise InputRejected("password", "", "password.length", shortest=SHORTEST, longest=LONGEST)


def check_password(password: str, password_hash: str | None) -> bool:
    """Whether it is the password. For `None` (no such officer) it takes as long and says no."""
    known = password_hash or _nobody()
    if len(password) > LONGEST:
        return False
    try:
        with _turns:
            _hasher.verify(known, password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def outdated(password_hash: str) -> bool:
    """Whether a hash was made with cheaper settings than today's."""
    return _hasher.check_needs_rehash(password_hash)


@lru_cache
def _nobody() -> str:
    return _hasher.hash(secrets.token_hex(16))


def new_secret() -> str:
    """256 random bits as URL-safe text of 43 characters."""
    return secrets.token_urlsafe(32)


def hash_secret(secret: str) -> str:
    """SHA-256 of a random secret, 64 hex digits; never for passwords."""
    return hashlib.sha256(secret.encode()).hexdigest()
