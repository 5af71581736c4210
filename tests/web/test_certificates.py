"""A key that is bound to a certificate opens nothing without it (REQ-18): over real TLS, and behind
a proxy that passes the certificate on."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import httpx
import pytest
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from qalqan.cli.run import tls
from qalqan.errors import InputRejected
from qalqan.register import partner_keys
from qalqan.web.certificates import PEER, peer_thumbprint, thumbprint_of_pem
from qalqan.web.connection import Connection

Issue = Callable[..., tuple[Path, Path]]


@pytest.fixture(scope="module")
def issue(tmp_path_factory: pytest.TempPathFactory) -> Issue:
    """`issue(name)`: certificate and key files, signed by one authority, `ca.pem` beside them."""
    folder = tmp_path_factory.mktemp("certificates")
    authority = ec.generate_private_key(ec.SECP256R1())
    root = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "authority")])
    now = datetime.now(UTC)

    def build(name: x509.Name, key: Any, is_authority: bool) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder().subject_name(name).issuer_name(root)
            .public_key(key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), True)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key()), False
            )
        )  # fmt: skip
        return builder.sign(authority, hashes.SHA256())

    (folder / "ca.pem").write_bytes(build(root, authority, True).public_bytes(Encoding.PEM))

    def issued(name: str) -> tuple[Path, Path]:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        files = folder / f"{name}.pem", folder / f"{name}.key"
        files[0].write_bytes(build(subject, key, False).public_bytes(Encoding.PEM))
        files[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        return files

    return issued


@pytest.fixture
def served(web: Any, issue: Issue) -> Iterator[str]:
    """The centre over TLS, as `qalqan serve` has uvicorn do it."""
    cert, key = issue("localhost")
    told = tls(cert, key, cert.parent / "ca.pem")
    config = uvicorn.Config(
        web.http.app, port=0, http=Connection, lifespan="off", log_config=None, access_log=False,
        **told,
    )  # fmt: skip
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"https://localhost:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


def test_over_tls_a_bound_key_wants_its_certificate(web: Any, served: str, issue: Issue) -> None:
    mine, other = issue("altyn"), issue("other")
    with web.database.write() as session:
        token = partner_keys.add_key(
            session, "altyn", "bound", "asel", thumbprint=thumbprint_of_pem(mine[0].read_text())
        )
    seen = [
        _status(served, token, files, mine[0].parent / "ca.pem") for files in (mine, other, None)
    ]
    assert seen == [200, 401, 401]
    assert _status(served, web.tokens["altyn"], None, mine[0].parent / "ca.pem") == 200


def _status(address: str, token: str, files: tuple[Path, Path] | None, ca: Path) -> int:
    context = ssl.create_default_context(cafile=str(ca))
    if files is not None:
        context.load_cert_chain(*files)
    with httpx.Client(verify=context, trust_env=False) as client:
        headers = {"Authorization": f"Bearer {token}"}
        return client.get(f"{address}/v1/orders", headers=headers).status_code


@pytest.mark.parametrize(
    ("peer", "told", "believed"),
    [
        ("127.0.0.1", "own", True),
        ("::1", "own", True),
        ("10.1.2.3", "own", False),
        (None, "own", False),
        ("127.0.0.1", "-----BEGIN CERTIFICATE-----%0Anonsense", False),
        ("127.0.0.1", "", False),
    ],
)
def test_a_header_is_believed_from_the_proxy_alone(
    issue: Issue, peer: str | None, told: str, believed: bool
) -> None:
    pem = issue("altyn")[0].read_text()
    header = quote(pem) if told == "own" else told
    settings = SimpleNamespace(certificate_header="X-Client-Cert", proxies="127.0.0.1/32 ::1/128")
    request: Any = SimpleNamespace(
        app=SimpleNamespace(state=SimpleNamespace(settings=settings)),
        scope={PEER: (peer, "direct")}, headers={"X-Client-Cert": header},
    )  # fmt: skip
    assert (peer_thumbprint(request) == thumbprint_of_pem(pem)) is believed


def test_a_certificate_comes_with_its_key() -> None:
    here = Path("a.pem")
    for wrong in ((here, None, None), (None, here, None), (None, None, here)):
        with pytest.raises(InputRejected):
            tls(*wrong)
    assert tls(None, None, None) == {}
