"""Signed calls beside plain PyJWT: µs a token to sign and to verify, with the same key and claims.

Prints one JSON object a line. Ours makes and checks the whole PASSporT: canonical text, strict
shape, freshness, call, certificate, number and replay; the peer signs and checks the JWT alone.
Every token of a pass is another one, so that replay memory has work to do; passes of both take
turns, and the best of each counts.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from qalqan.clock import SECOND, wall_us
from qalqan.trust.passport import Passport, Seen, sign, verify
from qalqan.trust.passport_certificates import Certificates, read_certificates

TOKENS = 5_000
PASSES = 7
X5U = "https://sign.example.kz/operator.pem"
ORIG, DEST = "77010000001", "77270000002"
ORIGID = "123e4567-e89b-12d3-a456-426655440000"
HEADER = {"ppt": "shaken", "typ": "passport", "x5u": X5U}
NUMBERS = bytes.fromhex("300fa20d160b") + ORIG.encode()
"""A TNAuthList of one number (RFC 8226, section 9)."""


def certificate(key: ec.EllipticCurvePrivateKey, root: ec.EllipticCurvePrivateKey) -> bytes:
    """The root's own certificate, or an operator's by the root."""
    ca, now = key is root, datetime.now(UTC)
    name, issuer = (
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, each)])
        for each in ("root" if ca else "operator", "root")
    )
    usage = x509.KeyUsage(not ca, False, False, False, False, ca, ca, False, False)
    by = x509.AuthorityKeyIdentifier.from_issuer_public_key(root.public_key())
    numbers = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.5.5.7.1.26"), NUMBERS)
    builder = x509.CertificateBuilder(issuer, name, key.public_key(), x509.random_serial_number())
    builder = (
        builder.not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca, None), True)
        .add_extension(usage, True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(by, False)
    )
    if not ca:
        builder = builder.add_extension(numbers, False)
    return builder.sign(root, hashes.SHA256()).public_bytes(Encoding.PEM)


def us(work: Callable[[], object]) -> float:
    """One pass over all tokens, µs a token."""
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) / TOKENS * 1e6


def turns(ours: Callable[[], object], peer: Callable[[], object]) -> tuple[float, float]:
    """The best pass of each."""
    pairs = [(us(ours), us(peer)) for _ in range(PASSES)]
    return min(a for a, _ in pairs), min(b for _, b in pairs)


def show(name: str, ours: float, peer: str, peer_value: float, notes: str) -> None:
    """One line."""
    row = {
        "name": name,
        "unit": "µs a token",
        "ours": round(ours, 1),
        "peer": peer,
        "peer_value": round(peer_value, 1),
        "ratio": round(ours / peer_value, 2),
        "n": TOKENS,
        "notes": f"{notes}; best of {PASSES} passes in turns, warm, one process",
    }
    print(json.dumps(row, ensure_ascii=False), flush=True)


def verify_all(tokens: list[str], certificates: Certificates, at_us: int) -> None:
    """Each once, with a memory that knows none of them."""
    seen = Seen()
    for token in tokens:
        found = verify(token, ORIG, DEST, certificates, seen, at_us)
        if found.reason != "valid":
            raise SystemExit(f"not valid: {found.reason}")


def main() -> None:
    root, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    at_us = wall_us()
    certificates = read_certificates({X5U: certificate(key, root)}, certificate(root, root), at_us)
    said = Passport(ORIG, (DEST,), at_us // SECOND, "A", ORIGID)
    claims = {
        "attest": "A", "dest": {"tn": [DEST]}, "iat": said.iat, "orig": {"tn": ORIG},
        "origid": ORIGID,
    }  # fmt: skip
    ours, peer = turns(
        lambda: [sign(said, X5U, key) for _ in range(TOKENS)],
        lambda: [jwt.encode(claims, key, "ES256", HEADER) for _ in range(TOKENS)],
    )
    show("PASSporT signed", ours, "PyJWT encode", peer, "ES256")
    tokens, public = [sign(said, X5U, key) for _ in range(TOKENS)], key.public_key()
    ours, peer = turns(
        lambda: verify_all(tokens, certificates, at_us),
        lambda: [jwt.decode(token, public, algorithms=["ES256"]) for token in tokens],
    )
    notes = "shape, freshness, call, certificate, number, signature, replay; peer: signature, iat"
    show("PASSporT verified", ours, "PyJWT decode", peer, notes)


if __name__ == "__main__":
    main()
