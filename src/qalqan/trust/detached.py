"""Signatures that stand beside what they sign: detached JWS (RFC 7515, appendix F; RFC 7797) with
Ed25519. Any JOSE library verifies one; the signed bytes stay a file that people can read."""

from __future__ import annotations

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from qalqan.errors import NotAllowed
from qalqan.trust.signing import public_key

_JWS = jwt.PyJWS(algorithms=["EdDSA"])


def sign_beside(body: bytes, key: Ed25519PrivateKey) -> str:
    """Sign bytes; the signature holds none of them."""
    header = {"typ": "JOSE", "b64": False, "crit": ["b64"]}
    return _JWS.encode(body, key, algorithm="EdDSA", headers=header, is_payload_detached=True)


def verify_beside(signature: str, body: bytes, public_pem: str) -> None:
    """Raise `NotAllowed` unless this key signed exactly these bytes; `ContractBroken` if it is no
    key of this kind."""
    key = public_key(public_pem)
    try:
        _JWS.decode(signature, key, algorithms=["EdDSA"], detached_payload=body)
    except (jwt.InvalidTokenError, ValueError):
        raise NotAllowed("verify", "signature") from None
