from __future__ import annotations

import base64
import json

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qalqan.errors import ContractBroken, NotAllowed
from qalqan.trust.keys import Keys
from qalqan.trust.signing import sign, verify

KEYS = Keys.new()
values = st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(max_size=20)
payloads = st.dictionaries(st.text(max_size=10), values | st.lists(values, max_size=3), max_size=5)


@given(payloads)
def test_what_was_signed_reads_back(payload: dict[str, object]) -> None:
    jws = sign(payload, KEYS.signing_key)
    assert verify(jws, KEYS.verify_key_pem) == payload
    assert jws == sign(dict(reversed(payload.items())), KEYS.signing_key)


def test_terms_of_an_order_are_not_claims_of_a_token() -> None:
    payload = {"exp": 1, "nbf": 2**40, "iat": "yesterday", "aud": ["x"]}
    assert verify(sign(payload, KEYS.signing_key), KEYS.verify_key_pem) == payload


@given(st.data())
def test_changed_text_is_refused(data: st.DataObject) -> None:
    jws = sign({"order": "O-26-000001", "amount": 100}, KEYS.signing_key)
    place = data.draw(st.integers(0, len(jws) - 1).filter(lambda at: at != len(jws) - 1))
    letter = data.draw(st.sampled_from("ABCxyz019-_.").filter(lambda other: other != jws[place]))
    with pytest.raises(NotAllowed):
        verify(jws[:place] + letter + jws[place + 1 :], KEYS.verify_key_pem)


@given(st.text(max_size=60))
def test_other_text_is_refused(text: str) -> None:
    with pytest.raises(NotAllowed):
        verify(text, KEYS.verify_key_pem)


def _forged(algorithm: str, signature: bytes = b"") -> str:
    head = json.dumps({"alg": algorithm}).encode()
    pieces = (head, b'{"amount":1}', signature)
    return ".".join(base64.urlsafe_b64encode(p).rstrip(b"=").decode() for p in pieces)


def test_another_key_or_algorithm_is_refused() -> None:
    with pytest.raises(NotAllowed):
        verify(sign({"amount": 1}, Keys.new().signing_key), KEYS.verify_key_pem)
    with pytest.raises(NotAllowed):
        verify(_forged("none"), KEYS.verify_key_pem)
    with pytest.raises(NotAllowed):
        verify(jwt.PyJWS().encode(b"{}", "k" * 32, "HS256"), KEYS.verify_key_pem)


def test_only_objects_are_taken() -> None:
    jws = jwt.PyJWS().encode(b"[1]", KEYS.signing_key, "EdDSA")
    with pytest.raises(NotAllowed):
        verify(jws, KEYS.verify_key_pem)


def test_a_wrong_key_is_a_matter_for_the_administrator() -> None:
    with pytest.raises(ContractBroken):
        verify("a.b.c", "no key")
