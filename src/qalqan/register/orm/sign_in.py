"""How people prove who they are: sessions, one-time codes, recovery codes, passkeys. Times are wall
time: no simulation keeps a sign-in alive."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String, text
from sqlalchemy.orm import Mapped, mapped_column

from qalqan.register.orm.base import Base


class Session(Base):
    """A signed-in officer; the cookie or bearer token is kept hashed."""

    __tablename__ = "sessions"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    login: Mapped[str] = mapped_column(ForeignKey("users.login"), index=True)
    csrf: Mapped[str] = mapped_column(String(64))
    created_us: Mapped[int]
    """When the password was shown first; a new secret at a later step changes nothing of it."""
    expires_us: Mapped[int]
    stage: Mapped[str | None] = mapped_column(String(12))
    """What is still wanted: `factor`, `password`, `enrol`; None: nothing, the session works."""
    factors: Mapped[str] = mapped_column(String(20), default="password", server_default="password")
    """`password`, `password totp`, `password code`, `password passkey`, `passkey`."""
    device: Mapped[str | None] = mapped_column(String(60))
    """Browser and system in short, as the browser says."""
    network: Mapped[str | None] = mapped_column(String(50))
    """The caller's network: an address without its last part."""
    seen_us: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    proved_us: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """When a password or factor was shown last."""


class Totp(Base):
    """The secret behind a person's codes; it counts from the first right code on."""

    __tablename__ = "totp"
    login: Mapped[str] = mapped_column(ForeignKey("users.login"), primary_key=True)
    box: Mapped[bytes]
    last_step: Mapped[int] = mapped_column(default=0)
    """The newest step whose code was used: none counts twice."""
    since_us: Mapped[int | None]
    """None: shown, and not yet proved."""


class RecoveryCode(Base):
    """A code on paper for whoever lost his device; good once."""

    __tablename__ = "recovery_codes"
    code_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    login: Mapped[str] = mapped_column(ForeignKey("users.login"), index=True)
    used_us: Mapped[int | None]


class Passkey(Base):
    """The public half of a passkey."""

    __tablename__ = "passkeys"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of the credential's id, which may be a kilobyte long."""
    login: Mapped[str] = mapped_column(ForeignKey("users.login"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    credential: Mapped[bytes]
    public_key: Mapped[bytes]
    count: Mapped[int]
    """Signatures so far, as the device counts them; some always say 0."""
    created_us: Mapped[int]
    used_us: Mapped[int | None]


class Challenge(Base):
    """A question to a passkey that waits for its answer; asked once, answered once."""

    __tablename__ = "challenges"
    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    """SHA-256 of the challenge."""
    purpose: Mapped[str] = mapped_column(String(12))
    """make, sign_in, prove"""
    session: Mapped[str] = mapped_column(String(64), default="")
    """The session that asked, by the hash of its secret; empty before there is one."""
    until_us: Mapped[int]
