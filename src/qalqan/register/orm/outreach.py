"""Warnings to many people: campaigns, texts, materials, consent, what was sent, what partners did
(REQ-71 to 78). Phones stand here as vault tokens; segments hold codes and no person."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy import text as sql
from sqlalchemy.orm import Mapped, mapped_column

from qalqan.register.orm.base import Base, BigId


class OutreachCampaign(Base):
    """A campaign of warnings; `bulletin.outreach.campaigns` owns its state."""

    __tablename__ = "outreach_campaigns"
    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    """W-26-000001"""
    title: Mapped[str] = mapped_column(String(200))
    methods: Mapped[list[str]] = mapped_column(default=list)
    """Its aim: codes of the methods that it warns of."""
    channel: Mapped[str] = mapped_column(String(16))
    region: Mapped[str] = mapped_column(String(8))
    """KZ: the whole country."""
    segment: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Traits to codes, such as age to 60+; empty: everybody."""
    from_us: Mapped[int]
    to_us: Mapped[int]
    planned_reach: Mapped[int]
    reach: Mapped[int | None]
    """People reached, as counted or told; None: not told yet."""
    budget: Mapped[int]
    """Planned cost, tiyn."""
    cost: Mapped[int | None]
    """Cost as told, tiyn; None: not told. Of SMS it is then reckoned from parts and policy."""
    text: Mapped[str | None] = mapped_column(String(32))
    """Key of the message that it sends."""
    text_version: Mapped[int | None]
    """Pinned when it is approved: what was read is what goes out."""
    holdout: Mapped[int] = mapped_column(default=0, server_default=sql("0"))
    """Share that gets nothing, for comparison; thousandths, pinned when it is approved."""
    evidence: Mapped[str] = mapped_column(String(1000), default="")
    state: Mapped[str] = mapped_column(String(10), default="draft")
    """draft, approved, running, ended, cancelled"""
    version: Mapped[int] = mapped_column(default=0, server_default=sql("0"))
    owner: Mapped[str] = mapped_column(ForeignKey("users.login"))
    drafted_by: Mapped[str] = mapped_column(ForeignKey("users.login"))
    """Who changed what it says last."""
    created_us: Mapped[int]
    approved_by: Mapped[str | None] = mapped_column(ForeignKey("users.login"))
    approved_us: Mapped[int | None]
    __table_args__ = (Index("outreach_campaigns_state", "state", "id"),)


class OutreachStep(Base):
    """A step of a campaign's history; only added."""

    __tablename__ = "outreach_steps"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    campaign: Mapped[str] = mapped_column(ForeignKey("outreach_campaigns.id"), index=True)
    at_us: Mapped[int]
    by: Mapped[str] = mapped_column(String(60))
    event: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(10))
    note: Mapped[str] = mapped_column(String(1000), default="")


class OutreachText(Base):
    """A version of a message, or of what is shown at a moment of risk, in three languages."""

    __tablename__ = "outreach_texts"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(8))
    """message, moment"""
    key: Mapped[str] = mapped_column(String(32))
    """Method code, or moment and method: `payment_new/28`."""
    version: Mapped[int]
    """1 is what came with the software."""
    texts: Mapped[dict[str, Any]]
    """Language to text."""
    state: Mapped[str] = mapped_column(String(10), default="draft")
    """draft, approved, refused"""
    written_by: Mapped[str] = mapped_column(ForeignKey("users.login"))
    written_us: Mapped[int]
    decided_by: Mapped[str | None] = mapped_column(ForeignKey("users.login"))
    decided_us: Mapped[int | None]
    __table_args__ = (Index("outreach_texts_version", "kind", "key", "version", unique=True),)


class OutreachMaterial(Base):
    """A prevention material that was published, with its count of publications (REQ-72 to 75)."""

    __tablename__ = "outreach_materials"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(200))
    languages: Mapped[list[str]] = mapped_column(default=list)
    methods: Mapped[list[str]] = mapped_column(default=list)
    place: Mapped[str] = mapped_column(String(200))
    """Where it was published."""
    link: Mapped[str] = mapped_column(String(500), default="")
    region: Mapped[str] = mapped_column(String(8))
    published_us: Mapped[int]
    publications: Mapped[int]
    reach: Mapped[int | None]
    """People reached, by whoever published it; None: nobody knows."""
    campaign: Mapped[str | None] = mapped_column(ForeignKey("outreach_campaigns.id"), index=True)
    by: Mapped[str] = mapped_column(String(40))
    entered_us: Mapped[int]
    withdrawn_us: Mapped[int | None]
    """It was entered by mistake: it counts no more, and stays on record."""
    __table_args__ = (Index("outreach_materials_published", "published_us", "kind"),)


