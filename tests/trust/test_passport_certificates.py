"""Certificates of operators that sign: chains made here, with real keys, for numbers of nobody."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import core
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from qalqan.clock import DAY, HOUR, SECOND
from qalqan.errors import ContractBroken
from qalqan.trust import passport_certificates as certificates
from qalqan.trust.passport_certificates import Certificates, Signer, read_certificates

START = datetime(2026, 3, 1, tzinfo=UTC)
NOW = int(START.timestamp()) * SECOND
X5U = "https://sign.example.kz/operator.pem"
NUMBER, OTHER = "77010000001", "77010000999"
_TN_AUTH_LIST = x509.ObjectIdentifier("1.3.6.1.5.5.7.1.26")


def tn_auth_list(
    codes: Iterable[str] = (), ranges: Iterable[tuple[str, int]] = (), ones: Iterable[str] = ()
) -> bytes:
    """The extension's DER, put together by hand from RFC 8226, section 9."""

    def ia5(text: str) -> bytes:
        return bytes(core.IA5String(text).dump())

    def tagged(tag: int, inner: bytes) -> bytes:
        return _tlv(0xA0 + tag, inner)

    entries = [tagged(0, ia5(code)) for code in codes]
    entries += [
        tagged(1, _tlv(0x30, ia5(start) + bytes(core.Integer(count).dump())))
        for start, count in ranges
    ]
    entries += [tagged(2, ia5(one)) for one in ones]
    return _tlv(0x30, b"".join(entries))


def _tlv(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes((tag, size)) + content
    return bytes((tag, 0x82)) + size.to_bytes(2, "big") + content


@dataclass
class Made:
    """A certificate and its key."""

    name: str
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey = field(repr=False)

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)


