"""Signed calls, with real keys; what RFC 8225 and RFC 8588 publish is taken as they print it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from qalqan.clock import DAY, SECOND
from qalqan.errors import ContractBroken, InputRejected
from qalqan.trust import passport
from qalqan.trust.passport import FRESH_US, Passport, Seen, canonical, sign, verify
from qalqan.trust.passport_certificates import Certificates, read_certificates

START = datetime(2026, 3, 1, tzinfo=UTC)
IAT = int(START.timestamp())
NOW = IAT * SECOND
X5U = "https://sign.example.kz/operator.pem"
NOWHERE = "https://sign.example.kz/nowhere.pem"
ORIG, DEST = "77010000001", "77270000002"
ORIGID = "123e4567-e89b-12d3-a456-426655440000"
SAID = Passport(ORIG, (DEST,), IAT, "A", ORIGID)
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Of the group of P-256 (FIPS 186-4, D.1.2.3)."""
LIST = bytes.fromhex("300fa20d160b") + ORIG.encode()
"""TNAuthList of one number."""

RFC_KEY = b"""-----BEGIN EC PRIVATE KEY-----
MHcCAQEEIFeZ1R208QCvcu5GuYyMfG4W7sH4m99/7eHSDLpdYllFoAoGCCqGSM49
AwEHoUQDQgAE8HNbQd/TmvCKwPKHkMF9fScavGeH78YTU8qLS8I5HLHSSmlATLcs
lQMhNC/OhlWBYC626nIlo7XeebYS7Sb37g==
-----END EC PRIVATE KEY-----
"""
"""RFC 8225, appendix A.1."""
RFC_TOKEN = (
    "eyJhbGciOiJFUzI1NiIsInR5cCI6InBhc3Nwb3J0IiwieDV1IjoiaHR0cHM6Ly9jZXJ0LmV4YW1wbGUub3JnL3Bhc3N"
    "wb3J0LmNlciJ9"
    ".eyJkZXN0Ijp7InVyaSI6WyJzaXA6YWxpY2VAZXhhbXBsZS5jb20iXX0sImlhdCI6IjE0NDMyMDgzNDUiLCJvcmlnIjp7"
    "InRuIjoiMTIxNTU1NTEyMTIifX0"
    ".rq3pjT1hoRwakEGjHCnWSwUnshd0-zJ6F1VOgFWSjHBr8Qjpjlk-cpFYpFYsojNCpTzO3QfPOlckGaS6hEck7w"
)
"""RFC 8225, section 7.1; `iat` is text there, which erratum 5985 calls a mistake."""


def certificate(
    name: str,
    key: Any,
    issuer: str,
    by: ec.EllipticCurvePrivateKey,
    numbers: bytes | None,
    days: int,
) -> bytes:
    ca = numbers is None
    called, of = (
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, each)]) for each in (name, issuer)
    )
    builder = (
        x509.CertificateBuilder(of, called, key, x509.random_serial_number())
        .not_valid_before(START - timedelta(days=5))
        .not_valid_after(START + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca, None), True)
        .add_extension(
            x509.KeyUsage(not ca, False, False, False, False, ca, ca, False, False), True
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), False)
    )
    if numbers is not None:
        oid = x509.ObjectIdentifier("1.3.6.1.5.5.7.1.26")
        builder = builder.add_extension(x509.UnrecognizedExtension(oid, numbers), False)
    return builder.sign(by, hashes.SHA256()).public_bytes(Encoding.PEM)


def _certificates() -> tuple[ec.EllipticCurvePrivateKey, Certificates]:
    root, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    trusted = certificate("root", root.public_key(), "root", root, None, 300)
    chains = {
        X5U: certificate("operator", key.public_key(), "root", root, LIST, 30),
        X5U + "?old": certificate("old", key.public_key(), "root", root, LIST, -1),
        NOWHERE: certificate("nowhere", key.public_key(), "nowhere", key, LIST, 30),
    }
    return key, read_certificates(chains, trusted, NOW, DAY)


