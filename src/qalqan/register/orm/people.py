"""People's data and who looked; officers and clerks."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from qalqan.register.orm.base import Base, BigId


class VaultEntry(Base):
    """token → AES-GCM box; the token is the blind index."""

    __tablename__ = "vault"
    token: Mapped[str] = mapped_column(String(48), primary_key=True)
    klass: Mapped[str] = mapped_column(String(12))
    box: Mapped[bytes]
    created_us: Mapped[int]
    batch: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """What it came in with (`VaultBatch`)."""
    __table_args__ = {"sqlite_with_rowid": False}


class Audit(Base):
    """Who did what to what and why; rows are only ever added, and given their place in the log
    once (a trigger refuses the rest)."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    at_us: Mapped[int]
    actor: Mapped[str] = mapped_column(String(60))
    action: Mapped[str] = mapped_column(String(40))
    object_kind: Mapped[str] = mapped_column(String(20))
    object: Mapped[str] = mapped_column(String(60), index=True)
    purpose: Mapped[str] = mapped_column(String(200), default="")
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    seq: Mapped[int | None]
    """Its place in the Merkle log, from 0; none yet in the first second."""
    __table_args__ = (
        Index("audit_seq", "seq", unique=True),
        Index("audit_actor", "actor", "id"),
    )


class User(Base):
    """An officer, or a partner's clerk; `register.rights` says what each role may."""

    __tablename__ = "users"
    login: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(48))
    """Vault token."""
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(16))
    region: Mapped[str] = mapped_column(String(8))
    active: Mapped[bool] = mapped_column(default=True)
    partner: Mapped[str | None] = mapped_column(String(32))
    """The partner that a clerk works for."""
    given_us: Mapped[int | None]
    """When somebody else set the password (wall time); None: it is the person's own."""


class Throttle(Base):
    """Failed sign-ins lately, of one login (by a short hash) or of all together."""

    __tablename__ = "throttles"
    name: Mapped[str] = mapped_column(String(24), primary_key=True)
    failures: Mapped[int]
    last_wall_us: Mapped[int]
