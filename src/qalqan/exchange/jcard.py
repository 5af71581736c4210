"""The signed card by which a refused caller complains: jCard (RFC 7095) in a JWS (RFC 8688, 3).

The network that refuses a call names its address in the reply's Call-Info; the caller's network
fetches it, checks the signature, and shows its customer whom to ask. It is the refusing network's
own card, under its own key and certificate.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey

from qalqan.errors import InputRejected


class Card(NamedTuple):
    """Whom a refused caller can ask; at least one way beside the name."""

    name: str
    url: str = ""
    email: str = ""
    tel: str = ""
    """E.164, with its plus."""


def jcard(card: Card) -> list[Any]:
    """The card as RFC 7095 writes it.

    Raises:
        InputRejected: no name, or no way to reach anybody.
    """
    if not card.name.strip():
        raise InputRejected("name", card.name, "fact.missing")
    if not (card.url or card.email or card.tel):
        raise InputRejected("url", "", "calls.card")
    ways = [
        ["url", {}, "uri", card.url] if card.url else None,
        ["email", {"type": "work"}, "text", card.email] if card.email else None,
        ["tel", {"type": "work"}, "uri", f"tel:{card.tel}"] if card.tel else None,
    ]
    head = [["version", {}, "text", "4.0"], ["fn", {}, "text", card.name]]
    return ["vcard", [*head, *(way for way in ways if way)]]


def signed(card: Card, key: object, x5u: str, at_s: int) -> str:
    """The card in a JWS: ES256, `x5u` naming the certificate, `iat` when it was signed.

    Raises:
        InputRejected: the card or the key can't be used: it must be of P-256.
    """
    if not isinstance(key, EllipticCurvePrivateKey) or not isinstance(key.curve, SECP256R1):
        raise InputRejected("key", type(key).__name__, "calls.card_key")
    body = {"iat": at_s, "jcard": jcard(card)}
    return jwt.encode(body, key, algorithm="ES256", headers={"x5u": x5u})
