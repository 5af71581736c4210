"""Signed calls: PASSporTs of operators that agree to sign (STIR/SHAKEN).

A PASSporT (RFC 8225) is a compact JWS with ES256 in which the operator that let a call in says
who calls whom, when, and how well it knows the caller (SHAKEN, RFC 8588). It travels in the SIP
header Identity (RFC 8224). Here it is signed and verified; certificates come from
`passport_certificates`, and nothing is ever fetched.

`valid` means "not spoofed", and not "not fraud": swindlers have numbers of their own. And it
means that much with attest A alone: B and C say who brought the call, not whose the number is.
Any other result means "not proved": a call without a valid PASSporT goes on, with the reason.
"""

from __future__ import annotations

import base64
import json
import re
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import Any, Literal, NamedTuple

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey

from qalqan.clock import SECOND
from qalqan.errors import ContractBroken, InputRejected
from qalqan.trust.passport_certificates import X5U, Attest, Certificates, Fault, ProviderOf

Reason = Literal["valid", "shape", "stale", "orig", "dest", "signature", "replayed"] | Fault
"""What verifying found. shape: not a SHAKEN PASSporT as it should be. stale: too old, or from
the future. orig, dest: another call's. signature: not the certificate's key over this text.
replayed: this signature was seen before. The rest: what is wrong with the certificate."""

FRESH_US = 60 * SECOND
"""How far `iat` may be from now, before and after (RFC 8224, section 12.1)."""
MAX_TOKEN = 8_192
"""Characters of a token; MAX_HEADER those of an Identity header's value."""
MAX_HEADER = MAX_TOKEN + 2_048
_JWS = jwt.PyJWS(algorithms=["ES256"])
_ES256 = _JWS.get_algorithm_by_name("ES256")
_COMPACT = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{86})")
_NUMBER = re.compile(r"[0-9]{1,15}")
_UUID = re.compile(r"[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}")
_PARAMETER = re.compile(
    r'[ \t]*;[ \t]*([A-Za-z0-9-]+)[ \t]*(?:=[ \t]*(<[^<>"\s]*>|"[^"\\]*"|[^\s;,"<>]+))?'
)
_LATEST = 2**40
"""Seconds: `iat` is a moment, not a number to reckon with at length."""


@dataclass(frozen=True, slots=True)
class Passport:
    """What a PASSporT says; `ContractBroken` if it could not be said in one."""

    orig: str
    """The caller: digits of E.164 without `+` (RFC 8224, section 8.3)."""
    dest: tuple[str, ...]
    """The called, at least one."""
    iat: int
    """When it was signed: UTC seconds (RFC 8225, section 5.1.1)."""
    attest: Attest
    origid: str
    """Whence the call came, as a UUID that only the operator can read (RFC 8588, section 5)."""

    def __post_init__(self) -> None:
        if not self.dest or not all(map(_NUMBER.fullmatch, (self.orig, *self.dest))):
            raise ContractBroken("a PASSporT wants canonical telephone numbers")
        if not 0 <= self.iat < _LATEST or self.attest not in ("A", "B", "C"):
            raise ContractBroken("a PASSporT wants seconds and an attestation A, B or C")
        if not _UUID.fullmatch(self.origid):
            raise ContractBroken("a PASSporT wants a UUID as origid")


class Identity(NamedTuple):
    """An Identity header: the token, and where its certificate is said to be."""

    token: str
    info: str


@dataclass(frozen=True, slots=True)
class Verification:
    """The result: its reason, and what the PASSporT says if that is proved (`valid`)."""

    reason: Reason
    passport: Passport | None = None


class Seen:
    """Which signatures came lately; one process's memory, of at most `limit` entries.

    Beyond the limit the oldest is forgotten, and `forgotten` counts it: calls go on. An entry is
    what the signature's nonce became (`r`): whoever turns `s` into its twin, which ECDSA takes as
    well, is still recognised, and two calls of one second with equal claims are still two.
    """

    def __init__(self, limit: int = 200_000) -> None:
        if limit < 1:
            raise ContractBroken("a memory of signatures wants room for one")
        self.limit = limit
        self.forgotten = 0
        self._entries: OrderedDict[bytes, int] = OrderedDict()
        self._lock = Lock()

    @property
    def held(self) -> int:
        """Entries now."""
        return len(self._entries)

    def first(self, signature: bytes, at_us: int) -> bool:
        """Whether this signature (64 bytes) is new at a moment (UTC microseconds); from now on it
        is not, for as long as its token can be fresh."""
        entries = self._entries
        with self._lock:
            while entries and next(iter(entries.values())) + 2 * FRESH_US < at_us:
                entries.popitem(last=False)
            if signature[:32] in entries:
                return False
            if len(entries) >= self.limit:
                entries.popitem(last=False)
                self.forgotten += 1
            entries[signature[:32]] = at_us
            return True


def canonical(number: str) -> str:
    """An international number as PASSporTs carry it (RFC 8224, section 8.3): digits alone, without
    `+` and the visual separators of RFC 3966; `InputRejected` if anything else is left."""
    digits = re.sub(r"[-.() ]", "", number.removeprefix("+"))
    if not _NUMBER.fullmatch(digits):
        raise InputRejected("phone", number, "phone.shape")
    return digits


