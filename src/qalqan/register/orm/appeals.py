"""Appeals against orders; `cases.appeals` owns their state."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from qalqan.register.orm.base import Base


class AppealRow(Base):
    """Somebody says that an order harms him without reason."""

    __tablename__ = "appeals"
    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    """A-26-000001"""
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id"), index=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    channel: Mapped[str] = mapped_column(String(12))
    """phone, letter, visit, partner, portal"""
    words: Mapped[str] = mapped_column(String(48))
    """Vault token of what the appellant says."""
    handed_by: Mapped[str] = mapped_column(String(60))
    """Login of who wrote it down, or `partner:<code>`."""
    idempotency_key: Mapped[str] = mapped_column(String(100), unique=True)
    received_us: Mapped[int]
    due_us: Mapped[int | None]
    """When it is to be decided, then when it climbs next; None: at the top, or decided."""
    escalated: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """Rungs of the ladder climbed: 1 is the first after its term ran out."""
    state: Mapped[str] = mapped_column(String(10), default="open")
    """open, upheld, part, dismissed, lapsed"""
    version: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    decided_by: Mapped[str | None] = mapped_column(String(40))
    decided_us: Mapped[int | None]
    reason: Mapped[str | None] = mapped_column(String(24))
    """Code of why it was decided so."""
    note: Mapped[str | None] = mapped_column(String(48))
    """Vault token of the decision in words."""
    undone_by: Mapped[str | None] = mapped_column(String(20))
    """The release or unblock that followed."""
    __table_args__ = (Index("appeals_open", "state", "due_us"),)


class CallAppeal(Base):
    """Somebody says that his calls are refused without reason: a rule refused them, and no order,
    so there is no case; `cases.call_appeals` owns its state."""

    __tablename__ = "call_appeals"
    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    """K-26-000001, the receipt"""
    number: Mapped[str] = mapped_column(String(48), index=True)
    """Vault token of the number whose calls are refused."""
    called: Mapped[str | None] = mapped_column(String(48))
    """Vault token of the number that was called, where it is told."""
    about_us: Mapped[int]
    place: Mapped[str] = mapped_column(String(8))
    """abroad, home, unknown: where he called from, by his own word"""
    network: Mapped[str] = mapped_column(String(100), default="")
    """The network that he called by, in his words; numbers in them are masked."""
    words: Mapped[str] = mapped_column(String(48))
    """Vault token of what he says."""
    contact: Mapped[str] = mapped_column(String(48))
    """Vault token of how he can be reached."""
    language: Mapped[str] = mapped_column(String(2))
    handed_by: Mapped[str] = mapped_column(String(60))
    """`page`, or `partner:<code>`."""
    idempotency_key: Mapped[str] = mapped_column(String(100), unique=True)
    received_us: Mapped[int]
    due_us: Mapped[int]
    state: Mapped[str] = mapped_column(String(10), default="open")
    """open, upheld, dismissed"""
    version: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    decided_by: Mapped[str | None] = mapped_column(String(40))
    decided_us: Mapped[int | None]
    reason: Mapped[str | None] = mapped_column(String(24))
    """Code of why it was decided so."""
    note: Mapped[str | None] = mapped_column(String(48))
    """Vault token of the decision in words, as the answer tells them."""
    __table_args__ = (Index("call_appeals_state", "state", "received_us"),)