def made(
    name: str,
    issuer: Made | None = None,
    *,
    ca: bool = False,
    numbers: bytes | None = None,
    days: tuple[int, int] = (-1, 30),
    signs: bool | None = None,
    curve: ec.EllipticCurve | None = None,
    more: x509.ExtensionType | None = None,
    public: rsa.RSAPublicKey | None = None,
) -> Made:
    """A certificate by an issuer, or by itself."""
    key = ec.generate_private_key(curve or ec.SECP256R1())
    by = issuer or Made(name, None, key)  # type: ignore[arg-type]
    subject, parent = (
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, each)]) for each in (name, by.name)
    )
    builder = (
        x509.CertificateBuilder(subject_name=subject, issuer_name=parent)
        .public_key(public or key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(START + timedelta(days=days[0]))
        .not_valid_after(START + timedelta(days=days[1]))
        .add_extension(x509.BasicConstraints(ca, None), critical=True)
        .add_extension(
            x509.KeyUsage(
                digital_signature=not ca if signs is None else signs, content_commitment=False,
                key_encipherment=False, data_encipherment=False, key_agreement=False,
                key_cert_sign=ca, crl_sign=ca, encipher_only=False, decipher_only=False,
            ),
            critical=True,
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(by.key.public_key()), critical=False
        )
    )  # fmt: skip
    if numbers is not None:
        builder = builder.add_extension(x509.UnrecognizedExtension(_TN_AUTH_LIST, numbers), False)
    if more is not None:
        builder = builder.add_extension(more, False)
    return Made(name, builder.sign(by.key, hashes.SHA256()), key)


LIST = tn_auth_list(ones=[NUMBER])
ROOT = made("root", ca=True, days=(-10, 300))
BETWEEN = made("between", ROOT, ca=True, days=(-9, 200))
LEAF = made("operator", BETWEEN, numbers=LIST)


def read(*chain: Made, at_us: int = NOW, roots: bytes = ROOT.pem) -> Certificates:
    return read_certificates({X5U: b"".join(each.pem for each in chain)}, roots, at_us)


def fault(*chain: Made, at_us: int = NOW) -> object:
    found = read(*chain, at_us=at_us).of(X5U, at_us)
    return None if isinstance(found, Signer) else found


def signer(*chain: Made) -> Signer:
    found = read(*chain).of(X5U, NOW)
    assert isinstance(found, Signer)
    return found


def test_a_chain_to_a_root_gives_its_key() -> None:
    found = signer(LEAF, BETWEEN)
    assert found.key.public_numbers() == LEAF.key.public_key().public_numbers()
    assert found.until_us == NOW + 30 * DAY
    assert found.speaks_for(NUMBER, "A")
    assert fault(LEAF, BETWEEN, ROOT) is None
    assert fault(made("small", ROOT, numbers=LIST)) is None


def test_a_chain_that_leads_nowhere() -> None:
    nowhere = made("nowhere", ca=True)
    assert fault(LEAF) == "certificate.chain"
    assert fault(made("self", numbers=LIST)) == "certificate.chain"
    assert fault(made("foreign", nowhere, numbers=LIST), nowhere) == "certificate.chain"
    impostor = made("root", ca=True)
    assert fault(made("forged", impostor, numbers=LIST), impostor) == "certificate.chain"
    assert fault(BETWEEN, LEAF) == "certificate.chain"


def test_an_operator_issues_no_certificates() -> None:
    child = made("child", LEAF, numbers=LIST)
    assert fault(child, LEAF, BETWEEN) == "certificate.chain"
    for signs in (False, True):
        own = made("own ca", BETWEEN, ca=True, numbers=LIST, signs=signs)
        assert fault(own, BETWEEN) == "certificate.chain"


def test_too_long_a_chain() -> None:
    chain = [made("1", ROOT, ca=True)]
    for name in "2345":
        chain.insert(0, made(name, chain[0], ca=True))
    assert fault(made("far", chain[0], numbers=LIST), *chain) == "certificate.chain"
    assert fault(made("near", chain[2], numbers=LIST), *chain[2:]) is None


def test_keys_of_p256_alone_that_may_sign() -> None:
    long = made("between", ROOT, ca=True, curve=ec.SECP384R1())
    other = rsa.generate_private_key(65537, 2048).public_key()
    for chain in (
        [made("384", BETWEEN, numbers=LIST, curve=ec.SECP384R1()), BETWEEN],
        [made("under 384", long, numbers=LIST), long],
        [made("rsa", BETWEEN, numbers=LIST, public=other), BETWEEN],
        [made("may not", BETWEEN, numbers=LIST, signs=False), BETWEEN],
    ):
        assert fault(*chain) == "certificate.chain"


@pytest.mark.parametrize("last", [27, 33])
def test_constraints_that_nobody_judges_are_no_licence(last: int) -> None:
    oid = x509.ObjectIdentifier(f"1.3.6.1.5.5.7.1.{last}")
    bound = made("bound", BETWEEN, numbers=LIST, more=x509.UnrecognizedExtension(oid, b"\x30\x00"))
    assert fault(bound, BETWEEN) == "certificate.chain"


def test_before_and_after_its_time() -> None:
    found = read_certificates({X5U: LEAF.pem + BETWEEN.pem}, ROOT.pem, NOW, 40 * DAY)
    assert isinstance(found.of(X5U, NOW + 30 * DAY), Signer)
    assert found.of(X5U, NOW + 30 * DAY + 1) == "certificate.expired"
    assert fault(LEAF, BETWEEN, at_us=NOW + 31 * DAY) == "certificate.expired"
    assert fault(LEAF, BETWEEN, at_us=NOW - 2 * DAY) == "certificate.expired"


def test_a_chain_holds_no_longer_than_its_weakest() -> None:
    short = made("short", ROOT, ca=True, days=(-5, 2))
    leaf = made("under short", short, numbers=LIST)
    assert signer(leaf, short).until_us == NOW + 2 * DAY
    assert fault(leaf, short, at_us=NOW + 3 * DAY) == "certificate.expired"
    late = made("late", short, numbers=LIST, days=(5, 9))
    assert fault(late, short) == "certificate.chain"


def test_what_was_read_lapses() -> None:
    found = read_certificates({X5U: LEAF.pem + BETWEEN.pem}, ROOT.pem, NOW, keep_us=HOUR)
    assert isinstance(found.of(X5U, NOW + HOUR), Signer)
    assert found.of(X5U, NOW + HOUR + 1) == "certificate.lapsed"
    assert found.of("https://other.example.kz/x.pem", NOW) == "certificate.unknown"
    assert found.faults(NOW) == {}
    assert found.faults(NOW + DAY) == {X5U: "certificate.lapsed"}


def test_lists_of_numbers() -> None:
    der = tn_auth_list(ranges=[("77010000000", 100), ("77010000050", 100), ("0100", 5)], ones=["7"])
    found = certificates.read_tn_auth_list(der)
    assert [n for n in ("77010000000", "77010000149", "0104", "7") if not found.names(n)] == []
    for number in ("77009999999", "77010000150", "0105", "100", "00100", "8", "077010000000"):
        assert not found.names(number)
    assert not certificates.read_tn_auth_list(tn_auth_list(ones=["*100#"])).names("100")


@given(
    st.lists(st.tuples(st.integers(0, 9_999), st.integers(2, 300)), min_size=1, max_size=20),
    st.integers(0, 9_999),
)
def test_ranges_hold_what_they_say(ranges: list[tuple[int, int]], number: int) -> None:
    within = [(first, min(count, 10_000 - first)) for first, count in ranges if first < 9_998]
    der = tn_auth_list(codes=["0701"], ranges=[(f"{first:04d}", n) for first, n in within])
    found = certificates.read_tn_auth_list(der)
    expected = any(first <= number < first + n for first, n in within)
    assert found.names(f"{number:04d}") == expected
    assert not found.names(f"{number:05d}")


@pytest.mark.parametrize(
    "der",
    [b"", b"\x30\x00", b"\x05\x00", tn_auth_list(ones=[""]), tn_auth_list(ones=["+7701"]),
     tn_auth_list(ones=["7" * 16]), tn_auth_list(ranges=[("99", 2)]), tn_auth_list(codes=[""]),
     tn_auth_list(ranges=[("77", 0)]), tn_auth_list(ones=[NUMBER]) + b"\x00",
     tn_auth_list(ones=[NUMBER])[:-1], b"\x30\x05\xa3\x03\x16\x017"],
)  # fmt: skip
def test_what_is_no_list(der: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        certificates.read_tn_auth_list(der)
    leaf = made("odd", BETWEEN, numbers=der)
    assert fault(leaf, BETWEEN) == "certificate.chain"


@given(st.binary(max_size=60) | st.binary(max_size=40).map(lambda inner: _tlv(0x30, inner)))
def test_any_bytes_are_a_list_or_a_value_error(der: bytes) -> None:
    with contextlib.suppress(ValueError):
        assert isinstance(certificates.read_tn_auth_list(der), certificates.TnAuthList)


def test_codes_speak_for_the_numbers_of_their_operator() -> None:
    found = signer(made("spc", BETWEEN, numbers=tn_auth_list(codes=["0701"])), BETWEEN)
    served = {NUMBER: "0701", OTHER: "0777"}.get
    assert found.speaks_for(NUMBER, "A", served)
    assert not found.speaks_for(OTHER, "A", served)
    assert not found.speaks_for("442071234567", "A", served)
    assert not found.speaks_for(NUMBER, "A")
    assert found.speaks_for(OTHER, "B", served)
    assert found.speaks_for("442071234567", "C")


def test_numbers_alone_speak_for_no_others_whatever_is_attested() -> None:
    found = signer(LEAF, BETWEEN)
    assert not any(found.speaks_for(OTHER, attest) for attest in ("A", "B", "C"))


def test_an_issuer_hands_on_no_more_than_it_has() -> None:
    narrow = made("narrow", ROOT, ca=True, numbers=tn_auth_list(ranges=[("77010000000", 10)]))
    wide = tn_auth_list(ranges=[("77010000000", 5_000)])
    found = signer(made("delegate", narrow, numbers=wide), narrow)
    assert found.speaks_for(NUMBER, "A")
    assert not found.speaks_for(OTHER, "A")
    assert not signer(made("silent", narrow), narrow).speaks_for(NUMBER, "A")


@pytest.mark.parametrize("roots", [b"", b"no PEM", LEAF.pem[:200]])
def test_no_roots_no_certificates(roots: bytes) -> None:
    with pytest.raises(ContractBroken):
        read(LEAF, BETWEEN, roots=roots)


def folder(path: Path, index: object, **files: bytes) -> Path:
    (path / certificates.INDEX).write_text(json.dumps(index))
    for name, content in files.items():
        (path / f"{name}.pem").write_bytes(content)
    return path


def test_a_folder_is_read_once(tmp_path: Path) -> None:
    index = {
        X5U: "good.pem",
        X5U + "?broken": "broken.pem",
        X5U + "?missing": "missing.pem",
        X5U + "?large": "large.pem",
    }
    chain = LEAF.pem + BETWEEN.pem
    folder(tmp_path, index, good=chain, broken=chain[:500], large=b" " * 70_000 + chain)
    found = certificates.read_folder(tmp_path, ROOT.pem, NOW, HOUR)
    for each in tmp_path.iterdir():
        each.unlink()
    assert isinstance(found.of(X5U, NOW), Signer)
    assert found.faults(NOW) == dict.fromkeys(list(index)[1:], "certificate.chain")
    assert found.of(X5U, NOW + 2 * HOUR) == "certificate.lapsed"


@pytest.mark.parametrize(
    "index",
    [[], {X5U: 1}, {X5U: "../good.pem"}, {X5U: "/etc/good.pem"}, {X5U: ""}, {X5U: ".hidden"},
     {"http://plain.example.kz/x.pem": "good.pem"}, {"https://a.kz/<>": "good.pem"}],
)  # fmt: skip
def test_an_index_that_can_not_be_followed(tmp_path: Path, index: object) -> None:
    folder(tmp_path, index, good=LEAF.pem)
    with pytest.raises(ContractBroken):
        certificates.read_folder(tmp_path, ROOT.pem, NOW)


def test_a_folder_without_an_index(tmp_path: Path) -> None:
    with pytest.raises(ContractBroken):
        certificates.read_folder(tmp_path, ROOT.pem, NOW)
    (tmp_path / certificates.INDEX).write_bytes(b"{")
    with pytest.raises(ContractBroken):
        certificates.read_folder(tmp_path, ROOT.pem, NOW)
