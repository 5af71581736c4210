"""What edges tell of calls: how they are, how far their journals were taken, counts, campaigns."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from qalqan.register.orm.base import Base, BigId


class CallEdge(Base):
    """An edge that sends its journals: one row, changed with each thing it tells."""

    __tablename__ = "call_edges"
    partner: Mapped[str] = mapped_column(ForeignKey("partners.code"), primary_key=True)
    edge: Mapped[str] = mapped_column(String(40), primary_key=True)
    heard_us: Mapped[int]
    told: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """untold: verdicts lost that no line tells yet; tables, policy: versions; places: operator →
    second of its word on who is abroad; trunks: trunk → operator; broken: where chains don't
    hold."""
    newest: Mapped[list[Any]] = mapped_column(JSON, default=list)
    """Its newest calls that did not simply pass: [moment, trunk, rule, answer, caller's token,
    callee's token]."""


class CallFile(Base):
    """How far one file of a journal was taken: the same piece again counts nothing."""

    __tablename__ = "call_files"
    partner: Mapped[str] = mapped_column(String(32), primary_key=True)
    edge: Mapped[str] = mapped_column(String(40), primary_key=True)
    file: Mapped[str] = mapped_column(String(80), primary_key=True)
    taken: Mapped[int]
    """Bytes."""
    mark: Mapped[str] = mapped_column(String(64))
    """Hash of the last line taken."""
    at_us: Mapped[int]
    __table_args__ = (Index("call_files_age", "partner", "edge", "at_us"),)


class CallCount(Base):
    """Attempts within one hour by edge, trunk, answer and deciding rule (REQ-45, 46)."""

    __tablename__ = "call_counts"
    hour_us: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    partner: Mapped[str] = mapped_column(String(32), primary_key=True)
    edge: Mapped[str] = mapped_column(String(40), primary_key=True)
    trunk: Mapped[str] = mapped_column(String(60), primary_key=True)
    answer: Mapped[str] = mapped_column(String(10), primary_key=True)
    """pass, label, withhold, refuse; undecided, lost; shadow: the rule would have held."""
    rule: Mapped[str] = mapped_column(String(60), primary_key=True)
    n: Mapped[int]


class CallCampaign(Base):
    """Refused calls of one trunk, caller pattern and time; with enough of them, a case."""

    __tablename__ = "call_campaigns"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    source: Mapped[str] = mapped_column(String(32))
    """Partner whose edge refused them."""
    trunk: Mapped[str] = mapped_column(String(60))
    rule: Mapped[str] = mapped_column(String(60))
    pattern: Mapped[str] = mapped_column(String(16))
    """Block of the callers' numbers; empty: none was told; *: many blocks."""
    first_us: Mapped[int]
    last_us: Mapped[int]
    calls: Mapped[int]
    sample_us: Mapped[int]
    """One of its calls, by which a provider finds it: its moment …"""
    sample: Mapped[str | None] = mapped_column(String(48))
    """… and the called number's token."""
    is_opened: Mapped[bool] = mapped_column(default=False)
    """It has enough calls; those that never do are forgotten."""
    opened_us: Mapped[int | None]
    case_id: Mapped[str | None] = mapped_column(ForeignKey("cases.id"), index=True)
    __table_args__ = (
        Index("call_campaigns_near", "source", "trunk", "rule", "last_us"),
        Index(
            "call_campaigns_gathering", "last_us",
            sqlite_where=text("NOT is_opened"), postgresql_where=text("NOT is_opened"),
        ),
        Index("call_campaigns_newest", "is_opened", "last_us"),
    )  # fmt: skip
