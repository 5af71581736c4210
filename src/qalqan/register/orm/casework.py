"""What officers add to a case: identifiers, tasks, notes, documents, and what became of it."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from qalqan.register.orm.base import Base, BigId


class CaseEntity(Base):
    """An identifier of a case: what joins it to other cases that have it too."""

    __tablename__ = "case_entities"
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    """account, phone, card, person, domain, url, handle, ip, imei, wallet; device, trunk, dealer,
    provider"""
    subject: Mapped[str] = mapped_column(String(300), primary_key=True)
    """Vault token of an account, phone, card, person, device; else the canonical text."""
    source: Mapped[str] = mapped_column(String(8))
    """victim, report, trail, officer, finding (a confirmed one alone)"""
    told_by: Mapped[str] = mapped_column(String(60))
    first_us: Mapped[int]
    """When it was first seen, as far as is known."""
    note: Mapped[str | None] = mapped_column(String(200))
    __table_args__ = (Index("case_entities_subject", "subject", "kind"),)


class CaseTask(Base):
    """Something to be done for a case, by somebody, until a day (REQ-23, 24, 37, 70)."""

    __tablename__ = "case_tasks"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    """examination, international, consultation, other"""
    title: Mapped[str] = mapped_column(String(200))
    owner: Mapped[str | None] = mapped_column(ForeignKey("users.login"), index=True)
    country: Mapped[str | None] = mapped_column(String(2))
    """Whom an international request goes to."""
    reference: Mapped[str | None] = mapped_column(String(60))
    """Number of the examination or request."""
    due_us: Mapped[int | None]
    state: Mapped[str] = mapped_column(String(10), default="open")
    """open, done, cancelled"""
    version: Mapped[int] = mapped_column(Integer, default=0)
    outcome: Mapped[str] = mapped_column(String(400), default="")
    made_by: Mapped[str] = mapped_column(String(40))
    made_us: Mapped[int]
    ended_by: Mapped[str | None] = mapped_column(String(40))
    ended_us: Mapped[int | None]


class CaseNote(Base):
    """An officer's note; its words are in the vault. Never changed: who errs adds another."""

    __tablename__ = "case_notes"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    words: Mapped[str] = mapped_column(String(48))
    """Vault token."""
    by: Mapped[str] = mapped_column(String(40))
    at_us: Mapped[int]


class CaseEvent(Base):
    """What officers did with a case as a whole: closed it, opened it again, numbered it."""

    __tablename__ = "case_events"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    at_us: Mapped[int]
    by: Mapped[str] = mapped_column(String(60))
    event: Mapped[str] = mapped_column(String(16))
    """closed, reopened, numbered, told"""
    note: Mapped[str] = mapped_column(String(400), default="")


class CaseDocument(Base):
    """A file of a case; its bytes stand encrypted in `document_pieces`."""

    __tablename__ = "case_documents"
    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    """E-26-000123"""
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    """evidence, statement, document"""
    title: Mapped[str] = mapped_column(String(200))
    """What it is, in the officer's words, masked."""
    name: Mapped[str] = mapped_column(String(48))
    """Vault token of the file's own name."""
    ending: Mapped[str] = mapped_column(String(8))
    """Of that name, small letters and digits; it says nothing of what the file is."""
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(200))
    """Where it came from, masked."""
    added_by: Mapped[str] = mapped_column(String(40))
    added_us: Mapped[int]
    taken_us: Mapped[int | None]
    """When the facts in it were taken, of a statement."""
    gone_us: Mapped[int | None]
    """When retention took what was in it; the row and its custody stay."""
    __table_args__ = (Index("case_documents_contents", "case_id", "sha256", unique=True),)


class DocumentPiece(Base):
    """A piece of a document, sealed by itself and bound to its place."""

    __tablename__ = "document_pieces"
    document: Mapped[str] = mapped_column(ForeignKey("case_documents.id"), primary_key=True)
    place: Mapped[int] = mapped_column(Integer, primary_key=True)
    box: Mapped[bytes]


class CustodyLine(Base):
    """Where a thing or a document went: its chain of custody (REQ-35)."""

    __tablename__ = "custody_lines"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    document: Mapped[str] = mapped_column(ForeignKey("case_documents.id"), index=True)
    at_us: Mapped[int]
    by: Mapped[str] = mapped_column(String(40))
    event: Mapped[str] = mapped_column(String(12))
    """taken, handed, returned, examined, stored, destroyed, read"""
    words: Mapped[str] = mapped_column(String(200), default="")
    """To whom, where, masked."""
