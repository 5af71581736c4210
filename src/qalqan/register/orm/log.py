"""The Merkle log over audit, orders' history and vault, and what belongs to reading people's data:
purposes, values that retention took."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from qalqan.register.orm.base import Base


class LogTile(Base):
    """256 neighbours of the hash tree at a time: tile level 0 holds leaves, level 1 the roots of
    whole tiles below, and so on (C2SP tlog-tiles); only the last of a level is not full."""

    __tablename__ = "log_tiles"
    level: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    hashes: Mapped[bytes]


class LogCheckpoint(Base):
    """A signed checkpoint: the last of each day, and the newest."""

    __tablename__ = "log_checkpoints"
    size: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    root: Mapped[bytes]
    at_us: Mapped[int]
    """Wall time."""
    note: Mapped[str]


class VaultBatch(Base):
    """Values that came into the vault together; the log commits to them by this row."""

    __tablename__ = "vault_batches"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """Drawn at random: nobody waits for a counter. 0: what was there before the log."""
    at_us: Mapped[int]
    rows: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 over the tokens, each with a line's end, sorted by their bytes."""
    seq: Mapped[int | None]
    __table_args__ = (Index("vault_batches_seq", "seq", unique=True),)


class VaultGone(Base):
    """A value that retention took: its token stays, so that pages can say so and its batch still
    adds up."""

    __tablename__ = "vault_gone"
    token: Mapped[str] = mapped_column(String(48), primary_key=True)
    batch: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(index=True)
    """The row of the audit that tells of it."""
    at_us: Mapped[int]


class VaultBlock(Base):
    """A value that may not be used until somebody decides on it ("blocking" of personal data,
    Law 94-V of 21 May 2013, article 1)."""

    __tablename__ = "vault_blocks"
    token: Mapped[str] = mapped_column(String(48), primary_key=True)
    reason: Mapped[str] = mapped_column(String(200))
    blocked_by: Mapped[str] = mapped_column(String(40))
    blocked_us: Mapped[int]


class Purpose(Base):
    """What an officer needs a case's sealed values for, told once a session and case."""

    __tablename__ = "purposes"
    session: Mapped[str] = mapped_column(String(64), primary_key=True)
    """Hash of the session's secret."""
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    login: Mapped[str] = mapped_column(String(40))
    code: Mapped[str] = mapped_column(String(20))
    words: Mapped[str] = mapped_column(String(160), default="", server_default=text("''"))
    at_us: Mapped[int]
    """Wall time."""
