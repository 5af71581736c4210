"""REQ-19, 44: orders by e-mail to a partner whose API is down, over a real mail server; the answer
comes back signed and counts once, however often it comes, and from nobody else."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    pkcs7,
)
from cryptography.x509.oid import NameOID

from qalqan.cases import by_mail, order_book
from qalqan.cases.grounds import usual_ground
from qalqan.clock import HOUR, MINUTE, SharedClock
from qalqan.errors import Conflict, InputRejected, NotAllowed
from qalqan.exchange import mail, order_sheet
from qalqan.exchange.order_sheet.columns import heading
from qalqan.model.order import Kind, Order, State
from qalqan.register import jobs, orm, partners, vault
from qalqan.register.database import Database
from qalqan.settings import Settings
from qalqan.trust.keys import Keys
from qalqan.work.delivery import Post

NOON = 1_767_250_800_000_000
NAMES = {"kk": "a", "ru": "a", "en": "a"}
BANK, CENTRE = "desk@altyn.example", "orders@centre.example"
Pair = tuple[x509.Certificate, Any]


def pair(key: Any, days: int = 1) -> Pair:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "altyn")])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name)
        .public_key(key.public_key()).serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=9)).not_valid_after(now + timedelta(days=days))
    )  # fmt: skip
    return builder.sign(key, hashes.SHA256()), key


@pytest.fixture(scope="module")
def bank() -> Pair:
    return pair(rsa.generate_private_key(65537, 2048))


@pytest.fixture(scope="module")
def mailbox() -> Iterator[tuple[int, list[bytes]]]:
    got: list[bytes] = []

    class Box:
        async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
            got.append(envelope.content)
            return "250 OK"

    with socket.socket() as probe:  # it has to be told a port
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Controller(Box(), hostname="127.0.0.1", port=port)
    server.start()
    yield port, got
    server.stop()


def pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode()


@pytest.fixture
def post(
    database: Database, keys: Keys, bank: Pair, mailbox: Any, stopped_clock: SharedClock,
    tmp_path: Any,
) -> Iterator[Post]:  # fmt: skip
    stopped_clock.set(NOON)
    mailbox[1].clear()
    told = Settings(home=tmp_path, smtp=f"127.0.0.1:{mailbox[0]}", smtp_tls=False, mail_from=CENTRE)
    with database.write() as session:
        partners.add_partner(
            session, "altyn", "bank", NAMES, bank_code="AAA", delivery="push",
            endpoint="http://127.0.0.1:1",
        )  # fmt: skip
        partners.change(session, "altyn", "asel", mail=BANK, mail_certificate=pem(bank[0]))
        session.add(orm.Case(id="C-26-000001", region="KZ-75", opened_us=NOON))
        kind = Kind.STATEMENT
        order_book.draft(
            session,
            Order(
                id="", case_id="C-26-000001", kind=kind, partner="altyn", state=State.DRAFTED,
                ground=usual_ground(kind, NOON).code, drafted_by="policy:pursuit/1",
                idempotency_key="k", created_us=NOON, from_us=NOON - HOUR, due_us=NOON + HOUR,
                account=vault.keep(session, keys, "account", "AAA:1"),
            ),
        )  # fmt: skip
    with closing(Post(database, keys, told)) as made:
        yield made


def work(database: Database, post: Post) -> None:
    job = jobs.lease(database, "w", [order_book.DELIVER])
    assert job is not None
    post.deliver(job)


def answered(order: str, outcome: str = "not_found") -> EmailMessage:
    head = ",".join(heading(name, "en") for name in ("order", "outcome"))
    inside = EmailMessage(policy=policy.SMTP)
    inside.set_content("answers")
    body = f"{head}\n{order},{outcome}\n".encode()
    inside.add_attachment(body, maintype="text", subtype="csv", filename="answers.csv")
    return inside


def signed(inside: EmailMessage, by: Pair, apart: bool = True, who: str = BANK) -> bytes:
    builder = pkcs7.PKCS7SignatureBuilder().set_data(inside.as_bytes())
    builder = builder.add_signer(*by, hashes.SHA256())
    options = [pkcs7.PKCS7Options.Binary]
    if apart:
        options.append(pkcs7.PKCS7Options.DetachedSignature)
        return f"From: <{who}>\r\n".encode() + builder.sign(Encoding.SMIME, options)
    outer = EmailMessage(policy=policy.SMTP)
    outer["From"] = who
    outer.set_content(
        builder.sign(Encoding.DER, options), maintype="application", subtype="pkcs7-mime",
        params={"smime-type": "signed-data"},
    )  # fmt: skip
    return outer.as_bytes()


def test_a_partner_whose_api_is_down_gets_its_orders_by_mail(
    database: Database, post: Post, mailbox: Any, bank: Pair, stopped_clock: SharedClock
) -> None:
    work(database, post)
    assert mailbox[1] == []  # it has a quarter of an hour to come back
    stopped_clock.set(NOON + 15 * MINUTE)
    work(database, post)
    (message,) = mailbox[1]
    assert b"AAA:1" not in message
    inside = pkcs7.pkcs7_decrypt_der(
        BytesParser(policy=policy.default).parsebytes(message).get_payload(decode=True),
        *bank, [],
    )  # type: ignore[arg-type]  # fmt: skip
    ((name, book),) = mail.files(inside)
    (asked,) = order_sheet.asked(book, "altyn", NOON)
    assert (name, asked.account, asked.kind) == ("orders.xlsx", "AAA:1", Kind.STATEMENT)
    with database.session() as session:
        assert [order.state for order in order_book.find(session)] == ["sent"]


@pytest.mark.parametrize("apart", [True, False])
def test_a_signed_answer_counts_once(
    database: Database, post: Post, keys: Keys, bank: Pair, apart: bool
) -> None:
    work(database, post)
    raw = signed(answered("O-26-000001"), bank, apart)
    centre = pair(rsa.generate_private_key(65537, 2048))
    box = pkcs7.PKCS7EnvelopeBuilder().set_data(raw).add_recipient(centre[0])
    outer = EmailMessage(policy=policy.SMTP)
    outer["From"] = BANK
    outer.set_content(
        box.encrypt(Encoding.DER, [pkcs7.PKCS7Options.Binary]), maintype="application",
        subtype="pkcs7-mime", params={"smime-type": "enveloped-data"},
    )  # fmt: skip
    for message, own in ((raw, (None, None)), (raw, centre), (outer.as_bytes(), centre)):
        (took,) = by_mail.take(database, keys, message, own)
        assert (took.order, took.state, took.error) == ("O-26-000001", "closed", None)
    (other,) = by_mail.take(database, keys, signed(answered("O-26-000001", "refused"), bank))
    assert isinstance(other.error, Conflict)
    with pytest.raises(InputRejected):
        by_mail.take(database, keys, outer.as_bytes())


def _spoilt(raw: bytes) -> bytes:
    return raw.replace(b"answers.csv", b"answers.CSV", 1)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda good, bank: _spoilt(good),
        lambda good, bank: good.replace(BANK.encode(), b"desk@other.example"),
        lambda good, bank: good.replace(f"From: <{BANK}>".encode(), b"X: y"),
        lambda good, bank: b"From: " + BANK.encode() + b"\r\n" + answered("O-26-000001").as_bytes(),
        lambda good, bank: signed(
            answered("O-26-000001"), pair(rsa.generate_private_key(65537, 2048))
        ),
        lambda good, bank: signed(
            answered("O-26-000001"), pair(ec.generate_private_key(ec.SECP256R1()))
        ),
    ],
    ids=[
        "changed",
        "another sender",
        "no sender",
        "unsigned",
        "another key",
        "another kind of key",
    ],
)
def test_nobody_else_answers(
    database: Database, post: Post, keys: Keys, bank: Pair, spoil: Callable[[bytes, Pair], bytes]
) -> None:
    work(database, post)
    good = signed(answered("O-26-000001"), bank)
    with pytest.raises(NotAllowed):
        by_mail.take(database, keys, spoil(good, bank))
    with database.session() as session:
        assert [order.state for order in order_book.find(session)] == ["approved"]


def test_an_old_certificate_signs_nothing() -> None:
    old = pair(rsa.generate_private_key(65537, 2048), days=-1)
    with pytest.raises(NotAllowed):
        mail.signed_part(signed(answered("O-1"), old), pem(old[0]))
    new = pair(ec.generate_private_key(ec.SECP256R1()))
    assert b"O-1" not in mail.signed_part(signed(answered("O-1"), new), pem(new[0]))[:10]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
def test_openssl_opens_what_we_seal_and_signs_what_we_believe(bank: Pair, tmp_path: Path) -> None:
    certificate, key = tmp_path / "c.pem", tmp_path / "k.pem"
    certificate.write_text(pem(bank[0]))
    key.write_bytes(bank[1].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    inside = mail.with_book("orders", b"PK", "orders.xlsx")
    sealed = mail.encrypted(inside, pem(bank[0]), CENTRE, BANK, "orders")
    opening = ["openssl", "cms", "-decrypt", "-inkey", str(key), "-recip", str(certificate)]
    opened = subprocess.run(opening, input=sealed, capture_output=True, check=True).stdout
    assert [name for name, _ in mail.files(opened)] == ["orders.xlsx"]
    signing = ["openssl", "cms", "-sign", "-signer", str(certificate), "-inkey", str(key)]
    for more in ([], ["-nodetach"], ["-binary"]):
        made = subprocess.run(
            [*signing, *more], input=inside.as_bytes(), capture_output=True, check=True
        )
        entity = mail.signed_part(made.stdout, pem(bank[0]))
        assert [name for name, _ in mail.files(entity)] == ["orders.xlsx"]
