"""Partners: who they are, the keys they show, and what is to be told to them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from qalqan.register.orm.base import Base, BigId


class Partner(Base):
    """A bank, e-wallet, operator, marketplace, reporting channel: anyone with keys of the API."""

    __tablename__ = "partners"
    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    names: Mapped[dict[str, Any]]
    """{"kk": …, "ru": …, "en": …}"""
    bank_code: Mapped[str | None] = mapped_column(String(11), unique=True)
    """Three characters of a Kazakh IBAN, or a BIC."""
    delivery: Mapped[str] = mapped_column(String(8), default="pull")
    """push (to `endpoint`), pull, sheet (an xlsx passed by hand), mail (to `mail`)."""
    endpoint: Mapped[str | None] = mapped_column(String(200))
    feeds: Mapped[list[str]] = mapped_column(default=list)
    """Kinds of fact it streams whole: its accounts are never at the frontier."""
    active: Mapped[bool] = mapped_column(default=True)
    iso20022: Mapped[bool] = mapped_column(default=False, server_default=false())
    """A recall (camt.056) goes beside its orders to hold or return."""
    events_to: Mapped[str | None] = mapped_column(String(200))
    """Where events are pushed; None: it asks for them."""
    mail: Mapped[str | None] = mapped_column(String(120))
    """Where orders go by e-mail, by habit or while its API is down."""
    mail_certificate: Mapped[str | None] = mapped_column(Text)
    """PEM: mail is encrypted to it, and what it signed is believed."""
    failing_since_us: Mapped[int | None]
    """Since when it has taken nothing that was pushed, by the centre's clock."""
    failure: Mapped[str | None] = mapped_column(String(60))
    """What it said last: `HTTP 503`, `ConnectError`."""


class PartnerKey(Base):
    """A key that a partner's programs show; kept hashed. Times are wall time, which no
    simulation moves."""

    __tablename__ = "partner_keys"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    partner: Mapped[str] = mapped_column(ForeignKey("partners.code"), index=True)
    label: Mapped[str] = mapped_column(String(60))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    thumbprint: Mapped[str | None] = mapped_column(String(64))
    """SHA-256 of the certificate that must come with it, hex; None: none need."""
    scopes: Mapped[list[str]]
    made_us: Mapped[int]
    made_by: Mapped[str] = mapped_column(String(60))
    until_us: Mapped[int | None]
    used_us: Mapped[int | None]
    """About when it was shown last, to the hour."""
    revoked_us: Mapped[int | None]
    warned_us: Mapped[int | None]
    """When its partner was told that it ends soon."""


class PartnerEvent(Base):
    """Something that a partner is told besides its orders; no personal value stands in it."""

    __tablename__ = "partner_events"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    partner: Mapped[str] = mapped_column(ForeignKey("partners.code"))
    kind: Mapped[str] = mapped_column(String(24))
    at_us: Mapped[int]
    body: Mapped[dict[str, Any]]
    place: Mapped[int | None]
    """Its number in the partner's row of events, from 1 without gaps; given once it is
    committed, so that none appears behind one that was told."""
    told_us: Mapped[int | None]
    """When the partner's endpoint took it."""
    __table_args__ = (
        Index("partner_events_place", "partner", "place", unique=True),
        Index(
            "partner_events_new",
            "partner", "id",
            sqlite_where=text("place IS NULL"),
            postgresql_where=text("place IS NULL"),
        ),
        Index("partner_events_age", "at_us"),
    )  # fmt: skip
