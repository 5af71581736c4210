"""Mail with orders and answers as S/MIME (RFC 8551): encrypted to a certificate that is known
beforehand, and believed only if the key of such a certificate signed it (REQ-19).

Certificates are exchanged by a way one trusts and pinned: none that a message brings is looked at,
so no authority has to be.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parseaddr
from typing import Any

from asn1crypto import cms
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.ciphers import algorithms
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7

from qalqan.errors import InputRejected, NotAllowed

MOST = 40 * 2**20
"""Bytes of a message."""
_HASHES = {"sha256": hashes.SHA256(), "sha384": hashes.SHA384(), "sha512": hashes.SHA512()}
_SIGNED = "multipart/signed"


def encrypted(
    inside: EmailMessage, certificate_pem: str, sender: str, to: str, subject: str
) -> bytes:
    """A message that only the certificate's key opens. Its subject stands in clear."""
    entity = inside.as_bytes(policy=policy.SMTP)
    builder = pkcs7.PKCS7EnvelopeBuilder().set_data(entity)
    builder = builder.set_content_encryption_algorithm(algorithms.AES256)
    builder = builder.add_recipient(x509.load_pem_x509_certificate(certificate_pem.encode()))
    box = builder.encrypt(Encoding.DER, [pkcs7.PKCS7Options.Binary])
    outer = EmailMessage(policy=policy.SMTP)
    outer["From"], outer["To"], outer["Subject"] = sender, to, subject
    outer.set_content(
        box, maintype="application", subtype="pkcs7-mime", filename="smime.p7m",
        params={"smime-type": "enveloped-data", "name": "smime.p7m"},
    )  # fmt: skip
    return outer.as_bytes()


def with_book(text: str, book: bytes, name: str) -> EmailMessage:
    """A sentence and a workbook."""
    inside = EmailMessage(policy=policy.SMTP)
    inside.set_content(text)
    kind = "vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    inside.add_attachment(book, maintype="application", subtype=kind, filename=name)
    return inside


def sender(raw: bytes) -> str:
    """The address that a message says it is from, in small letters; proves nothing yet."""
    if len(raw) > MOST:
        raise InputRejected("mail", "", "mail.too_long", most=MOST // 2**20)
    head = BytesParser(policy=policy.default).parsebytes(raw, headersonly=True)
    return parseaddr(str(head.get("From", "")))[1].lower()


def decrypted(raw: bytes, certificate: x509.Certificate | None, key: Any) -> bytes:
    """The message inside an envelope for us; any other is returned as it is.

    Raises:
        InputRejected: it is not for this key.
    """
    message = BytesParser(policy=policy.default).parsebytes(raw)
    if message.get_param("smime-type") != "enveloped-data":
        return raw
    try:
        if certificate is None:
            raise ValueError
        box = message.get_payload(decode=True)
        return pkcs7.pkcs7_decrypt_der(box, certificate, key, [])  # type: ignore[arg-type]
    except ValueError:
        raise InputRejected("mail", "", "mail.for_us") from None


def signed_part(raw: bytes, certificate_pem: str) -> bytes:
    """The entity that this certificate's key signed.

    Raises:
        NotAllowed: another key signed it, nobody did, or the certificate's term is over.
    """
    certificate = x509.load_pem_x509_certificate(certificate_pem.encode())
    now = datetime.now(UTC)
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise NotAllowed("mail", "certificate")
    content, signature = _parts(raw)
    try:
        signed = cms.ContentInfo.load(signature)["content"]
        if content is None:
            content = signed["encap_content_info"]["content"].native
        _check(signed["signer_infos"], content, certificate.public_key())
    except (ValueError, TypeError, KeyError, AttributeError, InvalidSignature):
        raise NotAllowed("mail", "signature") from None
    return content


def _parts(raw: bytes) -> tuple[bytes | None, bytes]:
    """The signed bytes, if they stand beside the signature, and the signature."""
    whole = raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    message = BytesParser(policy=policy.default).parsebytes(whole)
    if message.get_content_type() != _SIGNED:
        return None, message.get_payload(decode=True) or b""  # type: ignore[return-value]
    mark = b"--" + (message.get_boundary() or "").encode()
    pieces = whole.split(b"\r\n" + mark)
    parts = list(message.iter_parts())
    if len(pieces) < 3 or len(parts) != 2:
        raise NotAllowed("mail", "signature")
    return pieces[1].removeprefix(b"\r\n"), parts[1].get_payload(decode=True)  # type: ignore[return-value]


def _check(signers: Any, content: bytes, key: Any) -> None:
    """Raises `ValueError`, `InvalidSignature`: not exactly this content by this key."""
    if len(signers) != 1:
        raise ValueError
    (signer,) = signers
    name = signer["digest_algorithm"]["algorithm"].native
    told = {each["type"].native: each["values"][0].native for each in signer["signed_attrs"]}
    digest = hashlib.new(name, content).digest() if name in _HASHES else b""
    if told.get("content_type") != "data" or not hmac.compare_digest(
        digest, told.get("message_digest", b"-")
    ):
        raise ValueError
    attributes, mark = signer["signed_attrs"].untag().dump(), signer["signature"].native
    if isinstance(key, rsa.RSAPublicKey):
        key.verify(mark, attributes, padding.PKCS1v15(), _HASHES[name])
    elif isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(mark, attributes, ec.ECDSA(_HASHES[name]))
    else:
        raise ValueError


def files(entity: bytes) -> Iterator[tuple[str, bytes]]:
    """The attached files: name in small letters, bytes."""
    message = BytesParser(policy=policy.default).parsebytes(entity)
    for part in message.walk():
        name = part.get_filename()
        if name and isinstance(body := part.get_payload(decode=True), bytes):
            yield name.lower(), body
