"""Whose view a case is in besides its region's: joint teams, broken glass."""

from __future__ import annotations

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from qalqan.register.orm.base import Base, BigId


class Team(Base):
    """People of several regions or services who share cases until a date (REQ-18)."""

    __tablename__ = "teams"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    made_by: Mapped[str] = mapped_column(String(40))
    until_us: Mapped[int]
    """Wall time."""


class TeamMember(Base):
    """An officer of a team."""

    __tablename__ = "team_members"
    team: Mapped[int] = mapped_column(BigId, ForeignKey("teams.id"), primary_key=True)
    login: Mapped[str] = mapped_column(ForeignKey("users.login"), primary_key=True, index=True)


class TeamCase(Base):
    """A case that a team shares."""

    __tablename__ = "team_cases"
    team: Mapped[int] = mapped_column(BigId, ForeignKey("teams.id"), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True, index=True)


class BreakGlass(Base):
    """An hour's look at a case out of view, and what others thought of it; wall time."""

    __tablename__ = "broken_glass"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    login: Mapped[str] = mapped_column(ForeignKey("users.login"), index=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"))
    reason: Mapped[str] = mapped_column(String(200))
    from_us: Mapped[int]
    until_us: Mapped[int]
    verdict: Mapped[str | None] = mapped_column(String(8))
    """right, wrong"""
    note: Mapped[str | None] = mapped_column(String(200))
    reviewed_by: Mapped[str | None] = mapped_column(String(40))
    reviewed_us: Mapped[int | None]
