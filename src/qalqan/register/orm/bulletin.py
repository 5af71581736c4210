"""Figures that were shown, figures that others stated, and bulletins."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from qalqan.register.orm.base import Base, BigId


class FigureValue(Base):
    """A value of one of our figures as it was shown. While it is not final a later count overwrites
    it; after that one that differs is a revision, and the old value stays."""

    __tablename__ = "figure_values"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    code: Mapped[str] = mapped_column(String(60))
    period: Mapped[str] = mapped_column(String(24))
    part: Mapped[str] = mapped_column(String(200), default="")
    """`column=value`, sorted, joined by `;`; empty: all of the population."""
    revision: Mapped[int] = mapped_column(Integer, default=0)
    value: Mapped[str | None] = mapped_column(String(80))
    """Exact: "21637", "187/1000"; None: there is none."""
    base: Mapped[str | None] = mapped_column(String(80))
    n: Mapped[int | None]
    as_of_us: Mapped[int]
    seal: Mapped[int]
    is_final: Mapped[bool] = mapped_column(default=False)
    """Counted two days or more after the period: a later value is a revision to tell of."""
    simulated: Mapped[bool] = mapped_column(default=False)
    low: Mapped[str | None] = mapped_column(String(80))
    """95 % interval, where one can be told; written as the value is."""
    high: Mapped[str | None] = mapped_column(String(80))
    __table_args__ = (
        Index("figure_values_of", "code", "period", "part", "revision", unique=True),
        Index("figure_values_newest", "code", "part", "period"),
    )


class OfficialFigure(Base):
    """What somebody else stated, entered by a person and public once a second one has compared it
    with its source; never changed, only taken back."""

    __tablename__ = "official_figures"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    code: Mapped[str] = mapped_column(String(60))
    period: Mapped[str] = mapped_column(String(24), default="")
    """Empty: the source gives none."""
    part: Mapped[dict[str, Any]] = mapped_column(default=dict)
    value: Mapped[str] = mapped_column(String(80))
    exactness: Mapped[str] = mapped_column(String(8))
    """exact, about, over, up_to"""
    source: Mapped[str] = mapped_column(String(200))
    stated: Mapped[str] = mapped_column(String(10))
    """ISO date of the statement."""
    place: Mapped[str] = mapped_column(String(200), default="")
    entered_by: Mapped[str] = mapped_column(String(40))
    entered_us: Mapped[int]
    idempotency_key: Mapped[str] = mapped_column(String(100), unique=True)
    withdrawn_us: Mapped[int | None]
    withdrawn_by: Mapped[str | None] = mapped_column(String(40))
    withdrawn_why: Mapped[str] = mapped_column(String(400), default="")
    approved_us: Mapped[int | None]
    """None: it waits for the second person, and nobody outside sees it."""
    approved_by: Mapped[str | None] = mapped_column(String(40))
    __table_args__ = (Index("official_figures_of", "code", "period"),)


class Bulletin(Base):
    """A bulletin with the figures it was made of; what is published does not change."""

    __tablename__ = "bulletins"
    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    """B-26-000001"""
    kind: Mapped[str] = mapped_column(String(8))
    """month, year, region, press, minister"""
    period: Mapped[str] = mapped_column(String(24))
    region: Mapped[str] = mapped_column(String(8), default="")
    state: Mapped[str] = mapped_column(String(10), default="counting")
    """counting, drafted, agreed (a second person said yes, it is counted again), published,
    refused, withdrawn"""
    note: Mapped[str] = mapped_column(String(20), default="")
    """moved: its figures had changed when it was counted again."""
    version: Mapped[int] = mapped_column(Integer, default=0, server_default=text("0"))
    body: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Figures and claims, and what an editor wrote in each language."""
    digest: Mapped[str] = mapped_column(String(64), default="")
    """SHA-256 of the body."""
    as_of_us: Mapped[int] = mapped_column(default=0)
    seal: Mapped[int] = mapped_column(default=0)
    simulated: Mapped[bool] = mapped_column(default=False)
    drafted_by: Mapped[str] = mapped_column(String(40))
    drafted_us: Mapped[int]
    decided_by: Mapped[str | None] = mapped_column(String(40))
    decided_us: Mapped[int | None]
    published_us: Mapped[int | None]
    withdrawn_by: Mapped[str | None] = mapped_column(String(40))
    withdrawn_us: Mapped[int | None]
    withdrawn_why: Mapped[str] = mapped_column(String(400), default="")
    replaces: Mapped[str | None] = mapped_column(String(20))
    """The bulletin whose place it takes."""
    writers: Mapped[list[str] | None]
    """Logins of those who wrote words on it."""
    __table_args__ = (Index("bulletins_newest", "state", "period", "kind", "region"),)
