"""Whose signature on a call counts: STIR certificates (RFC 8226), read once and kept in memory.

Operators that agree to sign hand over their chains beforehand. Nothing is fetched when a call
comes: an `x5u` that is not in these certificates is unknown, so they are the allow-list too. Nor
is revocation asked about: who is no longer trusted leaves the folder, and what was read lapses.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from asn1crypto import core
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.x509 import verification

from qalqan.clock import DAY
from qalqan.errors import ContractBroken

Fault = Literal[
    "certificate.unknown",
    "certificate.lapsed",
    "certificate.expired",
    "certificate.chain",
    "certificate.number",
]
"""Why a certificate does not count: not one of ours; ours were read too long ago; not valid at
this moment; no chain to a root, or not the kind that STIR wants; may not speak for the number."""
Attest = Literal["A", "B", "C"]
"""A: the operator knows the customer, and that the number is his. B: it knows the customer alone.
C: it only let the call in (RFC 8588, section 4)."""
ProviderOf = Callable[[str], str | None]
"""Number → service provider code of the operator that serves it now."""

INDEX = "index.json"
"""The file of a folder that says which x5u stands in which PEM file."""
X5U = re.compile(r"https://[!#-;=?-~]{1,1000}")
"""An address that can stand between `<` and `>` of an Identity header."""
_FILE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,200}")
_TN_AUTH_LIST = x509.ObjectIdentifier("1.3.6.1.5.5.7.1.26")
_CONSTRAINTS = {x509.ObjectIdentifier(f"1.3.6.1.5.5.7.1.{last}") for last in (27, 33)}
"""JWT claim constraints (RFC 8226, section 8; RFC 9118). They bind whoever verifies, and nothing
here judges them: a certificate that carries them does not count."""
_MOST_BYTES = 65_536
_MOST_BETWEEN = 3
"""Certificates between that of an operator and the root."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class TnAuthList:
    """For whom a certificate speaks (RFC 8226, section 9).

    Numbers are kept as integers with a 1 before their digits, so that length and leading zeros
    count; `firsts` and `lasts` are the ends of intervals, in order and apart.
    """

    codes: frozenset[str]
    """Service provider codes."""
    firsts: tuple[int, ...]
    lasts: tuple[int, ...]

    def names(self, number: str) -> bool:
        """Whether a range or a single entry holds this number (digits without `+`)."""
        key = int("1" + number)
        at = bisect_right(self.firsts, key)
        return at > 0 and key <= self.lasts[at - 1]

    def speaks_for(self, number: str, attest: Attest, provider_of: ProviderOf | None) -> bool:
        """Whether the list lets its holder attest this for this number.

        A code stands for all numbers of its operator. With B or C the operator claims no right to
        the number, so any code will do; with A the number must be served under that code now,
        which only `provider_of` knows: without it a code speaks for no number.
        """
        if self.names(number):
            return True
        if attest != "A":
            return bool(self.codes)
        return provider_of is not None and provider_of(number) in self.codes


@dataclass(frozen=True, slots=True)
class Signer:
    """An operator's key, from when until when its chain holds (UTC microseconds), and the lists of
    the chain: its own first, then those that limit its issuers."""

    key: EllipticCurvePublicKey
    from_us: int
    until_us: int
    lists: tuple[TnAuthList, ...]

    def speaks_for(
        self, number: str, attest: Attest, provider_of: ProviderOf | None = None
    ) -> bool:
        """Whether every list of the chain does; a chain without any speaks for nobody."""
        return bool(self.lists) and all(
            each.speaks_for(number, attest, provider_of) for each in self.lists
        )