def sign(passport: Passport, x5u: str, key: EllipticCurvePrivateKey) -> str:
    """The compact full form, in the member order of RFC 8225, section 9, without white space.

    `x5u` is the https address of the certificate. Raises `ContractBroken` if it is no such
    address, or the key is not of P-256.
    """
    if not X5U.fullmatch(x5u):
        raise ContractBroken("x5u of a PASSporT: an https address")
    if not isinstance(key.curve, SECP256R1):
        raise ContractBroken("a PASSporT is signed with a key of P-256")
    claims = {
        "attest": passport.attest,
        "dest": {"tn": passport.dest},
        "iat": passport.iat,
        "orig": {"tn": passport.orig},
        "origid": passport.origid,
    }
    body = json.dumps(claims, separators=(",", ":")).encode()
    header = {"alg": "ES256", "ppt": "shaken", "typ": "passport", "x5u": x5u}
    return _JWS.encode(body, key, algorithm="ES256", headers=header, sort_headers=True)


def identity_header(token: str, x5u: str) -> str:
    """The value of an Identity header (RFC 8224, section 4.1)."""
    return f"{token};info=<{x5u}>;alg=ES256;ppt=shaken"


def read_identity(value: str) -> Identity | None:
    """Read an Identity header's value: parameters in any order, quoted or not, others passed
    over. None if it is malformed, or of another algorithm or extension than ours."""
    if len(value) > MAX_HEADER:
        return None
    value = value.strip(" \t")
    token = value.partition(";")[0]
    at, found = len(token), dict[str, str]()
    while at < len(value):
        parameter = _PARAMETER.match(value, at)
        if parameter is None or parameter[1].lower() in found:
            return None
        found[parameter[1].lower()] = (parameter[2] or "").strip('<>"')
        at = parameter.end()
    if found.get("alg", "ES256") != "ES256" or found.get("ppt") != "shaken":
        return None
    return Identity(token.rstrip(" \t"), found["info"]) if found.get("info") else None


def verify(
    identity: str,
    orig: str,
    dest: str,
    certificates: Certificates,
    seen: Seen,
    at_us: int,
    provider_of: ProviderOf | None = None,
) -> Verification:
    """Whether an operator of ours signed this call (canonical numbers) at this moment (UTC
    microseconds). `identity` is an Identity header's value, whose `info` must be the token's
    `x5u`, or the token alone; it may be anything and never raises. `provider_of` tells whose a
    number is, for certificates that name operators. What costs least is looked at first, so any
    reason but `valid` and `replayed` describes an unproved text.
    """
    told = _read(identity)
    if told is None:
        return Verification("shape")
    if another := _another_call(told.passport, orig, dest, at_us):
        return Verification(another)
    signer = certificates.of(told.x5u, at_us)
    if isinstance(signer, str):
        return Verification(signer)
    if not signer.speaks_for(orig, told.passport.attest, provider_of):
        return Verification("certificate.number")
    if not _ES256.verify(told.signed, signer.key, told.signature):
        return Verification("signature")
    first = seen.first(told.signature, at_us)
    return Verification("valid", told.passport) if first else Verification("replayed")


def _another_call(passport: Passport, orig: str, dest: str, at_us: int) -> Reason | None:
    if abs(at_us - passport.iat * SECOND) > FRESH_US:
        return "stale"
    if passport.orig != orig:
        return "orig"
    return None if dest in passport.dest else "dest"


class _Told(NamedTuple):
    """What a token says before anything is proved."""

    passport: Passport
    x5u: str
    signed: bytes
    signature: bytes


def _read(identity: str) -> _Told | None:
    """Take a token apart; None if it is not a SHAKEN PASSporT as RFC 8225 and 8588 have it, or
    not the one of its header. PyJWT would forgive doubled members and padding."""
    given = read_identity(identity) if ";" in identity else Identity(identity, "")
    if given is None or len(given.token) > MAX_TOKEN:
        return None
    parts = _COMPACT.fullmatch(given.token)
    if parts is None:
        return None
    try:
        header, claims = _object(parts[1]), _object(parts[2])
        x5u, signature = _x5u(header), _bytes(parts[3])
        passport = _passport(claims)
    except (ValueError, KeyError, TypeError, RecursionError, ContractBroken):
        return None
    told = _Told(passport, x5u, given.token[: parts.end(2)].encode(), signature)
    return told if given.info in ("", x5u) else None


def _x5u(header: dict[str, Any]) -> str:
    """The certificate's address; the key is looked up by it, so other members may stand there,
    save `crit`, which says that they may not be passed over (RFC 7515, section 4.1.11)."""
    wanted = (header["alg"], header["ppt"], header["typ"])
    x5u = header["x5u"]
    if wanted != ("ES256", "shaken", "passport") or "crit" in header or type(x5u) is not str:
        raise ValueError("header")
    return x5u


def _passport(claims: dict[str, Any]) -> Passport:
    """The claims of RFC 8588; more of them may come, but who calls whom is told in numbers."""
    orig, dest = claims["orig"], claims["dest"]
    numbers = dest["tn"]
    if (
        len(orig) != 1
        or len(dest) != 1
        or type(numbers) is not list
        or type(claims["iat"]) is not int
    ):
        raise ValueError("claims")
    return Passport(orig["tn"], tuple(numbers), claims["iat"], claims["attest"], claims["origid"])


def _object(segment: str) -> dict[str, Any]:
    found = _DECODER.decode(_bytes(segment).decode())
    if type(found) is not dict:
        raise ValueError("not an object")
    return found


def _bytes(segment: str) -> bytes:
    """Base64url without padding, and only the one text that its bytes have (RFC 7515, 2)."""
    plain = base64.urlsafe_b64decode(segment + "=" * (-len(segment) % 4))
    if base64.urlsafe_b64encode(plain).rstrip(b"=") != segment.encode():
        raise ValueError("base64")
    return plain


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose members are all different (RFC 8259, section 4, leaves it open)."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("doubled")
    return found


_DECODER = json.JSONDecoder(object_pairs_hook=_once)
