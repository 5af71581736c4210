"""Findings under review, modes of detectors, policies, estimates."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from qalqan.register.orm.base import Base, BigId


class FindingRow(Base):
    """A finding under review; identity is (detector, subject_kind, subject, window)."""

    __tablename__ = "findings"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    detector: Mapped[str] = mapped_column(String(60))
    subject_kind: Mapped[str] = mapped_column(String(12))
    subject: Mapped[str] = mapped_column(String(80))
    window_from_us: Mapped[int]
    window_to_us: Mapped[int]
    score: Mapped[float]
    evidence: Mapped[dict[str, Any]]
    version: Mapped[str] = mapped_column(String(16))
    seal: Mapped[int]
    shadow: Mapped[bool]
    state: Mapped[str] = mapped_column(String(10), default="new")
    """new, faded (not seen any more), confirmed, dismissed (a dismissal outlives versions)"""
    decided_by: Mapped[str | None] = mapped_column(String(40))
    decided_us: Mapped[int | None]
    first_us: Mapped[int]
    updated_us: Mapped[int]
    __table_args__ = (
        Index(
            "findings_identity",
            "detector", "subject_kind", "subject", "window_from_us", "window_to_us",
            unique=True,
        ),
        Index("findings_review", "shadow", "state", "score"),
        Index("findings_subject", "subject"),
    )  # fmt: skip


class DetectorMode(Base):
    """shadow until a person promotes it: live; or retired. A recorded decision."""

    __tablename__ = "detector_modes"
    detector: Mapped[str] = mapped_column(String(60), primary_key=True)
    mode: Mapped[str] = mapped_column(String(8))
    decided_by: Mapped[str] = mapped_column(String(40))
    decided_us: Mapped[int]


class Estimate(Base):
    """What was measured over the lake and the cases, such as how soon money leaves an account:
    versioned data with its sample sizes; older versions stay on record."""

    __tablename__ = "estimates"
    name: Mapped[str] = mapped_column(String(24), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    made_us: Mapped[int]
    seal: Mapped[int]
    """Newest seal when it was made."""
    body: Mapped[dict[str, Any]]


class Policy(Base):
    """Thresholds and switches as versioned data, approved by two people beforehand."""

    __tablename__ = "policies"
    name: Mapped[str] = mapped_column(String(24), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    body: Mapped[dict[str, Any]]
    valid_from_us: Mapped[int]
    approved_by: Mapped[list[str]]


class IndicatorRow(Base):
    """A subject listed for action, by two people where it stops money."""

    __tablename__ = "indicators"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    subject_kind: Mapped[str] = mapped_column(String(12))
    """account, person, phone"""
    subject: Mapped[str] = mapped_column(String(80))
    grade: Mapped[str] = mapped_column(String(8))
    """block: payments there are held; watch: calls from it count, nothing is held."""
    ground: Mapped[str] = mapped_column(String(32))
    reason: Mapped[str] = mapped_column(String(400))
    source: Mapped[str] = mapped_column(String(60))
    """Case, partner or list it comes from."""
    approved_by: Mapped[list[str]]
    from_us: Mapped[int]
    until_us: Mapped[int]
    appeal: Mapped[str | None] = mapped_column(String(400))
    withdrawn_by: Mapped[str | None] = mapped_column(String(60))
    withdrawn_us: Mapped[int | None]
    __table_args__ = (Index("indicators_subject", "subject"),)