@dataclass(frozen=True, slots=True)
class Certificates:
    """The certificates of all operators, as they were when read; they lapse at `until_us` (UTC
    microseconds), and whoever keeps them reads anew before."""

    by_x5u: Mapping[str, Signer | Fault]
    until_us: int

    def of(self, x5u: str, at_us: int) -> Signer | Fault:
        """The signer behind an address at a moment (UTC microseconds), or why there is none."""
        if at_us > self.until_us:
            return "certificate.lapsed"
        found = self.by_x5u.get(x5u, "certificate.unknown")
        if isinstance(found, str):
            return found
        return found if found.from_us <= at_us <= found.until_us else "certificate.expired"

    def faults(self, at_us: int) -> dict[str, Fault]:
        """What is wrong at a moment, by x5u, for whoever looks after the folder."""
        found = {x5u: self.of(x5u, at_us) for x5u in self.by_x5u}
        return {x5u: fault for x5u, fault in found.items() if isinstance(fault, str)}


def read_folder(folder: Path, roots: bytes, at_us: int, keep_us: int = DAY) -> Certificates:
    """Read the PEM files that `index.json` names (x5u → name of a file beside it).

    `roots` is a PEM of one or more roots; times are UTC microseconds, and `keep_us` says for how
    long what was read counts. A file that is missing, too large or broken spoils its own x5u
    alone (`certificate.chain`); without index or roots nothing works: `ContractBroken`.
    """
    try:
        index = json.loads((folder / INDEX).read_bytes())
    except (OSError, ValueError):
        raise ContractBroken(f"no readable {INDEX} of certificates") from None
    if not isinstance(index, dict) or not all(map(_is_entry, index.items())):
        raise ContractBroken(f"{INDEX} of certificates: x5u to file name, and nothing else")
    chains = {x5u: _content(folder / name) for x5u, name in index.items()}
    return read_certificates(chains, roots, at_us, keep_us)


def read_certificates(
    chains: Mapping[str, bytes], roots: bytes, at_us: int, keep_us: int = DAY
) -> Certificates:
    """The same from memory: x5u → PEM chain, the operator's certificate first."""
    try:
        trusted = x509.load_pem_x509_certificates(roots)
    except ValueError:
        raise ContractBroken("roots of certificates: not a PEM of certificates") from None
    store = verification.Store(trusted)
    signers = {x5u: _signer(chain, store, at_us) for x5u, chain in chains.items()}
    return Certificates(signers, at_us + keep_us)


def read_tn_auth_list(der: bytes) -> TnAuthList:
    """The content of the extension; `ValueError` if it is not what RFC 8226 says."""
    codes, spans = set(), []
    try:
        for entry in _List.load(der, strict=True):
            kind, value = entry.name, entry.chosen.native
            if kind == "spc":
                codes.add(value)
            elif kind == "one":
                spans.append(_span(value, 1))
            else:
                spans.append(_span(value["start"], value["count"]))
    except (TypeError, KeyError, AttributeError):
        raise ValueError("not a TNAuthList") from None
    if not (codes or spans) or not all(codes):
        raise ValueError("an empty TNAuthList")
    return _listed(frozenset(codes), sorted(spans))


class _Range(core.Sequence):  # type: ignore[misc]
    _fields = [("start", core.IA5String), ("count", core.Integer)]


class _Entry(core.Choice):  # type: ignore[misc]
    _alternatives = [
        ("spc", core.IA5String, {"explicit": 0}),
        ("range", _Range, {"explicit": 1}),
        ("one", core.IA5String, {"explicit": 2}),
    ]


class _List(core.SequenceOf):  # type: ignore[misc]
    _child_spec = _Entry


def _span(start: str, count: int) -> tuple[int, int]:
    """First and last number of a range; all are as long as its first."""
    if not re.fullmatch("[0-9*#]{1,15}", start) or count < 1:
        raise ValueError("not a telephone number")
    if not start.isdigit():  # a code to dial on the network: no caller has it, so it names nobody
        return (0, -1)
    first = int("1" + start)
    last = first + count - 1
    if last >= 2 * 10 ** len(start):
        raise ValueError("a range that outgrows its numbers")
    return first, last