class OutreachConsent(Base):
    """That somebody agreed to be written to for a purpose, and when he took it back."""

    __tablename__ = "outreach_consents"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    phone: Mapped[str] = mapped_column(String(48))
    """Vault token."""
    purpose: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(100))
    """By what the person agreed: a form with its number, a call, a partner."""
    language: Mapped[str] = mapped_column(String(2))
    region: Mapped[str] = mapped_column(String(8))
    age: Mapped[str] = mapped_column(String(8), default="")
    """Band, if he told it; empty: he did not."""
    given_us: Mapped[int]
    taken_by: Mapped[str] = mapped_column(String(60))
    withdrawn_us: Mapped[int | None]
    withdrawn_by: Mapped[str | None] = mapped_column(String(60))
    """`sms`: he answered STOP; else who wrote it down."""
    __table_args__ = (
        Index(
            "outreach_consents_living", "phone", "purpose", unique=True,
            sqlite_where=sql("withdrawn_us IS NULL"),
            postgresql_where=sql("withdrawn_us IS NULL"),
        ),
    )  # fmt: skip


class OutreachSms(Base):
    """One message to one person: whether it went is known, or said to be unknown."""

    __tablename__ = "outreach_sms"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    campaign: Mapped[str] = mapped_column(ForeignKey("outreach_campaigns.id"))
    phone: Mapped[str] = mapped_column(String(48))
    """Vault token."""
    language: Mapped[str] = mapped_column(String(2))
    parts: Mapped[int]
    """Short messages that it takes."""
    state: Mapped[str] = mapped_column(String(12))
    """queued, sending, sent, delivered, undelivered, refused, unknown, dropped"""
    due_us: Mapped[int]
    attempts: Mapped[int] = mapped_column(default=0, server_default=sql("0"))
    owner: Mapped[str | None] = mapped_column(String(60))
    """Which sender has it in hand."""
    reason: Mapped[str] = mapped_column(String(40), default="")
    """Code of why it was not sent, or what is not known."""
    gateway: Mapped[str | None] = mapped_column(String(80))
    """The gateway's own name of it."""
    created_us: Mapped[int]
    sent_us: Mapped[int | None]
    """When it was handed over, or may have been."""
    ended_us: Mapped[int | None]
    cost: Mapped[int] = mapped_column(default=0, server_default=sql("0"))
    """tiyn"""
    __table_args__ = (
        Index("outreach_sms_once", "campaign", "phone", unique=True),
        Index("outreach_sms_due", "state", "due_us", "id"),
        Index("outreach_sms_person", "phone", "sent_us"),
        Index("outreach_sms_gateway", "gateway"),
        Index("outreach_sms_campaign", "campaign", "state", "sent_us"),
    )


class OutreachMailing(Base):
    """What an operator is asked to send its own subscribers: numbers stay with it, counts come
    back (REQ-76)."""

    __tablename__ = "outreach_mailings"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    campaign: Mapped[str] = mapped_column(ForeignKey("outreach_campaigns.id"))
    partner: Mapped[str] = mapped_column(ForeignKey("partners.code"))
    state: Mapped[str] = mapped_column(String(10), default="asked")
    """asked, done, refused, withdrawn (with counts, if something had gone out before)"""
    asked_us: Mapped[int]
    asked_by: Mapped[str] = mapped_column(String(40))
    answered_us: Mapped[int | None]
    answer: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Counts: sent, delivered, failed, stopped, held."""
    __table_args__ = (
        Index("outreach_mailings_once", "campaign", "partner", unique=True),
        Index("outreach_mailings_partner", "partner", "id"),
    )


class OutreachOutcome(Base):
    """What a partner saw of people who were shown a text or held out: counts, nobody's name."""

    __tablename__ = "outreach_outcomes"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    partner: Mapped[str] = mapped_column(ForeignKey("partners.code"))
    key: Mapped[str] = mapped_column(String(100))
    """The partner's own, so that the same word counts once."""
    place: Mapped[int]
    """Which item of the body it was."""
    experiment: Mapped[str] = mapped_column(String(64))
    """moment/method/version, or a campaign's number."""
    arm: Mapped[str] = mapped_column(String(8))
    """show, hold"""
    day: Mapped[str] = mapped_column(String(10))
    """In Almaty."""
    people: Mapped[int]
    heeded: Mapped[int]
    """Of these, how many stopped what they were about."""
    harmed: Mapped[int]
    """Of these, how many reported a fraud afterwards."""
    told_us: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the whole body under this key."""
    __table_args__ = (
        Index("outreach_outcomes_once", "partner", "key", "place", unique=True),
        Index("outreach_outcomes_experiment", "experiment", "arm", "day"),
    )
