"""Signatures on orders: compact JWS (RFC 7515) with Ed25519 (`EdDSA`, RFC 8037).

The payload is a JSON object of ours, not a JWT: its terms are `due_us` and `expires_us` by
the centre's clock, so no claim is judged here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from qalqan.errors import ContractBroken, NotAllowed

_JWS = jwt.PyJWS(algorithms=["EdDSA"])


def sign(payload: Mapping[str, Any], key: Ed25519PrivateKey, **header: int) -> str:
    """Sign a JSON object, with more in its header if told so; equal objects and headers give equal
    text (sorted keys, Ed25519 is deterministic)."""
    body = json.dumps(
        payload, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )
    return _JWS.encode(body.encode(), key, algorithm="EdDSA", headers={"typ": "JOSE", **header})


def verify(jws: str, public_pem: str) -> dict[str, Any]:
    """The signed object; `NotAllowed` unless this key signed exactly this text."""
    key = public_key(public_pem)
    try:
        payload = json.loads(_JWS.decode(jws, key, algorithms=["EdDSA"]))
    except (jwt.InvalidTokenError, ValueError):
        raise NotAllowed("verify", "signature") from None
    if not isinstance(payload, dict):
        raise NotAllowed("verify", "object")
    return payload


def public_key(pem: str) -> Ed25519PublicKey:
    """The key in PEM; `ContractBroken` if it is none of this kind."""
    try:
        key = load_pem_public_key(pem.encode())
    except ValueError:
        raise ContractBroken("not a public key in PEM") from None
    if not isinstance(key, Ed25519PublicKey):
        raise ContractBroken("not an Ed25519 public key")
    return key