def _listed(codes: frozenset[str], spans: Sequence[tuple[int, int]]) -> TnAuthList:
    apart: list[tuple[int, int]] = []
    for first, last in spans:
        if apart and first <= apart[-1][1] + 1:
            apart[-1] = (apart[-1][0], max(apart[-1][1], last))
        else:
            apart.append((first, last))
    return TnAuthList(codes, tuple(a for a, _ in apart), tuple(b for _, b in apart))


def _signer(pem: bytes, store: verification.Store, at_us: int) -> Signer | Fault:
    """The signer that a chain makes, judged while it holds: once it has run out, or before it
    begins, it is still a chain, and `Certificates.of` tells that it is not its time."""
    try:
        leaf, *others = x509.load_pem_x509_certificates(pem)
        begin, end = _window([leaf, *others])
        moment = _EPOCH + timedelta(microseconds=min(max(at_us, begin), end))
        chain = _verifier(store, moment).verify(leaf, others).chain
        key = leaf.public_key()
        if not isinstance(key, EllipticCurvePublicKey) or not all(map(_is_fit, chain)):
            return "certificate.chain"
        return Signer(key, *_window(chain), _lists(chain))
    except (ValueError, verification.VerificationError, UnsupportedAlgorithm):
        return "certificate.chain"


def _verifier(store: verification.Store, moment: datetime) -> verification.ClientVerifier:
    """Paths as the web's (RFC 5280), but an operator's certificate names numbers, not hosts: no
    subject alternative name and no extended key usage is asked of it."""
    own = verification.ExtensionPolicy.permit_all().require_present(
        x509.KeyUsage, verification.Criticality.AGNOSTIC, _may_sign
    )
    issuers = verification.ExtensionPolicy.webpki_defaults_ca()
    path = verification.PolicyBuilder().store(store).time(moment).max_chain_depth(_MOST_BETWEEN)
    return path.extension_policies(ca_policy=issuers, ee_policy=own).build_client_verifier()


def _may_sign(_policy: Any, _certificate: x509.Certificate, usage: x509.KeyUsage) -> None:
    if not usage.digital_signature or usage.key_cert_sign:
        raise ValueError("key usage")


def _is_fit(certificate: x509.Certificate) -> bool:
    """A P-256 key (RFC 8225, section 8: ES256 alone), and nothing that binds us unread."""
    key = certificate.public_key()
    if not isinstance(key, EllipticCurvePublicKey) or not isinstance(key.curve, SECP256R1):
        return False
    return not any(each.oid in _CONSTRAINTS for each in certificate.extensions)


def _lists(chain: Sequence[x509.Certificate]) -> tuple[TnAuthList, ...]:
    """The lists of a chain; none if the operator's own certificate has none. An issuer's list
    limits what it hands on (RFC 9060, section 4)."""
    found = [
        [read_tn_auth_list(each.value.public_bytes()) for each in certificate.extensions
         if each.oid == _TN_AUTH_LIST]
        for certificate in chain
    ]  # fmt: skip
    return tuple(each for lists in found for each in lists) if found[0] else ()


def _window(chain: Sequence[x509.Certificate]) -> tuple[int, int]:
    begin = max(each.not_valid_before_utc for each in chain)
    end = min(each.not_valid_after_utc for each in chain)
    return (begin - _EPOCH) // _MICROSECOND, (end - _EPOCH) // _MICROSECOND


def _is_entry(item: tuple[str, object]) -> bool:
    x5u, name = item
    return isinstance(name, str) and bool(X5U.fullmatch(x5u) and _FILE.fullmatch(name))


def _content(path: Path) -> bytes:
    """The file's bytes; none if it can't be read or is too large for a chain."""
    try:
        with path.open("rb") as file:
            content = file.read(_MOST_BYTES + 1)
    except OSError:
        return b""
    return content if len(content) <= _MOST_BYTES else b""
