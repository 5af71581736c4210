"""Runs of a detector over the lake with other parameters, kept apart from what is under review;
and decisions on rules that take two people."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from qalqan.register.orm.base import Base, BigId


class Backtest(Base):
    """One run, asked for by an officer."""

    __tablename__ = "backtests"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    detector: Mapped[str] = mapped_column(String(60), index=True)
    params: Mapped[dict[str, Any]]
    """Name → value, those that differ from the ones in force."""
    state: Mapped[str] = mapped_column(String(10), default="queued")
    """queued, running, done, failed, cancelled"""
    asked_by: Mapped[str] = mapped_column(String(40))
    asked_us: Mapped[int]
    seal: Mapped[int | None]
    """The facts it ran over are those up to this one."""
    step: Mapped[int] = mapped_column(default=0)
    """Steps done, of `work.backtests.STEPS`."""
    ended_us: Mapped[int | None]
    result: Mapped[dict[str, Any] | None]
    error: Mapped[str | None] = mapped_column(String(60))


class BacktestFinding(Base):
    """What a run found that is not under review, or lost that is: a sample to look at."""

    __tablename__ = "backtest_findings"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    backtest: Mapped[int] = mapped_column(ForeignKey("backtests.id"), index=True)
    change: Mapped[str] = mapped_column(String(8))
    """new, lost"""
    subject_kind: Mapped[str] = mapped_column(String(12))
    subject: Mapped[str] = mapped_column(String(80))
    window_from_us: Mapped[int]
    window_to_us: Mapped[int]
    score: Mapped[float]
    evidence: Mapped[dict[str, Any]]
    label: Mapped[str] = mapped_column(String(10), default="")
    """What officers had decided of it, if it is lost: confirmed, dismissed; else empty."""


class RuleChange(Base):
    """A proposal to move a detector or change its parameters; a second person decides."""

    __tablename__ = "rule_changes"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    detector: Mapped[str] = mapped_column(String(60))
    what: Mapped[str] = mapped_column(String(8))
    """live, shadow, retired, params"""
    params: Mapped[dict[str, Any] | None]
    backtest: Mapped[int | None] = mapped_column(BigId, ForeignKey("backtests.id"))
    reason: Mapped[str] = mapped_column(String(200))
    by: Mapped[str] = mapped_column(String(40))
    at_us: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default="proposed")
    """proposed, agreed, refused, withdrawn"""
    second: Mapped[str | None] = mapped_column(String(40))
    second_us: Mapped[int | None]
    note: Mapped[str] = mapped_column(String(200), default="")
    __table_args__ = (Index("rule_changes_detector", "detector", "state"),)
