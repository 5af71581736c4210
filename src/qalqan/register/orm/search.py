"""Names that are looked for: what nobody can tell apart has one key (no personal values here)."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from qalqan.register.orm.base import Base, BigId


class SearchEntry(Base):
    """One name of one thing."""

    __tablename__ = "search_entries"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(12))
    """What it names: partner …"""
    of: Mapped[str] = mapped_column(String(40))
    """The key of what it names."""
    text: Mapped[str] = mapped_column(String(200))
    place: Mapped[str] = mapped_column(String(400))
    """Where it stands in the alphabet: `text.alphabet`."""
    __table_args__ = (Index("search_entries_of", "kind", "of"),)


class SearchGram(Base):
    """Three signs that an entry's key holds: `text.alike`."""

    __tablename__ = "search_grams"
    gram: Mapped[str] = mapped_column(String(3), primary_key=True)
    entry: Mapped[int] = mapped_column(
        BigId, ForeignKey("search_entries.id"), primary_key=True, index=True
    )
    __table_args__ = {"sqlite_with_rowid": False}