KEY, CERTIFICATES = _certificates()


def reason(
    token: str, *, orig: str = ORIG, dest: str = DEST, at_us: int = NOW, seen: Seen | None = None
) -> str:
    found = verify(token, orig, dest, CERTIFICATES, Seen() if seen is None else seen, at_us)
    assert (found.passport is None) == (found.reason != "valid")
    return found.reason


def b64(content: bytes | str | dict[str, Any]) -> str:
    if isinstance(content, dict):
        content = json.dumps(content)
    content = content.encode() if isinstance(content, str) else content
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


HEADER = {"alg": "ES256", "ppt": "shaken", "typ": "passport", "x5u": X5U}
CLAIMS: dict[str, Any] = {
    "attest": "A", "dest": {"tn": [DEST]}, "iat": IAT, "orig": {"tn": ORIG}, "origid": ORIGID,
}  # fmt: skip


def signed(header: dict[str, Any] | str = HEADER, claims: dict[str, Any] | str = CLAIMS) -> str:
    """Any header and claims under a true signature of the operator."""
    text = f"{b64(header)}.{b64(claims)}"
    algorithm = jwt.PyJWS().get_algorithm_by_name("ES256")
    return f"{text}.{b64(algorithm.sign(text.encode(), KEY))}"


def test_a_signed_call_is_valid_and_says_what_was_signed() -> None:
    found = verify(sign(SAID, X5U, KEY), ORIG, DEST, CERTIFICATES, Seen(), NOW)
    assert found == passport.Verification("valid", SAID)
    assert reason(signed()) == "valid"


@given(
    st.lists(st.from_regex(r"[0-9]{1,15}", fullmatch=True), min_size=1, max_size=4),
    st.sampled_from("ABC"),
    st.uuids(),
)
def test_what_was_signed_reads_back(dest: list[str], attest: Any, origid: Any) -> None:
    said = Passport(ORIG, tuple(dest), IAT, attest, str(origid))
    for each in dest:
        found = verify(sign(said, X5U, KEY), ORIG, each, CERTIFICATES, Seen(), NOW)
        assert found == passport.Verification("valid", said)


def test_the_text_is_canonical() -> None:
    said = Passport("12155550121", ("12155550131",), 1443208345, "A", ORIGID)
    header, claims, _ = sign(said, "https://cert.example.org/passport.cer", KEY).split(".")
    assert base64.urlsafe_b64decode(header + "==") == (
        b'{"alg":"ES256","ppt":"shaken","typ":"passport",'
        b'"x5u":"https://cert.example.org/passport.cer"}'
    )
    assert base64.urlsafe_b64decode(claims + "==") == (
        b'{"attest":"A","dest":{"tn":["12155550131"]},"iat":1443208345,'
        b'"orig":{"tn":"12155550121"},"origid":"123e4567-e89b-12d3-a456-426655440000"}'
    )


