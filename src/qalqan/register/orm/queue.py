"""Where each case stands, who had it, and how officers like their queue."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from qalqan.register.orm.base import Base, BigId


class CaseStanding(Base):
    """What lists tell of a case, kept so that no page counts it; `cases.standing` owns it.

    Sums are tenge in minor units, other currencies weighed by the queue's rule, unless told
    otherwise.
    """

    __tablename__ = "case_standings"
    case_id: Mapped[str] = mapped_column(
        String(20), ForeignKey("cases.id"), primary_key=True, autoincrement=False
    )
    state: Mapped[str] = mapped_column(String(12))
    region: Mapped[str] = mapped_column(String(8))
    owner: Mapped[str | None] = mapped_column(String(40))
    opened_us: Mapped[int]
    active: Mapped[bool]
    """It belongs into the queue: open, and somebody can still do something."""
    reports: Mapped[int]
    reported_us: Mapped[int]
    """When its newest report came."""
    delay_us: Mapped[int]
    """From the crime to the first report (REQ-16)."""
    method: Mapped[str] = mapped_column(String(12))
    """Code of the method that names the case; empty if its reports name none."""
    methods_version: Mapped[str] = mapped_column(String(12))
    told: Mapped[dict[str, Any]]
    """Currency → minor units that its reports tell of."""
    sums: Mapped[dict[str, Any]]
    """Rule → currency → part → minor units; empty until a payment is confirmed."""
    places: Mapped[list[Any]] = mapped_column(JSON)
    """Where money is: account, bank, currency, units that move, hop, last arrival, told until."""
    banks: Mapped[list[Any]] = mapped_column(JSON)
    """[bank code, what moves there, what is held there], most first."""
    stolen: Mapped[int]
    held: Mapped[int]
    returned: Mapped[int]
    moving: Mapped[int]
    """What can still be held."""
    at_risk: Mapped[int]
    """What is expected to leave within the hour if nobody acts, `lapsing` included."""
    lapsing: Mapped[int]
    """What is held by holds that lapse within the hour."""
    rule: Mapped[str] = mapped_column(String(8))
    """Version of the queue's rule …"""
    hazard: Mapped[int]
    """… and of the estimate of how soon money leaves."""
    clock_us: Mapped[int]
    """When the next term ends; `cases.standing.NEVER` if none runs."""
    clock_from_us: Mapped[int]
    clock_kind: Mapped[str] = mapped_column(String(8))
    """leaves, answer, again, hold, appeal (`cases.urgency.Term`); empty if none runs."""
    clock_order: Mapped[str | None] = mapped_column(String(20))
    drafts: Mapped[int]
    awaited: Mapped[int]
    late: Mapped[int]
    appealed: Mapped[int]
    denied: Mapped[bool]
    """Every payer's bank has answered, and none confirmed a payment."""
    step: Mapped[str] = mapped_column(String(12))
    step_n: Mapped[int]
    computed_us: Mapped[int]
    changed_us: Mapped[int] = mapped_column(index=True)
    """Wall time of the last change: what a page compares to know that it is old."""
    __table_args__ = (
        Index("standings_queue", "active", "at_risk"),
        Index("standings_queue_region", "region", "active", "at_risk"),
        Index(
            "standings_counted", "active", "region", "owner", "clock_us", "awaited", "late",
            "appealed", "moving", "at_risk", "case_id",
        ),
        Index("standings_owner", "owner", "active", "at_risk"),
        Index("standings_new", "reported_us", "case_id"),
        Index("standings_region_new", "region", "reported_us"),
        Index("standings_method_new", "method", "reported_us"),
        Index("standings_moving", "moving", "case_id"),
    )  # fmt: skip


class StandingTotal(Base):
    """Where all stolen money of a region is: the sums of `case_standings`, kept with them."""

    __tablename__ = "standing_totals"
    region: Mapped[str] = mapped_column(String(8), primary_key=True)
    currency: Mapped[str] = mapped_column(String(3), primary_key=True)
    rule: Mapped[str] = mapped_column(String(16), primary_key=True)
    stolen: Mapped[int]
    held: Mapped[int]
    returned: Mapped[int]
    traceable: Mapped[int]
    abroad: Mapped[int]
    cash: Mapped[int]
    crypto: Mapped[int]
    kept_by_drops: Mapped[int]
    fees: Mapped[int]
    unknown: Mapped[int]


class CaseOwner(Base):
    """Who got a case from whom, and when: the history of its owners, only ever added to."""

    __tablename__ = "case_owners"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    before: Mapped[str | None] = mapped_column(String(40))
    owner: Mapped[str | None] = mapped_column(String(40))
    """None: it was given back."""
    by: Mapped[str] = mapped_column(String(40))
    at_us: Mapped[int]
    wall_us: Mapped[int]
    __table_args__ = (Index("case_owners_owner", "owner", "at_us"),)


class SavedView(Base):
    """Filters and order of a queue that an officer gave a name."""

    __tablename__ = "saved_views"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    login: Mapped[str] = mapped_column(ForeignKey("users.login"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    query: Mapped[str] = mapped_column(String(400))
    shared: Mapped[str | None] = mapped_column(String(8), index=True)
    """The region whose officers see it, too."""
    made_us: Mapped[int]
