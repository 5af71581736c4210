"""People's data and who looked; who takes part."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column

from qalqan.register.orm.base import Base, BigId


class VaultEntry(Base):
    """token → AES-GCM box; the token is the blind index."""

    __tablename__ = "vault"
    token: Mapped[str] = mapped_column(String(48), primary_key=True)
    klass: Mapped[str] = mapped_column(String(12))
    box: Mapped[bytes]
    created_us: Mapped[int]
    __table_args__ = {"sqlite_with_rowid": False}


class Audit(Base):
    """Who did what to what and why; rows are only ever added (a trigger refuses the rest)."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    at_us: Mapped[int]
    actor: Mapped[str] = mapped_column(String(60))
    action: Mapped[str] = mapped_column(String(40))
    object_kind: Mapped[str] = mapped_column(String(20))
    object: Mapped[str] = mapped_column(String(60), index=True)
    purpose: Mapped[str] = mapped_column(String(200), default="")
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Partner(Base):
    """A bank, e-wallet, operator, marketplace, reporting channel: anyone with an API token."""

    __tablename__ = "partners"
    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    names: Mapped[dict[str, Any]]
    """{"kk": …, "ru": …, "en": …}"""
    bank_code: Mapped[str | None] = mapped_column(String(11), unique=True)
    """Three characters of a Kazakh IBAN, or a BIC."""
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    old_token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    """The token before the last rotation, good until `old_token_until_us` (wall time)."""
    old_token_until_us: Mapped[int | None]
    delivery: Mapped[str] = mapped_column(String(8), default="pull")
    """push (to `endpoint`), pull, sheet (an xlsx passed by hand)."""
    endpoint: Mapped[str | None] = mapped_column(String(200))
    feeds: Mapped[list[str]] = mapped_column(default=list)
    """Kinds of fact it streams whole: its accounts are never at the frontier."""
    active: Mapped[bool] = mapped_column(default=True)
    iso20022: Mapped[bool] = mapped_column(default=False, server_default=false())
    """A recall (camt.056) goes beside its orders to hold or return."""


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


class Session(Base):
    """A signed-in officer; the cookie or bearer token is kept hashed."""

    __tablename__ = "sessions"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    login: Mapped[str] = mapped_column(ForeignKey("users.login"))
    csrf: Mapped[str] = mapped_column(String(64))
    created_us: Mapped[int]
    """Wall time, like `expires_us`: no simulation keeps a sign-in alive."""
    expires_us: Mapped[int]


class Throttle(Base):
    """Failed sign-ins lately, of one login (by a short hash) or of all together."""

    __tablename__ = "throttles"
    name: Mapped[str] = mapped_column(String(24), primary_key=True)
    failures: Mapped[int]
    last_wall_us: Mapped[int]
