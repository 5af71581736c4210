"""Codes of six digits from an app, new every half minute (TOTP, RFC 6238, over `cryptography`).

The secret lies in a box of its own, bound to the login, under keys made from those of class
`person`: the first from its token key, the newer ones from its box keys of the same version. So
they are renewed with the class, and `register.rekeying` seals the secrets anew.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Mapping
from urllib.parse import quote

from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.twofactor.hotp import HOTP

from qalqan.clock import SECOND
from qalqan.trust import encryption
from qalqan.trust.encryption import Ring
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
    return encryption.seal(ring(keys), secret, _bound(login))


def unseal(keys: Keys, login: str, box: bytes) -> bytes:
    """The secret in a box; `ContractBroken` if it was changed or is another login's."""
    return encryption.open_box(ring(keys), box, _bound(login))


def ring(keys: Keys) -> Ring:
    """The keys that seal secrets, by version."""
    of = keys.box_key("person")
    first, renew = keys.token_key("person"), of.renew
    return Ring(_made(first, of.versions), None if renew is None else lambda: _made(first, renew()))


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


def _made(first: bytes, versions: Mapping[int, bytes]) -> dict[int, bytes]:
    seeds = {**versions, 1: first}
    return {
        version: HKDF(SHA256(), 32, salt=None, info=b"qalqan totp").derive(seed)
        for version, seed in seeds.items()
    }


def _bound(login: str) -> bytes:
    return b"totp " + login.encode()
