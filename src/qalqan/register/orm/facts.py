"""Facts on their way to the lake: batches, landing, who has been seen, the log of seals."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from qalqan.register.orm.base import Base, BigId


class Landing(Base):
    """Accepted facts that are not yet sealed: one Arrow IPC stream a batch part."""

    __tablename__ = "landing"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(16))
    batch: Mapped[str] = mapped_column(String(40))
    rows: Mapped[int]
    body: Mapped[bytes]
    landed_us: Mapped[int]
    __table_args__ = (Index("landing_waits", "batch", "kind", "rows", "landed_us"),)


class Batch(Base):
    """One file or POST: `read = accepted + duplicate + quarantined`."""

    __tablename__ = "batches"
    batch: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(200))
    idempotency_key: Mapped[str | None] = mapped_column(String(100))
    read: Mapped[int] = mapped_column(default=0)
    accepted: Mapped[int] = mapped_column(default=0)
    duplicate: Mapped[int] = mapped_column(default=0)
    quarantined: Mapped[int] = mapped_column(default=0)
    receipt: Mapped[dict[str, Any]] = mapped_column(default=dict)
    started_us: Mapped[int]
    finished_us: Mapped[int | None]
    __table_args__ = (
        Index("batches_key", "source", "idempotency_key", unique=True),
        Index("batches_newest", "source", "started_us", "batch"),
    )


class Identity(Base):
    """Who has been seen: 16-byte hash of (source, id) → 16-byte hash of the content."""

    __tablename__ = "identities"
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    identity: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary(16))
    batch: Mapped[str] = mapped_column(String(40), index=True)
    __table_args__ = {"sqlite_with_rowid": False}


class IdentityRun(Base):
    """A file of identities beside the lake: what a bulk file brought, too many for rows."""

    __tablename__ = "identity_runs"
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(32))
    rows: Mapped[int]
    __table_args__ = (Index("identity_runs_source", "kind", "source"),)


class Quarantined(Base):
    """A record that was not taken, with the reason; the record itself is encrypted."""

    __tablename__ = "quarantine"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    batch: Mapped[str] = mapped_column(String(40), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(32))
    place: Mapped[str] = mapped_column(String(80))
    field: Mapped[str] = mapped_column(String(60))
    value_masked: Mapped[str] = mapped_column(String(120))
    expected: Mapped[str] = mapped_column(String(60))
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    record: Mapped[bytes]
    at_us: Mapped[int]
    __table_args__ = (Index("quarantine_source", "source", "id"),)


class Seal(Base):
    """The log: one increasing sequence over all kinds."""

    __tablename__ = "seals"
    seal: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(16))
    rows: Mapped[int]
    version: Mapped[int]
    """Delta table version that holds it."""
    at_us: Mapped[int]
    __table_args__ = (Index("seals_kind", "kind", "seal"),)
