"""The register of drops: who let accounts pass stolen money on, and what the procedure says
(REQ-38 to 43, 92). A label says what was seen, never guilt, and expires unless it is proven."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from qalqan.register.orm.base import Base, BigId


class Drop(Base):
    """A person or accounts in a part; role and status are those of the newest steps."""

    __tablename__ = "drops"
    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    """D-26-000931"""
    person: Mapped[str | None] = mapped_column(String(48), unique=True)
    """Vault token of the IIN, once it is known."""
    region: Mapped[str] = mapped_column(String(8))
    role: Mapped[str] = mapped_column(String(12))
    """drop, recruiter, organiser"""
    status: Mapped[str] = mapped_column(String(12))
    """seen (nobody has assessed it), witness, suspect, charged, exempted, acquitted, convicted,
    cleared"""
    hop: Mapped[int | None]
    """Place in the flow: the deepest transfer by which money came (REQ-92)."""
    part: Mapped[int | None]
    """Millionths of its cases' money that passed there; the largest of the cases."""
    opened_by: Mapped[str] = mapped_column(String(40))
    opened_us: Mapped[int]
    expires_us: Mapped[int | None] = mapped_column(index=True)
    """When an unproven label lapses; none once a charge stands."""
    expired_us: Mapped[int | None]
    name: Mapped[str | None] = mapped_column(String(48), index=True)
    """Vault token of the name, once somebody has told it."""
    __table_args__ = (Index("drops_region", "region", "id"),)


class DropAccount(Base):
    """An account through which the money went."""

    __tablename__ = "drop_accounts"
    drop_id: Mapped[str] = mapped_column(ForeignKey("drops.id"), primary_key=True)
    account: Mapped[str] = mapped_column(String(48), primary_key=True, index=True)


class DropStep(Base):
    """A step of a drop's history: a role or a procedural status, who said so and when."""

    __tablename__ = "drop_steps"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    drop_id: Mapped[str] = mapped_column(ForeignKey("drops.id"), index=True)
    at_us: Mapped[int]
    by: Mapped[str] = mapped_column(String(40))
    what: Mapped[str] = mapped_column(String(8))
    """role, refused (a role that the second person refused), status, kept (the label's term is
    renewed), expired"""
    value: Mapped[str] = mapped_column(String(12))
    article: Mapped[str | None] = mapped_column(String(16))
    """Of the Criminal Code, valid on `day_us`."""
    day_us: Mapped[int | None]
    """The day of the procedural decision."""
    note: Mapped[str] = mapped_column(String(400), default="")
    second: Mapped[str | None] = mapped_column(String(40))
    """Who agreed, where it takes two."""
    pending: Mapped[bool] = mapped_column(default=False)
    """Waits for the second person."""


class DropChannel(Base):
    """How people were recruited: a handle, an advertisement, a number (REQ-38)."""

    __tablename__ = "drop_channels"
    drop_id: Mapped[str] = mapped_column(ForeignKey("drops.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    """handle, url, phone"""
    subject: Mapped[str] = mapped_column(String(300), primary_key=True)
    """Vault token of a phone, else the canonical text."""
    by: Mapped[str] = mapped_column(String(40))
    at_us: Mapped[int]
    __table_args__ = (Index("drop_channels_subject", "subject"),)


class DropCase(Base):
    """A case in which the drop was seen."""

    __tablename__ = "drop_cases"
    drop_id: Mapped[str] = mapped_column(ForeignKey("drops.id"), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True, index=True)
    by: Mapped[str] = mapped_column(String(40))
    at_us: Mapped[int]


class DropFinding(Base):
    """A finding about one of its accounts, put forward by an officer."""

    __tablename__ = "drop_findings"
    drop_id: Mapped[str] = mapped_column(ForeignKey("drops.id"), primary_key=True)
    finding: Mapped[int] = mapped_column(BigId, ForeignKey("findings.id"), primary_key=True)
