"""Documents and evidence of a case: kept encrypted, known by their SHA-256, with a chain of custody
(REQ-18, 35).

A file is sealed in pieces of one mebibyte, each bound to its document and place, and stands in the
register: it is backed up, moved and dropped with everything else. What its name or type claims is
believed of nobody: it is handed out under our number, as an attachment. Reading one is a line in
its custody and in the audit. Past the case's term the pieces go (`cases.sweeps`); digest and
custody stay, and say when.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.errors import ContractBroken, InputRejected, NotFound
from qalqan.register import audit, numbers, orm, rights, vault
from qalqan.register.rights import Person, Right
from qalqan.text.line import line
from qalqan.text.mask import mask
from qalqan.trust import encryption
from qalqan.trust.keys import Keys

MOST_BYTES = 32 * 2**20
"""Bytes of a document; `web.guard` bounds what comes before it is read."""
PIECE = 2**20
LONGEST_TITLE, LONGEST_SOURCE, LONGEST_NAME = 200, 200, 200
KINDS = ("evidence", "document", "statement")
Event = Literal["taken", "handed", "returned", "examined", "stored", "destroyed"]
EVENTS: tuple[str, ...] = get_args(Event)
"""What an officer may write into the custody; `read` is written by reading."""
_ALMATY = ZoneInfo("Asia/Almaty")
_ENDING = re.compile(r"\.([A-Za-z0-9]{1,8})$")


@dataclass(frozen=True)
class Upload:
    """A file as it was handed in."""

    data: bytes
    name: str
    title: str
    source: str
    kind: str = "evidence"


def add(
    session: Session, keys: Keys, officer: Person, case_id: str, upload: Upload
) -> orm.CaseDocument:
    """Keep a file. The same file again is the document that stands there; if retention has taken
    what was in it, it has it again.

    Raises:
        NotAllowed, NotFound: as `rights.check_case`. InputRejected: empty, too large, of no kind,
            or without a title or source.
    """
    rights.check_case(session, officer, Right.CASEWORK, case_id)
    _check(upload)
    mark = hashlib.sha256(upload.data).hexdigest()
    here = select(orm.CaseDocument).where(
        orm.CaseDocument.case_id == case_id, orm.CaseDocument.sha256 == mark
    )
    if (before := session.scalar(here.with_for_update())) is not None:
        if before.gone_us is not None:
            _restore(session, keys, officer, before, upload.data)
        return before
    document = orm.CaseDocument(
        id=numbers.next_id(session, "E"),
        case_id=case_id,
        kind=upload.kind,
        title=mask(" ".join(upload.title.split()))[:LONGEST_TITLE],
        name=vault.keep(session, keys, "document", _name(upload.name)),
        ending=_ending(upload.name),
        size=len(upload.data),
        sha256=mark,
        source=mask(" ".join(upload.source.split()))[:LONGEST_SOURCE],
        added_by=officer.login,
        added_us=clock.now_us(),
    )
    session.add(document)
    session.flush()
    _seal(session, keys, document.id, upload.data)
    _line(session, document.id, officer.login, "taken", document.source)
    audit.note(
        session, officer.login, "add_document", "case", case_id, document=document.id, sha256=mark
    )
    session.flush()
    return document


def read(
    session: Session, keys: Keys, officer: Person, case_id: str, document_id: str, purpose: str
) -> tuple[orm.CaseDocument, bytes]:
    """A document and its bytes, with a line in custody and audit; a write transaction.

    Raises:
        NotAllowed, NotFound: as `rights.check_case` and `rights.check_field`; NotFound: the case
            has no such document. InputRejected: retention has taken what was in it.
        ContractBroken: what stands there is not what was handed in.
    """
    rights.check_case(session, officer, Right.CASES, case_id)
    rights.check_field(officer, "document")
    document = get(session, case_id, document_id)
    if document.gone_us is not None:
        day = datetime.fromtimestamp(document.gone_us // clock.SECOND, _ALMATY).date()
        raise InputRejected("document", document.id, "document.gone", day=day.isoformat())
    data = _opened(session, keys, document)
    _line(session, document.id, officer.login, "read", mask(purpose)[:200])
    audit.note(
        session, officer.login, "read_document", "case", case_id, purpose, document=document.id
    )
    return document, data


def get(session: Session, case_id: str, document_id: str) -> orm.CaseDocument:
    """The document of a case.

    Raises:
        NotFound: there is none.
    """
    document = session.get(orm.CaseDocument, document_id)
    if document is None or document.case_id != case_id:
        raise NotFound("document", document_id)
    return document


def hand_on(
    session: Session, officer: Person, case_id: str, document_id: str, event: str, words: str
) -> None:
    """Write a line into the chain of custody: to whom or where it went.

    Raises:
        NotAllowed, NotFound: as `read`. InputRejected: no such event, no words or too many.
    """
    rights.check_case(session, officer, Right.CASEWORK, case_id)
    document = get(session, case_id, document_id)
    if event not in EVENTS:
        raise InputRejected("event", event, "document.event")
    told = line("words", words, LONGEST_SOURCE)
    _line(session, document.id, officer.login, event, told)
    audit.note(session, officer.login, "custody", "case", case_id, document=document.id)


def forget(session: Session, ids: Sequence[str], why: str) -> None:
    """Delete what is in documents, for good; what is known of them stays. A write transaction."""
    of_cases: dict[str, list[str]] = {}
    for document in session.scalars(select(orm.CaseDocument).where(orm.CaseDocument.id.in_(ids))):
        document.gone_us = clock.now_us()
        _line(session, document.id, "work", "destroyed", why)
        of_cases.setdefault(document.case_id, []).append(document.id)
    session.execute(delete(orm.DocumentPiece).where(orm.DocumentPiece.document.in_(ids)))
    for case, gone in sorted(of_cases.items()):
        audit.note(session, "work", "retention.drop", "case", case, why, documents=sorted(gone))


def of_case(session: Session, case_id: str) -> Sequence[orm.CaseDocument]:
    """All documents of a case, the newest first."""
    of = select(orm.CaseDocument).where(orm.CaseDocument.case_id == case_id)
    return session.scalars(of.order_by(orm.CaseDocument.id.desc())).all()


def custody_of(session: Session, documents: Sequence[str]) -> dict[str, list[orm.CustodyLine]]:
    """Document → its chain of custody, oldest first."""
    lines: dict[str, list[orm.CustodyLine]] = {document: [] for document in documents}
    of = select(orm.CustodyLine).where(orm.CustodyLine.document.in_(documents))
    for each in session.scalars(of.order_by(orm.CustodyLine.id)):
        lines[each.document].append(each)
    return lines


def count(session: Session, case_id: str) -> int:
    """How many documents a case has."""
    return session.scalar(select(func.count()).where(orm.CaseDocument.case_id == case_id)) or 0


def file_name(document: orm.CaseDocument) -> str:
    """What a downloaded document is called: our number, and the ending it came with."""
    return f"{document.id}.{document.ending}" if document.ending else document.id


def _check(upload: Upload) -> None:
    if not upload.data:
        raise InputRejected("file", "", "file.empty")
    if len(upload.data) > MOST_BYTES:
        raise InputRejected("file", "", "document.size", most=MOST_BYTES >> 20)
    if upload.kind not in KINDS:
        raise InputRejected("kind", upload.kind, "document.kind")
    for field, words in (("title", upload.title), ("source", upload.source)):
        if not words.strip():
            raise InputRejected(field, words, "text.empty")
        if len(words) > LONGEST_TITLE:
            raise InputRejected(field, words, "text.too_long", most=LONGEST_TITLE)
        if "\x00" in words:
            raise InputRejected(field, words, "text.characters")


def _name(name: str) -> str:
    """The file's own name as it goes to the vault: its last part, of a bounded length."""
    last = re.split(r"[\\/]", name)[-1].replace("\x00", "")
    return last[-LONGEST_NAME:].strip() or "-"