def test_the_published_example_is_signed_as_ours_and_is_not_of_our_kind() -> None:
    key = load_pem_private_key(RFC_KEY, None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    text, _, signature = RFC_TOKEN.rpartition(".")
    plain = base64.urlsafe_b64decode(signature + "==")
    assert passport._ES256.verify(text.encode(), key.public_key(), plain)
    assert reason(RFC_TOKEN) == "shape"
    ours = sign(SAID, X5U, key)
    assert jwt.PyJWS().decode(ours, key.public_key(), algorithms=["ES256"])


def test_plain_pyjwt_reads_ours() -> None:
    now = int(datetime.now(UTC).timestamp())
    token = sign(Passport(ORIG, (DEST,), now, "B", ORIGID), X5U, KEY)
    claims = jwt.decode(token, KEY.public_key(), algorithms=["ES256"])
    assert claims == {**CLAIMS, "iat": now, "attest": "B"}


@given(st.data())
def test_no_changed_character_is_ever_valid(data: st.DataObject) -> None:
    token = sign(SAID, X5U, KEY)
    place = data.draw(st.integers(0, len(token) - 1))
    letters = st.characters() | st.sampled_from(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=;"
    )
    letter = data.draw(letters.filter(lambda other: other != token[place]))
    assert reason(token[:place] + letter + token[place + 1 :]) != "valid"


@given(st.data())
def test_no_cut_or_grown_token_is_ever_valid(data: st.DataObject) -> None:
    token = sign(SAID, X5U, KEY)
    place = data.draw(st.integers(0, len(token) - 1))
    assert reason(token[:place] + token[place + 1 :]) != "valid"
    assert (
        reason(token[:place] + data.draw(st.sampled_from("Aa0-_.= \n")) + token[place:]) != "valid"
    )
    assert reason(token[:place]) == "shape"


def test_every_bit_of_the_signed_bytes_counts() -> None:
    head, body, tail = sign(SAID, X5U, KEY).split(".")
    plain = base64.urlsafe_b64decode(tail + "==")
    for bit in range(512):
        changed = int.from_bytes(plain, "big") ^ (1 << bit)
        assert reason(f"{head}.{body}.{b64(changed.to_bytes(64, 'big'))}") == "signature"


@given(st.text(max_size=80) | st.from_regex(r"[\w-]+\.[\w-]+\.[\w-]{86}(;info=.*)?"))
def test_any_text_has_a_named_result(text: str) -> None:
    assert reason(text) == "shape"


def test_fresh_for_a_minute_either_way() -> None:
    token = sign(SAID, X5U, KEY)
    for away in (0, FRESH_US, -FRESH_US):
        assert reason(token, at_us=NOW + away) == "valid"
    for away in (FRESH_US + 1, -FRESH_US - 1, DAY, -DAY):
        assert reason(token, at_us=NOW + away) == "stale"


def test_another_call() -> None:
    token = sign(Passport(ORIG, (DEST, "77270000003"), IAT, "A", ORIGID), X5U, KEY)
    assert reason(token, dest="77270000003") == "valid"
    assert reason(token, orig="77010000009") == "orig"
    assert reason(token, dest="77270000009") == "dest"
    assert reason(token, orig="+" + ORIG) == "orig"


def test_certificates_that_do_not_count() -> None:
    assert reason(sign(SAID, "https://evil.example/x.pem", KEY)) == "certificate.unknown"
    assert reason(sign(SAID, NOWHERE, KEY)) == "certificate.chain"
    assert reason(sign(SAID, X5U + "?old", KEY)) == "certificate.expired"
    other = Passport("77010000009", (DEST,), IAT, "A", ORIGID)
    assert reason(sign(other, X5U, KEY), orig="77010000009") == "certificate.number"
    later = Passport(ORIG, (DEST,), IAT + 2 * 86_400, "A", ORIGID)
    assert reason(sign(later, X5U, KEY), at_us=NOW + 2 * DAY) == "certificate.lapsed"


def test_another_key() -> None:
    thief = ec.generate_private_key(ec.SECP256R1())
    assert reason(sign(SAID, X5U, thief)) == "signature"
    head, body, _ = sign(SAID, X5U, KEY).split(".")
    for plain in (bytes(64), b"\xff" * 64, bytes(32) + b"\x01" * 32):
        assert reason(f"{head}.{body}.{b64(plain)}") == "signature"


def test_a_signature_counts_once() -> None:
    seen, token = Seen(), sign(SAID, X5U, KEY)
    assert reason(token, seen=seen) == "valid"
    assert reason(token, seen=seen, at_us=NOW + FRESH_US) == "replayed"
    assert reason(passport.identity_header(token, X5U), seen=seen) == "replayed"
    assert reason(sign(SAID, X5U, KEY), seen=seen) == "valid"


def test_the_twin_of_a_signature_is_the_same_signature() -> None:
    seen, token = Seen(), sign(SAID, X5U, KEY)
    head, body, tail = token.split(".")
    plain = base64.urlsafe_b64decode(tail + "==")
    s = ORDER - int.from_bytes(plain[32:], "big")
    twin = f"{head}.{body}.{b64(plain[:32] + s.to_bytes(32, 'big'))}"
    assert reason(twin) == "valid"  # ECDSA is like that
    assert reason(token, seen=seen) == "valid"
    assert reason(twin, seen=seen) == "replayed"


def test_only_what_is_proved_is_remembered() -> None:
    seen, token = Seen(), sign(SAID, X5U, KEY)
    head, _, tail = token.split(".")
    forged = f"{head}.{b64({**CLAIMS, 'attest': 'B'})}.{tail}"
    assert reason(forged, seen=seen) == "signature"
    assert reason(token, orig="1", seen=seen) == "orig"
    assert seen.held == 0
    assert reason(token, seen=seen) == "valid"


def test_the_memory_is_bounded_and_says_what_it_forgot() -> None:
    seen = Seen(limit=3)
    signatures = [bytes([n]) * 64 for n in range(5)]
    assert all(seen.first(each, NOW) for each in signatures)
    assert (seen.held, seen.forgotten) == (3, 2)
    assert not seen.first(signatures[4], NOW + 2 * FRESH_US)
    assert seen.first(signatures[0], NOW + 2 * FRESH_US + 1)
    assert (seen.held, seen.forgotten) == (1, 2)
    with pytest.raises(ContractBroken):
        Seen(limit=0)


@pytest.mark.parametrize("algorithm", ["none", "None", "HS256", "ES384", "RS256", "es256", None, 1])
def test_no_algorithm_but_es256(algorithm: object) -> None:
    assert reason(signed({**HEADER, "alg": algorithm})) == "shape"


def test_no_signature_and_the_public_key_as_a_secret() -> None:
    text = f"{b64({**HEADER, 'alg': 'none'})}.{b64(CLAIMS)}"
    assert reason(text + ".") == "shape"
    assert reason(text) == "shape"
    public = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    for header in (HEADER, {**HEADER, "alg": "HS256"}):
        text = f"{b64(header)}.{b64(CLAIMS)}"
        mac = hmac.digest(public, text.encode(), "sha256")
        assert reason(f"{text}.{b64(mac)}") == "shape"
        assert reason(f"{text}.{b64(hashlib.sha256(mac).digest() + mac)}") in ("shape", "signature")


@pytest.mark.parametrize(
    "change",
    [{"ppt": "div"}, {"ppt": None}, {"ppt": ["shaken"]}, {"typ": "JWT"}, {"x5u": None},
     {"x5u": [X5U]}, {"crit": ["x"]}, {"crit": ["b64"], "b64": False}],
)  # fmt: skip
def test_headers_of_another_kind(change: dict[str, Any]) -> None:
    assert reason(signed({**HEADER, **change})) == "shape"


@pytest.mark.parametrize("missing", list(HEADER))
def test_headers_that_lack_something(missing: str) -> None:
    assert reason(signed({k: v for k, v in HEADER.items() if k != missing})) == "shape"


@pytest.mark.parametrize("missing", list(CLAIMS))
def test_claims_that_lack_something(missing: str) -> None:
    assert reason(signed(HEADER, {k: v for k, v in CLAIMS.items() if k != missing})) == "shape"


@pytest.mark.parametrize(
    "change",
    [{"dest": {"tn": DEST}}, {"dest": {"tn": []}}, {"dest": {"tn": [[DEST]]}}, {"dest": [DEST]},
     {"dest": {"tn": {DEST: 1}}}, {"dest": {"uri": ["sip:a@example.kz"]}}, {"dest": DEST},
     {"dest": {"tn": [DEST], "uri": []}}, {"dest": {"tn": [int(DEST)]}}, {"dest": {"tn": None}},
     {"dest": {"tn": ["+" + DEST]}}, {"dest": {"tn": [DEST, "７７２７００００００２"]}},
     {"orig": {"tn": [ORIG]}}, {"orig": ORIG}, {"orig": {"tn": int(ORIG)}}, {"orig": None},
     {"orig": {"tn": "+" + ORIG}}, {"orig": {"tn": "7 701 000 00 01"}}, {"orig": {"tn": ""}},
     {"orig": {"tn": "٧٧٠١٠٠٠٠٠٠١"}}, {"orig": {"tn": ORIG + "\n"}}, {"orig": {"tn": "1" * 16}},
     {"orig": {"tn": ORIG, "uri": "sip:a@example.kz"}}, {"orig": {"uri": "sip:a@example.kz"}},
     {"iat": str(IAT)}, {"iat": float(IAT)}, {"iat": True}, {"iat": None}, {"iat": -1},
     {"iat": 2**40}, {"iat": [IAT]}, {"attest": "D"}, {"attest": "a"}, {"attest": ["A"]},
     {"attest": True}, {"attest": ""}, {"origid": "x"}, {"origid": 1}, {"origid": None},
     {"origid": ORIGID + "0"}, {"origid": ORIGID.replace("-", "")}],
)  # fmt: skip
def test_claims_of_wrong_types(change: dict[str, Any]) -> None:
    assert reason(signed(HEADER, {**CLAIMS, **change})) == "shape"


def test_members_that_nobody_asked_for_do_no_harm() -> None:
    assert reason(signed({**HEADER, "kid": "x", "jwk": {"kty": "oct"}})) == "valid"
    assert reason(signed(HEADER, {**CLAIMS, "mky": [], "exp": 1})) == "valid"


def test_no_member_stands_twice() -> None:
    head, claims = json.dumps(HEADER), json.dumps(CLAIMS)
    assert reason(signed(head, claims)) == "valid"
    assert reason(signed(head, claims[:-1] + ', "attest": "A"}')) == "shape"
    assert reason(signed(head, claims[:-1] + ', "\\u0061ttest": "A"}')) == "shape"
    assert reason(signed(head, claims.replace('{"tn": "', '{"tn": "1", "tn": "'))) == "shape"
    assert reason(signed(head[:-1] + f', "x5u": "{X5U}"}}', claims)) == "shape"


@pytest.mark.parametrize(
    "text",
    ["", "[]", "null", "{", '"x"', "[" * 3_000, '{"a":' * 1_000, "\ufeff{}", "{}{}",
     '{"iat": ' + "9" * 5_000 + "}", '{"iat": NaN}'],
)  # fmt: skip
def test_what_is_no_object(text: str) -> None:
    assert reason(signed(HEADER, text)) == "shape"
    assert reason(signed(text, CLAIMS)) == "shape"


def test_bytes_that_are_no_text() -> None:
    head, _, tail = sign(SAID, X5U, KEY).split(".")
    for content in (b"\xff\xfe", json.dumps(CLAIMS).encode("utf-16"), b'{"a":"\xc3"}'):
        assert reason(f"{head}.{b64(content)}.{tail}") == "shape"


def test_base64_has_one_text() -> None:
    head, body, tail = sign(SAID, X5U, KEY).split(".")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    spare = letters[letters.index(tail[-1]) ^ 1]
    token = f"{head}.{body}.{tail}"
    for text in (
        token[:-1] + spare,
        token + "==",
        f"{head}=.{body}.{tail}",
        token + "\n",
        " " + token,
    ):
        assert reason(text) == "shape"


def test_two_four_and_no_parts_and_the_compact_form() -> None:
    head, body, tail = sign(SAID, X5U, KEY).split(".")
    for text in ("", "..", f"{head}.{body}", f"{head}.{body}.{tail}.{tail}", f"..{tail}"):
        assert reason(text) == "shape"


def test_a_token_has_a_limit() -> None:
    def long(more: int) -> str:
        return signed(HEADER, {**CLAIMS, "more": "x" * more})

    size = next(more for more in range(5_000, 6_200) if len(long(more)) > passport.MAX_TOKEN)
    assert reason(long(size - 1)) == "valid"
    assert reason(long(size)) == "shape"
    assert reason("a" * 10_000_000) == "shape"
    header = passport.identity_header(sign(SAID, X5U, KEY), X5U)
    assert reason(header + ";a=" + "1" * 8_000) == "valid"
    assert reason(header + ";a=" + "1" * passport.MAX_HEADER) == "shape"
    assert reason(header + ";" * 1_000_000) == "shape"


@pytest.mark.parametrize(
    "parameters",
    [";info=<{x}>;alg=ES256;ppt=shaken", ";ppt=shaken;info=<{x}>;alg=ES256",
     ';alg="ES256";ppt="shaken";info=<{x}>', ';info="{x}";ppt="shaken"', ";info={x};ppt=shaken",
     " ; INFO = <{x}> ; Alg = ES256 ;\tPPT = shaken ", ";info=<{x}>;other;more=1;ppt=shaken",
     ';x=";info=<y>";info=<{x}>;ppt=shaken'],
)  # fmt: skip
def test_identity_headers(parameters: str) -> None:
    token = sign(SAID, X5U, KEY)
    value = token + parameters.format(x=X5U)
    assert passport.read_identity(value) == (token, X5U)
    assert reason(value) == "valid"


@pytest.mark.parametrize(
    "parameters",
    [";", ";info=<{x}>", ";ppt=shaken", ";info=<{x}>;ppt=div", ";info=<{x}>;ppt=shaken;alg=none",
     ";info=<{x}>;ppt=shaken;alg=HS256", ";info=<{x}>;info=<{x}>;ppt=shaken", ";info=;ppt=shaken",
     ";info=<{x}>;ppt=shaken;", ";info=<>;ppt=shaken", ";info=<{x};ppt=shaken",
     ";info=<https://evil.example/x.pem>;ppt=shaken", ";info=<{x}>;ppt=shaken,next",
     ";info=<{x}>;ppt=shaken\r\nX: y", ";info=<{x}>;ppt=shaken;PPT=shaken",
     ";info=<{x}/>;ppt=shaken"],
)  # fmt: skip
def test_identity_headers_that_do_not_fit(parameters: str) -> None:
    assert reason(sign(SAID, X5U, KEY) + parameters.format(x=X5U)) == "shape"


def test_the_header_that_is_made_is_the_one_of_the_standard() -> None:
    assert passport.identity_header("a.b.c", X5U) == f"a.b.c;info=<{X5U}>;alg=ES256;ppt=shaken"


@pytest.mark.parametrize(
    ("number", "digits"),
    [("+77010000001", ORIG), (ORIG, ORIG), ("+7 (701) 000-00.01", ORIG), ("112", "112")],
)
def test_canonical_numbers(number: str, digits: str) -> None:
    assert canonical(number) == digits


@pytest.mark.parametrize(
    "number", ["", "+", "++7701", "7701x", "7" * 16, "٧٧٠١", "７７０１", "77 01"]
)
def test_what_is_no_canonical_number(number: str) -> None:
    with pytest.raises(InputRejected):
        canonical(number.replace("77 01", "77\u00a001"))


@pytest.mark.parametrize(
    "change",
    [{"orig": "+77010000001"}, {"orig": "٧٧٠١"}, {"dest": ()}, {"dest": ("",)}, {"iat": -1},
     {"iat": 2**40}, {"attest": "D"}, {"origid": "operator"}],
)  # fmt: skip
def test_what_can_not_be_said(change: dict[str, Any]) -> None:
    said = {"orig": ORIG, "dest": (DEST,), "iat": IAT, "attest": "A", "origid": ORIGID}
    with pytest.raises(ContractBroken):
        Passport(**{**said, **change})


@pytest.mark.parametrize(
    "x5u",
    ["", "http://a.kz/x.pem", "https://", "https://a.kz/ x", "https://a.kz/>", "https://қ.kz/x"],
)
def test_addresses_that_no_header_can_carry(x5u: str) -> None:
    with pytest.raises(ContractBroken):
        sign(SAID, x5u, KEY)


def test_only_keys_of_p256_sign() -> None:
    with pytest.raises(ContractBroken):
        sign(SAID, X5U, ec.generate_private_key(ec.SECP384R1()))
