"""What victims told, the cases, their trails, the orders and their history."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from qalqan.register.orm.base import Base, BigId


def _some(name: str, column: str) -> Index:
    """An index of the rows that have a value."""
    there = text(f"{column} IS NOT NULL")
    return Index(name, column, sqlite_where=there, postgresql_where=there)


class Case(Base):
    """An investigation."""

    __tablename__ = "cases"
    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    """C-26-000123"""
    state: Mapped[str] = mapped_column(String(12), default="open")
    region: Mapped[str] = mapped_column(String(8))
    owner: Mapped[str | None] = mapped_column(ForeignKey("users.login"))
    register_number: Mapped[str | None] = mapped_column(String(40))
    """Pre-trial register, once it has one."""
    opened_us: Mapped[int]
    simulated: Mapped[bool] = mapped_column(default=False)
    story: Mapped[str | None] = mapped_column(String(48))
    """Vault token of what happened, in an officer's words."""
    closed_us: Mapped[int | None]
    __table_args__ = (
        Index("cases_region", "region", "id"),
        Index("cases_register_number", "register_number", unique=True),
    )


class Report(Base):
    """What a victim told us (REQ-16, 33)."""

    __tablename__ = "reports"
    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    """R-26-000123"""
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    channel: Mapped[str] = mapped_column(String(32))
    """Partner code of the channel it came by."""
    idempotency_key: Mapped[str | None] = mapped_column(String(100))
    receipt_hash: Mapped[str] = mapped_column(String(64), unique=True)
    methods: Mapped[list[str]] = mapped_column(default=list)
    methods_version: Mapped[str] = mapped_column(String(12))
    region: Mapped[str] = mapped_column(String(8))
    cause: Mapped[str | None] = mapped_column(String(24))
    language: Mapped[str] = mapped_column(String(2))
    victim: Mapped[str] = mapped_column(String(48))
    """Vault token of the IIN."""
    words: Mapped[str | None] = mapped_column(String(48))
    """Vault token of the victim's own words."""
    payer_account: Mapped[str] = mapped_column(String(48))
    payer_bank: Mapped[str] = mapped_column(String(11))
    payee_account: Mapped[str | None] = mapped_column(String(48))
    amount: Mapped[int]
    """The loss, minor units."""
    currency: Mapped[str] = mapped_column(String(3))
    crime_us: Mapped[int]
    discovered_us: Mapped[int]
    reported_us: Mapped[int]
    root_id: Mapped[str | None] = mapped_column(String(40))
    """The root of another report that tells of the same payment: one theft, one claim."""
    victim_name: Mapped[str | None] = mapped_column(String(48))
    """Vault token."""
    age: Mapped[str | None] = mapped_column(String(8))
    """Band of the victim's age at the crime, read off the IIN once, when the report is taken: so
    that whom a method hits is counted without opening the vault (REQ-71)."""
    __table_args__ = (
        Index("reports_told", "reported_us"),
        Index("reports_key", "channel", "idempotency_key", unique=True),
        # What few reports have is indexed for them alone: to SQLite a whole index of nulls looks
        # as if it chose nothing.
        _some("reports_root", "root_id"),
        _some("reports_name", "victim_name"),
        Index("reports_victim", "victim"),
        Index("reports_payer", "payer_account"),
    )


class Root(Base):
    """A payment that the payer's bank has confirmed as the victim's: where a trail starts."""

    __tablename__ = "roots"
    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    report_id: Mapped[str] = mapped_column(ForeignKey("reports.id"), index=True)
    payer_account: Mapped[str] = mapped_column(String(48))
    payer_bank: Mapped[str] = mapped_column(String(11))
    payee_account: Mapped[str] = mapped_column(String(48), index=True)
    payee_bank: Mapped[str] = mapped_column(String(11))
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    at_us: Mapped[int]
    uetr: Mapped[str | None] = mapped_column(String(36))


class Trail(Base):
    """The trail of one case as computed at one seal; the newest is what the page shows."""

    __tablename__ = "trails"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    seal: Mapped[int]
    policy: Mapped[str] = mapped_column(String(24))
    computed_us: Mapped[int]
    body: Mapped[dict[str, Any]]
    figures: Mapped[dict[str, Any] | None]
    """Rule → where the money is by part, minor units, so that lists need not count anew."""


class CaseAccount(Base):
    """Accounts a case's money has reached: joins cases that share one."""

    __tablename__ = "case_accounts"
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    account: Mapped[str] = mapped_column(String(48), primary_key=True, index=True)
    bank: Mapped[str] = mapped_column(String(11))
    first_us: Mapped[int]
    here: Mapped[bool] = mapped_column(default=True)
    """Some of the case's money is there, as far as is known."""


