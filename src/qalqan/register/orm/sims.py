"""Devices on the lists of GSM gateways, what numbers are tied to, and what operators are asked to
put in order (REQ-47, 50, 51). Numbers, people and devices stand here as vault tokens."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column

from qalqan.register.orm.base import Base, BigId


class Device(Base):
    """A device (IMEI) that has ever been on a list; what it is on is that of its newest steps."""

    __tablename__ = "devices"
    device: Mapped[str] = mapped_column(String(48), primary_key=True)
    """Vault token of the IMEI."""
    list: Mapped[str] = mapped_column(String(8))
    """white, grey, black, unlisted"""
    holder: Mapped[str | None] = mapped_column(ForeignKey("partners.code"), index=True)
    """The operator that answers for it."""
    reference: Mapped[str] = mapped_column(String(100), default="")
    """Licence, customs declaration."""
    region: Mapped[str | None] = mapped_column(String(8))
    """Where its licence lets it work, if that has been told."""
    since_us: Mapped[int]
    until_us: Mapped[int | None] = mapped_column(index=True)
    """When the list lets it go by itself."""
    grey_over_us: Mapped[int | None]
    """When its grey term ended with nobody having decided."""
    __table_args__ = (Index("devices_list", "list", "since_us"),)


class DeviceStep(Base):
    """A move of a device, who made it and why; only added."""

    __tablename__ = "device_steps"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    device: Mapped[str] = mapped_column(ForeignKey("devices.device"), index=True)
    at_us: Mapped[int]
    by: Mapped[str] = mapped_column(String(60))
    what: Mapped[str] = mapped_column(String(8))
    """put, refused (a move that the second person refused), lapsed"""
    was: Mapped[str] = mapped_column(String(8))
    list: Mapped[str] = mapped_column(String(8))
    holder: Mapped[str | None] = mapped_column(String(32))
    reference: Mapped[str] = mapped_column(String(100), default="")
    region: Mapped[str | None] = mapped_column(String(8))
    until_us: Mapped[int | None]
    note: Mapped[str] = mapped_column(String(400), default="")
    second: Mapped[str | None] = mapped_column(String(40))
    """Who agreed, where it takes two."""
    pending: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Waits for the second person."""


class NumberLink(Base):
    """A number and what a kind of fact of one source tied it to, once however many facts say so."""

    __tablename__ = "number_links"
    phone: Mapped[str] = mapped_column(String(48), primary_key=True)
    kind: Mapped[str] = mapped_column(String(12), primary_key=True)
    """subscription, session, loan, listing (to a person); call (to a device)"""
    other: Mapped[str] = mapped_column(String(48), primary_key=True)
    """Vault token of the person or device."""
    source: Mapped[str] = mapped_column(String(32), primary_key=True)
    """The partner that told it."""
    first_us: Mapped[int]
    last_us: Mapped[int]
    fact: Mapped[str] = mapped_column(String(140))
    """The newest of them, as its source numbers it."""
    detail: Mapped[str] = mapped_column(String(60), default="")
    """Of a subscription, the newest event; of a session its account's token; of a loan what was
    decided."""
    dealer: Mapped[str] = mapped_column(String(60), default="")
    __table_args__ = (Index("number_links_other", "other", "kind"),)


class LinksRead(Base):
    """How far each kind of fact has been read for `number_links`."""

    __tablename__ = "number_links_read"
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    seal: Mapped[int]
    dropped: Mapped[int]
    """Number of the last row of `retention_drops` that was followed."""


class ComplianceItem(Base):
    """Numbers of one operator that it is asked to put in order, by one finding (REQ-51)."""

    __tablename__ = "compliance_items"
    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    """N-26-000007"""
    partner: Mapped[str] = mapped_column(ForeignKey("partners.code"))
    finding: Mapped[int] = mapped_column(BigId, ForeignKey("findings.id"))
    numbers: Mapped[list[str]]
    """Vault tokens."""
    term: Mapped[str] = mapped_column(String(32))
    """The rule of law that sets the term (`cases.sim_law`)."""
    asked_us: Mapped[int]
    asked_by: Mapped[str] = mapped_column(String(40))
    due_us: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    """asked, overdue, answered, closed"""
    version: Mapped[int] = mapped_column(default=0)
    answer: Mapped[str | None] = mapped_column(String(16))
    """removed, reregistered, explained, refused"""
    words: Mapped[str] = mapped_column(String(1000), default="")
    answered_us: Mapped[int | None]
    answered_by: Mapped[str | None] = mapped_column(String(60))
    late: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Its term had passed before there was an answer."""
    __table_args__ = (
        Index("compliance_items_once", "finding", "partner", unique=True),
        Index("compliance_items_partner", "partner", "state"),
        Index("compliance_items_due", "state", "due_us"),
    )


class ComplianceStep(Base):
    """A step of an item's history; only added."""

    __tablename__ = "compliance_steps"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    item: Mapped[str] = mapped_column(ForeignKey("compliance_items.id"), index=True)
    at_us: Mapped[int]
    by: Mapped[str] = mapped_column(String(60))
    event: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10))
    answer: Mapped[str | None] = mapped_column(String(16))
    words: Mapped[str] = mapped_column(String(1000), default="")
