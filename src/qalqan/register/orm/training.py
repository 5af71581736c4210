"""Who has learnt what: courses, and exercises on simulated cases (REQ-23, 95). Nothing here is of a
real case."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from qalqan.register.orm.base import Base, BigId


class Course(Base):
    """A course, and whose role needs it."""

    __tablename__ = "courses"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    title: Mapped[str] = mapped_column(String(200))
    provider: Mapped[str] = mapped_column(String(16))
    """academy, centre, partner, organisation, own"""
    roles: Mapped[list[str]]
    """Roles that need it; none: nobody must."""
    valid_months: Mapped[int | None] = mapped_column(Integer)
    """How long a pass counts; none: for good."""
    made_by: Mapped[str] = mapped_column(String(40))
    made_us: Mapped[int]
    ended_us: Mapped[int | None]


class CourseTaken(Base):
    """That somebody took a course; only added, the newest counts."""

    __tablename__ = "courses_taken"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    course: Mapped[int] = mapped_column(ForeignKey("courses.id"))
    login: Mapped[str] = mapped_column(ForeignKey("users.login"), index=True)
    day_us: Mapped[int]
    result: Mapped[str] = mapped_column(String(8))
    """passed, failed, attended"""
    valid_until_us: Mapped[int | None]
    noted_by: Mapped[str] = mapped_column(String(40))
    noted_us: Mapped[int]
    __table_args__ = (Index("courses_taken_course", "course", "login"),)


class Exercise(Base):
    """One run of an exercise: the seed says what is true, the acts what somebody did."""

    __tablename__ = "exercises"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    login: Mapped[str] = mapped_column(ForeignKey("users.login"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    """follow, judge"""
    level: Mapped[str] = mapped_column(String(8))
    """guided, alone"""
    seed: Mapped[int]
    edition: Mapped[str] = mapped_column(String(8))
    """Of the rules by which it is played and scored."""
    acts: Mapped[dict[str, Any]]
    version: Mapped[int] = mapped_column(Integer, default=0)
    begun_us: Mapped[int]
    ended_us: Mapped[int | None]
    points: Mapped[int | None] = mapped_column(Integer)
    """0 to 100."""
    parts: Mapped[dict[str, Any]]
    """What the points are made of."""