def _ending(name: str) -> str:
    found = _ENDING.search(name.strip())
    return found[1].lower() if found else ""


def _bound_to(document: str, place: int) -> bytes:
    return f"{document}/{place}".encode()


def _seal(session: Session, keys: Keys, document: str, data: bytes) -> None:
    pieces = [data[at : at + PIECE] for at in range(0, len(data), PIECE)]
    bound = [_bound_to(document, place) for place in range(len(pieces))]
    boxes = encryption.seal_many(keys.box_key("document"), pieces, bound)
    session.add_all(
        orm.DocumentPiece(document=document, place=place, box=box)
        for place, box in enumerate(boxes)
    )


def _opened(session: Session, keys: Keys, document: orm.CaseDocument) -> bytes:
    key = keys.box_key("document")
    of = select(orm.DocumentPiece).where(orm.DocumentPiece.document == document.id)
    rows = session.scalars(of.order_by(orm.DocumentPiece.place)).all()
    data = b"".join(
        encryption.open_box(key, row.box, _bound_to(document.id, row.place)) for row in rows
    )
    if hashlib.sha256(data).hexdigest() != document.sha256:
        raise ContractBroken(f"document {document.id} is not what was handed in")
    return data


def _restore(
    session: Session, keys: Keys, officer: Person, document: orm.CaseDocument, data: bytes
) -> None:
    """A file handed in again after its term."""
    document.gone_us = None
    document.added_by, document.added_us = officer.login, clock.now_us()
    _seal(session, keys, document.id, data)
    _line(session, document.id, officer.login, "taken", document.source)
    note = {"document": document.id, "sha256": document.sha256}
    audit.note(session, officer.login, "add_document", "case", document.case_id, **note)
    session.flush()


def _line(session: Session, document: str, by: str, event: str, words: str) -> None:
    session.add(
        orm.CustodyLine(
            document=document, at_us=clock.now_us(), by=by, event=event, words=words[:200]
        )
    )
