"""How long facts stay, what keeps them longer, and what is stopped meanwhile."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from qalqan.register.orm.base import Base, BigId


class LegalHold(Base):
    """Facts that retention leaves alone: of a kind and range of days, or of all days of a case."""

    __tablename__ = "legal_holds"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    kind: Mapped[str | None] = mapped_column(String(16))
    """None: every kind."""
    case_id: Mapped[str | None] = mapped_column(String(20), ForeignKey("cases.id"))
    """None: `first_day` to `last_day`; a case holds from the day of its first payment."""
    first_day: Mapped[date | None] = mapped_column(Date)
    last_day: Mapped[date | None] = mapped_column(Date)
    """Both UTC days of the facts, both included; None: open on that side."""
    reason: Mapped[str] = mapped_column(String(400))
    placed_by: Mapped[str] = mapped_column(String(60))
    placed_us: Mapped[int]
    until_us: Mapped[int | None]
    """It lapses by itself then."""
    lifted_by: Mapped[str | None] = mapped_column(String(60))
    lifted_us: Mapped[int | None]


class RetentionDrop(Base):
    """One day of one kind that retention took out of the lake: what history has lost."""

    __tablename__ = "retention_drops"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(16))
    day: Mapped[date] = mapped_column(Date)
    files: Mapped[list[str]]
    """Paths in the table."""
    rows: Mapped[int]
    first_seal: Mapped[int]
    last_seal: Mapped[int]
    """Smallest and greatest seal among its facts."""
    state: Mapped[str] = mapped_column(String(8), default="planned")
    """planned, going (nobody can hold it any more), dropped (out of the lake), done (its facts'
    identities are forgotten too)."""
    policy: Mapped[str] = mapped_column(String(40))
    """Name and version of the retention policy, and the days it keeps."""
    at_seal: Mapped[int]
    """Newest seal when it was planned."""
    at_us: Mapped[int]
    __table_args__ = (Index("retention_drops_kind", "kind", "day"),)


class Pause(Base):
    """Work that stands still until a person lets it go on, such as delivery after a restore."""

    __tablename__ = "pauses"
    name: Mapped[str] = mapped_column(String(24), primary_key=True)
    since_us: Mapped[int]
    by: Mapped[str] = mapped_column(String(60))
    reason: Mapped[str] = mapped_column(String(400))
