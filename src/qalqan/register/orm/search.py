"""What is found without being read: marks of people's names, who asked for an identifier."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from qalqan.register.orm.base import Base, BigId


class SearchName(Base):
    """Somebody's name, itself in the vault; `register.names` owns these three tables."""

    __tablename__ = "search_names"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(8))
    """victim, drop"""
    of: Mapped[str] = mapped_column(String(20))
    """Number of the report or drop."""
    __table_args__ = (Index("search_names_of", "kind", "of"),)


class NameMark(Base):
    """A word of a name, as a keyed mark."""

    __tablename__ = "search_words"
    word: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[int] = mapped_column(
        ForeignKey("search_names.id"), primary_key=True, index=True, autoincrement=False
    )
    spelt: Mapped[int]
    """Mark of its spelling: tells apart what sounds alike."""
    __table_args__ = {"sqlite_with_rowid": False}


class NearMark(Base):
    """A form of a word, whole or with one letter left out; once for all names that have it."""

    __tablename__ = "search_near"
    near: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    word: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at: Mapped[int] = mapped_column(SmallInteger)
    """Place of the letter left out; -1: none."""
    __table_args__ = {"sqlite_with_rowid": False}


class Asked(Base):
    """An officer looks into an identifier: so that others know (REQ-18). Forgotten after days."""

    __tablename__ = "asked_lately"
    subject: Mapped[str] = mapped_column(String(300), primary_key=True)
    """Vault token, or the canonical text of what is not personal."""
    login: Mapped[str] = mapped_column(ForeignKey("users.login"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    first_us: Mapped[int]
    last_us: Mapped[int]
    __table_args__ = (
        Index("asked_lately_login", "login", "last_us"),
        Index("asked_lately_last", "last_us"),
    )
