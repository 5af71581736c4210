"""What the centre keeps of other countries: treaties, contacts, requests there and from there
(REQ-69, 70)."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from qalqan.register.orm.base import Base, BigId


class TreatyRow(Base):
    """A treaty in one standing, as a supervisor entered it beside those that are shipped."""

    __tablename__ = "abroad_treaties"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    code: Mapped[str] = mapped_column(String(40), unique=True)
    title: Mapped[str] = mapped_column(String(300))
    standing: Mapped[str] = mapped_column(String(16))
    """For Kazakhstan: negotiating, invited, observer, signed, ratified, in_force"""
    countries: Mapped[list[str]]
    """Other parties, ISO 3166-1 alpha-2."""
    allows: Mapped[list[str]]
    """Kinds of request."""
    article: Mapped[str] = mapped_column(String(100), default="")
    valid_from_us: Mapped[int]
    source: Mapped[str] = mapped_column(String(300))
    source_day_us: Mapped[int]
    added_by: Mapped[str] = mapped_column(String(40))
    added_us: Mapped[int]


class TreatyEnd(Base):
    """That a row, shipped or entered, holds no longer from a day on."""

    __tablename__ = "abroad_treaty_ends"
    code: Mapped[str] = mapped_column(String(40), primary_key=True)
    until_us: Mapped[int]
    source: Mapped[str] = mapped_column(String(300))
    source_day_us: Mapped[int]
    ended_by: Mapped[str] = mapped_column(String(40))
    ended_us: Mapped[int]


class AbroadContact(Base):
    """A body abroad, or an organisation, that is written to; an institution, never a person."""

    __tablename__ = "abroad_contacts"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    country: Mapped[str] = mapped_column(String(2), index=True)
    body: Mapped[str] = mapped_column(String(200))
    channel: Mapped[str] = mapped_column(String(12))
    """point_24_7, police, central, platform"""
    hours: Mapped[str] = mapped_column(String(60), default="")
    languages: Mapped[str] = mapped_column(String(60), default="")
    phone: Mapped[str] = mapped_column(String(40), default="")
    mail: Mapped[str] = mapped_column(String(120), default="")
    verified_us: Mapped[int]
    verified_by: Mapped[str] = mapped_column(String(40))
    retired_us: Mapped[int | None]
    version: Mapped[int] = mapped_column(Integer, default=0)


class AbroadRequest(Base):
    """A request to another country or from one; the same row is an `international` task of its
    case, when it has one."""

    __tablename__ = "abroad_requests"
    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    """X-26-000001"""
    direction: Mapped[str] = mapped_column(String(4))
    """out, in"""
    case_id: Mapped[str | None] = mapped_column(ForeignKey("cases.id"), index=True)
    task: Mapped[int | None] = mapped_column(ForeignKey("case_tasks.id"), unique=True)
    parent: Mapped[str | None] = mapped_column(ForeignKey("abroad_requests.id"))
    """Which one it prolongs."""
    kind: Mapped[str] = mapped_column(String(16))
    """preservation, data, mla, freeze, victims, takedown"""
    country: Mapped[str] = mapped_column(String(2))
    addressee: Mapped[str] = mapped_column(String(200))
    """Whom it is sent to; of one that came from abroad, who sent it."""
    contact: Mapped[int | None] = mapped_column(ForeignKey("abroad_contacts.id"))
    basis: Mapped[str | None] = mapped_column(String(40))
    """Code of the treaty's row; none of a request from abroad."""
    subject_kind: Mapped[str | None] = mapped_column(String(8))
    subject: Mapped[str | None] = mapped_column(String(300))
    """What it is about, as the case names it: a vault token, or canonical text."""
    words: Mapped[str] = mapped_column(String(1000))
    """What is asked, masked."""
    reference: Mapped[str] = mapped_column(String(60), default="")
    """Number that they gave it."""
    term_days: Mapped[int] = mapped_column(Integer)
    """In which an answer is asked for."""
    keep_days: Mapped[int | None] = mapped_column(Integer)
    """For which preserved data are asked to be kept."""
    state: Mapped[str] = mapped_column(String(12))
    version: Mapped[int] = mapped_column(Integer, default=0)
    drafted_by: Mapped[str] = mapped_column(String(40))
    drafted_us: Mapped[int]
    approved_by: Mapped[str | None] = mapped_column(String(40))
    sent_us: Mapped[int | None]
    due_us: Mapped[int | None]
    answered_us: Mapped[int | None]
    outcome: Mapped[str | None] = mapped_column(String(12))
    """full, part, none"""
    kept_until_us: Mapped[int | None]
    idempotency_key: Mapped[str] = mapped_column(String(120), unique=True)
    __table_args__ = (Index("abroad_requests_due", "state", "due_us"),)


class AbroadStep(Base):
    """What happened to a request; only added."""

    __tablename__ = "abroad_steps"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    request: Mapped[str] = mapped_column(ForeignKey("abroad_requests.id"), index=True)
    at_us: Mapped[int]
    by: Mapped[str] = mapped_column(String(60))
    event: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12))
    words: Mapped[str] = mapped_column(String(1000), default="")
    document: Mapped[str | None] = mapped_column(ForeignKey("case_documents.id"))
    """Evidence that came with it."""
