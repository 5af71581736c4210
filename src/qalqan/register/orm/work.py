"""Jobs, locks with a term, counters behind readable ids."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from qalqan.register.orm.base import Base, BigId


class Job(Base):
    """Work that nobody waits for; an outbox too, since it commits with what caused it."""

    __tablename__ = "jobs"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(80))
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(String(8), default="queued")
    """queued, leased, parked; a job that is done leaves the table."""
    due_us: Mapped[int]
    attempts: Mapped[int] = mapped_column(default=0)
    lease_owner: Mapped[str | None] = mapped_column(String(60))
    lease_until_wall_us: Mapped[int | None]
    last_error: Mapped[str | None] = mapped_column(String(400))
    created_us: Mapped[int]
    __table_args__ = (
        Index("jobs_due", "state", "due_us"),
        Index("jobs_key", "kind", "key"),
        Index(
            "jobs_queued",
            "kind", "key",
            unique=True,
            sqlite_where=text("state = 'queued'"),
            postgresql_where=text("state = 'queued'"),
        ),
        {"sqlite_autoincrement": True},  # an id never comes back, so an old lease fits no new job
    )  # fmt: skip


class Number(Base):
    """Counters behind readable ids such as C-26-000123."""

    __tablename__ = "numbers"
    name: Mapped[str] = mapped_column(String(12), primary_key=True)
    last: Mapped[int]


class Lease(Base):
    """Named locks with a term, in wall time."""

    __tablename__ = "leases"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    owner: Mapped[str] = mapped_column(String(60))
    until_wall_us: Mapped[int]
