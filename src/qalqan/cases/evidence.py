"""The evidence pack of a case: what an outsider needs to see what was known, asked and answered
(REQ-19, 35, 44).

Files name people, accounts and phones by tokens; `values.csv` alone turns tokens back, where the
officer's role may have them opened and a purpose was given, each with a line in the audit. Signed
orders name accounts in clear: they are in the pack on the same condition, else as masked text with
the digest of what was signed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files

from sqlalchemy import select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.cases import campaign_files, documents, evidence_files, order_book
from qalqan.cases.campaign_files import Calls
from qalqan.cases.evidence_files import csv_of
from qalqan.exchange import evidence_pack
from qalqan.exchange.evidence_pack import Piece
from qalqan.register import audit, blocking, orm, rights, vault
from qalqan.register.database import Database
from qalqan.register.rights import FIELDS, Person, Right
from qalqan.trust.detached import sign_beside
from qalqan.trust.keys import Keys
from qalqan.trust.tokens import klass_of

SIGNED = frozenset({"account", "phone"})
"""Classes of value that a signed order names in clear."""


@dataclass(frozen=True)
class Asked:
    """Who takes a pack of which case out of the house, and what for."""

    person: Person
    case_id: str
    purpose: str
    """Empty: no personal value is turned back."""

    @property
    def classes(self) -> frozenset[str]:
        """Classes of value that this pack may turn back."""
        return FIELDS.get(self.person.role, frozenset()) if self.purpose else frozenset()


def pack(database: Database, keys: Keys, asked: Asked) -> Iterator[bytes]:
    """The pack, piece by piece; that it was taken is in the audit before the first byte leaves.

    Raises:
        NotAllowed: no right to take anything out, or a case out of view. NotFound: no such case.
    """
    with database.session() as session:
        rights.check_case(session, asked.person, Right.EXPORT, asked.case_id)
    calls = campaign_files.read(database, asked.case_id)  # the lake is read before anybody waits
    with database.write() as session:
        rights.check_case(session, asked.person, Right.EXPORT, asked.case_id)
        told = _kept(session, keys, asked, calls)
        audit.note(
            session, asked.person.login, "case.export", "case", asked.case_id, asked.purpose,
            classes=sorted(asked.classes),
        )  # fmt: skip
    head = {
        "case": asked.case_id,
        "made_by": asked.person.login,
        "made_us": clock.now_us(),
        "purpose": asked.purpose,
        "key": keys.verify_key_pem,
    }
    return evidence_pack.stream(
        _pieces(database, keys, asked, told), head, lambda body: sign_beside(body, keys.signing_key)
    )


def _kept(session: Session, keys: Keys, asked: Asked, calls: list[Calls]) -> list[Piece]:
    """All that is small: read in one transaction, so that it fits together."""
    orders = order_book.of_cases(session, [asked.case_id])
    clear = asked.classes >= SIGNED
    found = [_readme(), *evidence_files.of_case(session, asked.case_id, orders, clear)]
    found += evidence_files.signed(session, keys, orders, clear)
    found += campaign_files.of_case(session, calls)
    for order in orders if clear else ():
        audit.note(session, asked.person.login, "read_order", "order", order.id, _purpose(asked))
    wanted = evidence_files.tokens_of(session, asked.case_id, orders)
    found += _values(session, keys, asked, wanted | campaign_files.tokens_of(calls))
    found.append(_documents(session, asked.case_id))
    return found


def _purpose(asked: Asked) -> str:
    return f"{asked.case_id}: {asked.purpose}"[:200]


def _readme() -> Piece:
    text = (files("qalqan.cases") / "data" / "evidence_readme.txt").read_bytes()
    return Piece("README.txt", "qalqan", text)


def _values(session: Session, keys: Keys, asked: Asked, wanted: set[str]) -> Iterator[Piece]:
    """Tokens and what they stand for, of the classes that may be opened."""
    tokens = sorted(token for token in wanted if klass_of(token) in asked.classes)
    if not tokens:
        return
    kept = set(_held(session, asked.case_id, tokens))
    clear = vault.reveal_many(session, keys, kept, asked.person.login, _purpose(asked))
    rows = [(token, klass_of(token), value) for token, value in sorted(clear.items())]
    yield Piece("values.csv", "vault", csv_of(("token", "class", "value"), rows))


def _held(session: Session, case_id: str, tokens: list[str]) -> Iterator[str]:
    """Those that the vault has and that are not blocked: an account that was only ever told as a
    token is not among them."""
    for start in range(0, len(tokens), 500):
        some, block = tokens[start : start + 500], orm.VaultBlock.token
        held = set(
            session.scalars(select(orm.VaultEntry.token).where(orm.VaultEntry.token.in_(some)))
        )
        blocked = session.scalars(select(block).where(block.in_(some))).all()
        yield from held - {each for each in blocked if blocking.within(session, each, case_id)}


def _documents(session: Session, case_id: str) -> Piece:
    rows = [
        (each.id, each.kind, each.title, each.source, each.size, each.sha256, each.added_by,
         each.added_us, each.gone_us)
        for each in documents.of_case(session, case_id)
    ]  # fmt: skip
    head = ("id", "kind", "title", "source", "bytes", "sha256", "added_by", "added_us", "gone_us")
    return Piece("documents.csv", "register: case_documents", csv_of(head, rows))


def _pieces(database: Database, keys: Keys, asked: Asked, told: list[Piece]) -> Iterator[Piece]:
    yield from told
    if "document" not in asked.classes:
        return
    with database.session() as session:
        files = documents.of_case(session, asked.case_id)
        ids = [each.id for each in files if each.gone_us is None]
    for document_id in sorted(ids):  # one at a time: each is read, noted, handed out
        with database.write() as session:
            row, data = documents.read(
                session, keys, asked.person, asked.case_id, document_id, _purpose(asked)
            )
            name = documents.file_name(row)
        yield Piece(f"documents/{name}", f"register: document {document_id}", data)