class PayerToWarn(Base):
    """Somebody who paid an account that holds others' stolen money, and has not reported: to be
    warned by his own bank (REQ-90). Short-lived; `cases.watch` forgets it when it expires."""

    __tablename__ = "payers_to_warn"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    """A case whose money is in that account."""
    account: Mapped[str] = mapped_column(String(48), index=True)
    """The account that was paid."""
    payer_account: Mapped[str] = mapped_column(String(48))
    payer_bank: Mapped[str] = mapped_column(String(11))
    amount: Mapped[int]
    currency: Mapped[str] = mapped_column(String(3))
    at_us: Mapped[int]
    fact: Mapped[str] = mapped_column(String(140))
    """`source:id` of the payment as it was told first."""
    why: Mapped[str] = mapped_column(String(12))
    """held: a hold was ordered there; found: officers confirmed a finding about it."""
    listed_us: Mapped[int]
    expires_us: Mapped[int] = mapped_column(index=True)
    fetched_us: Mapped[int | None]
    """When the payer's bank first fetched it."""
    warned_us: Mapped[int | None]
    warned_by: Mapped[str | None] = mapped_column(String(60))
    __table_args__ = (
        Index("payers_to_warn_payment", "account", "payer_account", "at_us", "amount", unique=True),
        Index("payers_to_warn_bank", "payer_bank", "id"),
    )


class Order(Base):
    """What the centre tells a partner; `cases.orders` owns its state."""

    __tablename__ = "orders"
    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    """O-26-000123"""
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    report_id: Mapped[str | None] = mapped_column(ForeignKey("reports.id"))
    parent_id: Mapped[str | None] = mapped_column(String(20))
    """The hold that this order prolongs, releases or returns."""
    kind: Mapped[str] = mapped_column(String(12))
    partner: Mapped[str] = mapped_column(ForeignKey("partners.code"), index=True)
    state: Mapped[str] = mapped_column(String(10), index=True)
    version: Mapped[int] = mapped_column(default=0)
    """Counts changes; a writer who saw an older one gets `Conflict`."""
    provisional: Mapped[bool] = mapped_column(default=False)
    account: Mapped[str | None] = mapped_column(String(48), index=True)
    beneficiary: Mapped[str | None] = mapped_column(String(48))
    """Account that a return pays to."""
    amount: Mapped[int | None]
    currency: Mapped[str | None] = mapped_column(String(3))
    from_us: Mapped[int | None]
    to_us: Mapped[int | None]
    ground: Mapped[str] = mapped_column(String(32))
    """Code in the table of legal grounds, valid on `created_us`."""
    reason: Mapped[dict[str, Any]] = mapped_column(default=dict)
    """Catalogue code and values of the sentence that says why."""
    drafted_by: Mapped[str] = mapped_column(String(40))
    idempotency_key: Mapped[str] = mapped_column(String(100), unique=True)
    jws: Mapped[str | None]
    created_us: Mapped[int]
    sent_us: Mapped[int | None]
    answered_us: Mapped[int | None]
    due_us: Mapped[int | None]
    """When the partner's answer is due."""
    expires_us: Mapped[int | None]
    """When a hold lapses by itself."""
    effect: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """Money effect by the latest answer: held now, released or returned, minor units."""
    escalated: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    """How many rungs of the escalation ladder it has climbed."""
    recall: Mapped[str | None]
    """The camt.056 that goes beside the signed order, boxed as that is."""
    subject: Mapped[str | None] = mapped_column(String(1000))
    """What a block, takedown or request is about: a phone as vault token, a host, a link."""
    subject_kind: Mapped[str | None] = mapped_column(String(8))
    """phone, domain, url"""
    asked: Mapped[list[str] | None]
    """Codes of the data asked for (`model.order.Asked`)."""
    clock_us: Mapped[int | None]
    """When the term ends that runs now (`model.order.clock_us`); None: none runs."""
    __table_args__ = (
        Index("orders_answered", "kind", "answered_us"),
        Index("orders_clock", "clock_us", "id"),
        Index("orders_state", "state", "id"),
        Index("orders_subject", "subject"),
        Index("orders_partner_newest", "partner", "id"),
    )


class OrderEvent(Base):
    """History of an order: every move with who, when, from, to and the answer's body."""

    __tablename__ = "order_events"
    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id"), index=True)
    at_us: Mapped[int]
    actor: Mapped[str] = mapped_column(String(60))
    event: Mapped[str] = mapped_column(String(16))
    from_state: Mapped[str] = mapped_column(String(10))
    to_state: Mapped[str] = mapped_column(String(10))
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)
    digest: Mapped[str | None] = mapped_column(String(64))
    """SHA-256 over the order's row as it stands after this (`order_book.digest_of`)."""
    seq: Mapped[int | None]
    """Its place in the Merkle log."""
    __table_args__ = (Index("order_events_seq", "seq", unique=True),)


class Approval(Base):
    """One person's yes or no to one order."""

    __tablename__ = "approvals"
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    login: Mapped[str] = mapped_column(ForeignKey("users.login"), primary_key=True)
    role: Mapped[str] = mapped_column(String(16))
    approved: Mapped[bool]
    at_us: Mapped[int]
    note: Mapped[str] = mapped_column(String(400), default="")
