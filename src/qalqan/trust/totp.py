"""Codes of six digits from an app, new every half minute (TOTP, RFC 6238, over `cryptography`).

The secret lies in a box of its own, bound to the login. Its key comes from the token key of class
`person`, which is never renewed, so that a rotation of box keys locks nobody out.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from urllib.parse import quote

from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.twofactor.hotp import HOTP

from qalqan.clock import SECOND
from qalqan.trust import encryption
from qalqan.trust.keys import Keys

STEP_US = 30 * SECOND
DIGITS = 6
WINDOW = 1
"""Steps before and after that count as well: telephones' clocks go wrong (RFC 6238, 5.2)."""
_SECRET_BYTES = 20
"""As many as SHA-1 gives (RFC 4226, 4): apps know no other hash."""


def new_secret() -> bytes:
    """160 random bits."""
    return secrets.token_bytes(_SECRET_BYTES)


def seal(keys: Keys, login: str, secret: bytes) -> bytes:
    """The secret's box."""
    return encryption.seal(_key(keys), secret, _bound(login))


def unseal(keys: Keys, login: str, box: bytes) -> bytes:
    """The secret in a box; `ContractBroken` if it was changed or is another login's."""
    return encryption.open_box(_key(keys), box, _bound(login))


def code(secret: bytes, step: int) -> str:
    """The code of one step."""
    return HOTP(secret, DIGITS, SHA1()).generate(step).decode()


def step_of(secret: bytes, given: str, at_us: int, after: int) -> int | None:
    """The step whose code this is, near the moment `at_us` (UTC microseconds) and later than the
    step `after` that was used last; `None` if it is none: a code counts once (ASVS 6.5.1)."""
    now = at_us // STEP_US
    found = None
    for step in range(now - WINDOW, now + WINDOW + 1):
        alike = hmac.compare_digest(code(secret, step).encode(), given.encode("utf-8", "replace"))
        if alike and step > after:
            found = step
    return found


def text(secret: bytes) -> str:
    """The secret as apps take it by hand: base32 in fours."""
    plain = base64.b32encode(secret).decode()
    return " ".join(plain[i : i + 4] for i in range(0, len(plain), 4))


def address(secret: bytes, login: str, issuer: str = "Qalqan") -> str:
    """The `otpauth:` address that a QR code carries."""
    plain = base64.b32encode(secret).decode()
    return f"otpauth://totp/{quote(issuer)}:{quote(login)}?secret={plain}&issuer={quote(issuer)}"


def _key(keys: Keys) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=b"qalqan totp").derive(keys.token_key("person"))


def _bound(login: str) -> bytes:
    return b"totp " + login.encode()
