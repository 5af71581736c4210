"""Signed jCards for refused callers (RFC 7095, RFC 8688)."""

from __future__ import annotations

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from qalqan.errors import InputRejected
from qalqan.exchange.jcard import Card, jcard, signed

CARD = Card("Қала байланысы", "https://qala.example/blocked", "help@qala.example", "+77172000000")


def test_the_card_says_whom_to_ask() -> None:
    assert jcard(CARD) == [
        "vcard",
        [
            ["version", {}, "text", "4.0"],
            ["fn", {}, "text", "Қала байланысы"],
            ["url", {}, "uri", "https://qala.example/blocked"],
            ["email", {"type": "work"}, "text", "help@qala.example"],
            ["tel", {"type": "work"}, "uri", "tel:+77172000000"],
        ],
    ]
    assert len(jcard(Card("A", tel="+77172000000"))[1]) == 3


def test_it_verifies_under_the_certificate_s_key_alone() -> None:
    key, other = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    token = signed(CARD, key, "https://qala.example/cert.pem", 1_795_000_000)
    assert jwt.get_unverified_header(token) == {
        "alg": "ES256", "typ": "JWT", "x5u": "https://qala.example/cert.pem",
    }  # fmt: skip
    told = jwt.decode(token, key.public_key(), algorithms=["ES256"], options={"verify_iat": False})
    assert told == {"iat": 1_795_000_000, "jcard": jcard(CARD)}
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(token, other.public_key(), algorithms=["ES256"])


@pytest.mark.parametrize(("card", "field"), [(Card(" ", "https://x"), "name"), (Card("A"), "url")])
def test_a_card_that_helps_nobody_is_refused(card: Card, field: str) -> None:
    with pytest.raises(InputRejected) as refused:
        jcard(card)
    assert refused.value.field == field


@pytest.mark.parametrize(
    "key", [ec.generate_private_key(ec.SECP384R1()), ed25519.Ed25519PrivateKey.generate(), None]
)
def test_other_keys_are_refused(key: object) -> None:
    with pytest.raises(InputRejected):
        signed(CARD, key, "https://x", 1)
