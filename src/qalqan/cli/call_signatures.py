"""`qalqan calls card`, `sign`: what a network signs, for callers whom it refuses and for calls that
it sends abroad."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from qalqan import clock
from qalqan.cli.asked import one_of
from qalqan.cli.out import answer, failing_clearly
from qalqan.cli.people import AsJson
from qalqan.errors import InputRejected

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey

KeyFile = Annotated[Path, typer.Option(readable=False, help="PEM file: your P-256 private key.")]
CertificateAddress = Annotated[str, typer.Option(help="Address of its certificate (x5u).")]


def card(
    out: Annotated[Path, typer.Argument(help="File to write; serve it where `--card` points.")],
    key: KeyFile,
    certificate: CertificateAddress,
    name: Annotated[str, typer.Option(help="Who refuses calls: your network's name.")],
    url: Annotated[str, typer.Option(help="Page where a refused caller complains.")] = "",
    email: Annotated[str, typer.Option(help="Address for complaints.")] = "",
    tel: Annotated[str, typer.Option(help="Number for complaints, E.164.")] = "",
    as_json: AsJson = False,
) -> None:
    """Sign the card by which refused callers complain (RFC 8688)."""
    from qalqan.exchange.jcard import Card, signed

    with failing_clearly(as_json):
        token = signed(Card(name, url, email, tel), _private(key), certificate,
                       clock.now_us() // clock.SECOND)  # fmt: skip
        out.write_text(token, encoding="ascii")
        answer({"card": str(out), "bytes": len(token)}, as_json)


def sign(
    caller: Annotated[str, typer.Argument(help="Your subscriber's number, E.164.")],
    callee: Annotated[str, typer.Argument(help="The called number, E.164.")],
    key: KeyFile,
    certificate: CertificateAddress,
    attest: Annotated[str, typer.Option(help="A, B or C (RFC 8588).")] = "A",
    origid: Annotated[
        str, typer.Option(help="UUID that tells you whence the call came; none: a new one.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Sign one call: the Identity header with which it goes abroad (RFC 8224)."""
    from uuid import uuid4

    from qalqan.trust import passport
    from qalqan.trust.passport_certificates import X5U

    with failing_clearly(as_json):
        one_of("attest", attest, ("A", "B", "C"))
        private = _private(key)
        if not X5U.fullmatch(certificate):
            raise InputRejected("certificate", certificate, "calls.x5u")
        numbers = passport.canonical(caller), (passport.canonical(callee),)
        said = passport.Passport(*numbers, clock.now_us() // clock.SECOND, attest,  # type: ignore[arg-type]
                                 origid or str(uuid4()))  # fmt: skip
        token = passport.sign(said, certificate, private)
        answer({"Identity": passport.identity_header(token, certificate)}, as_json)


def _private(path: Path) -> EllipticCurvePrivateKey:
    """The private key of a PEM file.

    Raises:
        InputRejected: there is none of P-256, or it has a password.
    """
    from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(path.read_bytes(), None)
    except (ValueError, TypeError):
        raise InputRejected("key", str(path), "calls.card_key") from None
    if not isinstance(key, EllipticCurvePrivateKey) or not isinstance(key.curve, SECP256R1):
        raise InputRejected("key", str(path), "calls.card_key")
    return key
