"""Certificates that partners' programs show, by their SHA-256 thumbprints (after RFC 8705).

A key may be bound to a certificate: stolen alone, it opens nothing. The certificate comes with the
connection itself (`qalqan serve --tls-client-ca`), or in a header from a proxy that ended TLS; the
header is believed from the proxies that the settings name and from nobody else.
"""

from __future__ import annotations

import hashlib
import ipaddress
from urllib.parse import unquote

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from fastapi import Request

from qalqan.settings import Settings

PEER = "qalqan.peer"
"""Where a connection keeps in the scope who is at its other end: address and thumbprint."""


def thumbprint(der: bytes) -> str:
    """SHA-256 of a certificate, hex."""
    return hashlib.sha256(der).hexdigest()


def thumbprint_of_pem(pem: str) -> str:
    """The same of a certificate as text. Raises `ValueError` if it is none."""
    certificate = x509.load_pem_x509_certificate(pem.encode())
    return thumbprint(certificate.public_bytes(Encoding.DER))


def peer_thumbprint(request: Request) -> str | None:
    """Of the certificate that came with a request; None: none came."""
    settings: Settings = request.app.state.settings
    host, direct = request.scope.get(PEER, (None, None))
    if settings.certificate_header is None:
        return direct if isinstance(direct, str) else None
    if not _is_proxy(host, settings.proxies):
        return None
    try:
        return thumbprint_of_pem(unquote(request.headers.get(settings.certificate_header, "")))
    except ValueError:
        return None


def _is_proxy(host: str | None, proxies: str) -> bool:
    try:
        peer = ipaddress.ip_address(host or "")
        return any(peer in ipaddress.ip_network(each) for each in proxies.split())
    except ValueError:
        return False
