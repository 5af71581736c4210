"""Programmes, their measures and evidence, how measures will be judged, and drafts of plans with
rounds of comments (REQ-25, 26, 93). No person outside the house stands here."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column

from qalqan.register.orm.base import Base, BigId


class Programme(Base):
    """A programme, roadmap, concept or plan that measures belong to."""

    __tablename__ = "programmes"
    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    """PG-26-000001"""
    kind: Mapped[str] = mapped_column(String(12))
    """programme, roadmap, measures, concept, plan"""
    names: Mapped[dict[str, Any]]
    """Language → name; one at least."""
    owner: Mapped[str] = mapped_column(String(200))
    """The body that answers for it; empty: the source names none."""
    from_day: Mapped[str | None] = mapped_column(String(10))
    """Day in Almaty, YYYY-MM-DD; None: the source says none."""
    to_day: Mapped[str | None] = mapped_column(String(10))
    """The last one."""
    source: Mapped[str] = mapped_column(String(400))
    stated: Mapped[str | None] = mapped_column(String(10))
    """The date of the source; None: it bears none."""
    idempotency_key: Mapped[str] = mapped_column(String(100), unique=True)
    made_us: Mapped[int]
    made_by: Mapped[str] = mapped_column(String(40))


class Measure(Base):
    """Something to be done; `cases.measures` owns its state."""

    __tablename__ = "measures"
    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    """MS-26-000001"""
    programme: Mapped[str | None] = mapped_column(ForeignKey("programmes.id"), index=True)
    names: Mapped[dict[str, Any]]
    """Language → what is to be done; one at least."""
    owner: Mapped[str] = mapped_column(String(200))
    """The body that answers for it."""
    person: Mapped[str | None] = mapped_column(ForeignKey("users.login"))
    """Who of the centre follows it."""
    due_day: Mapped[str] = mapped_column(String(10))
    """The last day in time, in Almaty, YYYY-MM-DD."""
    figure: Mapped[str] = mapped_column(String(80), default="")
    """Code of the figure that tells how it goes (`model.figure`)."""
    target: Mapped[str] = mapped_column(String(80), default="")
    state: Mapped[str] = mapped_column(String(10))
    """planned, running, claimed, done, dropped"""
    version: Mapped[int] = mapped_column(default=0)
    claimed_by: Mapped[str | None] = mapped_column(String(40))
    done_by: Mapped[str | None] = mapped_column(String(40))
    """The second person."""
    started_us: Mapped[int | None]
    done_us: Mapped[int | None]
    """When it was claimed, once a second person has agreed."""
    late: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Its term had passed before it was done."""
    idempotency_key: Mapped[str] = mapped_column(String(100), unique=True)
    made_us: Mapped[int]
    made_by: Mapped[str] = mapped_column(String(40))
    __table_args__ = (Index("measures_due", "state", "due_day"),)


class MeasureStep(Base):
    """A step of a measure's history; only added."""

    __tablename__ = "measure_steps"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    measure: Mapped[str] = mapped_column(ForeignKey("measures.id"), index=True)
    at_us: Mapped[int]
    by: Mapped[str] = mapped_column(String(40))
    event: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10))
    words: Mapped[str] = mapped_column(String(1000), default="")


class MeasureEvidence(Base):
    """What shows that a measure was carried out; only added."""

    __tablename__ = "measure_evidence"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    measure: Mapped[str] = mapped_column(ForeignKey("measures.id"))
    kind: Mapped[str] = mapped_column(String(10))
    """document, link, order, figure"""
    reference: Mapped[str] = mapped_column(String(400))
    words: Mapped[str] = mapped_column(String(1000), default="")
    at_us: Mapped[int]
    by: Mapped[str] = mapped_column(String(40))
    __table_args__ = (Index("measure_evidence_once", "measure", "kind", "reference", unique=True),)


class MeasureDesign(Base):
    """A version of how a measure will be judged; only added. What counts is the last one from
    before the start; later ones are shown as changes."""

    __tablename__ = "measure_designs"
    measure: Mapped[str] = mapped_column(ForeignKey("measures.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[dict[str, Any]]
    """`bulletin.effects.design.Design.as_dict`"""
    start_us: Mapped[int]
    """The first moment that it counts as after."""
    at_us: Mapped[int]
    by: Mapped[str] = mapped_column(String(40))
    late: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Written down when what it judges had begun."""


class PlanDraft(Base):
    """A plan that bodies are asked about before it stands (REQ-26)."""

    __tablename__ = "plan_drafts"
    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    """DP-26-000001"""
    title: Mapped[str] = mapped_column(String(200))
    bodies: Mapped[list[str]]
    """Who is asked."""
    idempotency_key: Mapped[str] = mapped_column(String(100), unique=True)
    made_us: Mapped[int]
    made_by: Mapped[str] = mapped_column(String(40))


class PlanVersion(Base):
    """A version of a draft's text; only added."""

    __tablename__ = "plan_versions"
    draft: Mapped[str] = mapped_column(ForeignKey("plan_drafts.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(String(2))
    words: Mapped[str] = mapped_column(String(20_000))
    at_us: Mapped[int]
    by: Mapped[str] = mapped_column(String(40))


class PlanRound(Base):
    """A round of comments on one version."""

    __tablename__ = "plan_rounds"
    draft: Mapped[str] = mapped_column(ForeignKey("plan_drafts.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[int]
    due_day: Mapped[str] = mapped_column(String(10))
    opened_us: Mapped[int]
    opened_by: Mapped[str] = mapped_column(String(40))
    closed_us: Mapped[int | None]
    closed_by: Mapped[str | None] = mapped_column(String(40))
    __table_args__ = (Index("plan_rounds_due", "closed_us", "due_day"),)


class PlanComment(Base):
    """What a body said in a round, or that it said nothing; how that was answered."""

    __tablename__ = "plan_comments"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    draft: Mapped[str] = mapped_column(ForeignKey("plan_drafts.id"))
    round: Mapped[int]
    body: Mapped[str] = mapped_column(String(200))
    words: Mapped[str] = mapped_column(String(4000))
    state: Mapped[str] = mapped_column(String(10))
    """open, accepted, rejected, agreed (the body has nothing to add), silent"""
    reason: Mapped[str] = mapped_column(String(1000), default="")
    at_us: Mapped[int]
    by: Mapped[str] = mapped_column(String(40))
    answered_us: Mapped[int | None]
    answered_by: Mapped[str | None] = mapped_column(String(40))
    __table_args__ = (Index("plan_comments_round", "draft", "round"),)
