"""The register's tables. Times are UTC microseconds, sums minor units; personal values stand
here only as vault tokens (`register.vault` alone turns them back)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, LargeBinary, String, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

_BigId = BigInteger().with_variant(Integer, "sqlite")
"""SQLite counts up only a plain INTEGER key."""


class Base(DeclarativeBase):
    """All tables."""

    type_annotation_map = {
        int: BigInteger,
        dict[str, Any]: JSON,
        list[str]: JSON,
        bytes: LargeBinary,
    }


# ── facts on their way to the lake ─────────────────────────────────────────────────────────


class Landing(Base):
    """Accepted facts that are not yet sealed: one Arrow IPC stream a batch part."""

    __tablename__ = "landing"
    id: Mapped[int] = mapped_column(_BigId, primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(16))
    batch: Mapped[str] = mapped_column(String(40))
    rows: Mapped[int]
    body: Mapped[bytes]
    landed_us: Mapped[int]


class Batch(Base):
    """One file or POST: `read = accepted + duplicate + quarantined`."""

    __tablename__ = "batches"
    batch: Mapped[str] = mapped_column(String(40), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(200))
    idempotency_key: Mapped[str | None] = mapped_column(String(100))
    read: Mapped[int] = mapped_column(default=0)
    accepted: Mapped[int] = mapped_column(default=0)
    duplicate: Mapped[int] = mapped_column(default=0)
    quarantined: Mapped[int] = mapped_column(default=0)
    receipt: Mapped[dict[str, Any]] = mapped_column(default=dict)
    started_us: Mapped[int]
    finished_us: Mapped[int | None]
    __table_args__ = (Index("batches_key", "source", "idempotency_key", unique=True),)


class Identity(Base):
    """Who has been seen: 16-byte hash of (source, id) → 16-byte hash of the content."""

    __tablename__ = "identities"
    kind: Mapped[str] = mapped_column(String(16), primary_key=True)
    identity: Mapped[bytes] = mapped_column(LargeBinary(16), primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary(16))
    batch: Mapped[str] = mapped_column(String(40), index=True)
    __table_args__ = {"sqlite_with_rowid": False}


class IdentityRun(Base):
    """A file of identities beside the lake: what a bulk file brought, too many for rows."""

    __tablename__ = "identity_runs"
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(32))
    rows: Mapped[int]
    __table_args__ = (Index("identity_runs_source", "kind", "source"),)


class Quarantined(Base):
    """A record that was not taken, with the reason; the record itself is encrypted."""

    __tablename__ = "quarantine"
    id: Mapped[int] = mapped_column(_BigId, primary_key=True, autoincrement=True)
    batch: Mapped[str] = mapped_column(String(40), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(32))
    place: Mapped[str] = mapped_column(String(80))
    field: Mapped[str] = mapped_column(String(60))
    value_masked: Mapped[str] = mapped_column(String(120))
    expected: Mapped[str] = mapped_column(String(60))
    params: Mapped[dict[str, Any]] = mapped_column(default=dict)
    record: Mapped[bytes]
    at_us: Mapped[int]


class Seal(Base):
    """The log: one increasing sequence over all kinds."""

    __tablename__ = "seals"
    seal: Mapped[int] = mapped_column(_BigId, primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(16))
    rows: Mapped[int]
    version: Mapped[int]
    """Delta table version that holds it."""
    at_us: Mapped[int]


class Lease(Base):
    """Named locks with a term, in wall time."""

    __tablename__ = "leases"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    owner: Mapped[str] = mapped_column(String(60))
    until_wall_us: Mapped[int]


# ── people's data, and who looked ──────────────────────────────────────────────────────────


class VaultEntry(Base):
    """token → AES-GCM box; the token is the blind index."""

    __tablename__ = "vault"
    token: Mapped[str] = mapped_column(String(48), primary_key=True)
    klass: Mapped[str] = mapped_column(String(12))
    box: Mapped[bytes]
    created_us: Mapped[int]
    __table_args__ = {"sqlite_with_rowid": False}


class Audit(Base):
    """Who did what to what and why; rows are only ever added (a trigger refuses the rest)."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(_BigId, primary_key=True, autoincrement=True)
    at_us: Mapped[int]
    actor: Mapped[str] = mapped_column(String(60))
    action: Mapped[str] = mapped_column(String(40))
    object_kind: Mapped[str] = mapped_column(String(20))
    object: Mapped[str] = mapped_column(String(60), index=True)
    purpose: Mapped[str] = mapped_column(String(200), default="")
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)


# ── who takes part ─────────────────────────────────────────────────────────────────────────


class Partner(Base):
    """A bank, e-wallet, operator, marketplace, reporting channel: anyone with an API token."""

    __tablename__ = "partners"
    code: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    names: Mapped[dict[str, Any]]
    """{"kk": …, "ru": …, "en": …}"""
    bank_code: Mapped[str | None] = mapped_column(String(11), unique=True)
    """Three characters of a Kazakh IBAN, or a BIC."""
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    old_token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    """The token before the last rotation, good until `old_token_until_us` (wall time)."""
    old_token_until_us: Mapped[int | None]
    delivery: Mapped[str] = mapped_column(String(8), default="pull")
    """push (to `endpoint`), pull, sheet (an xlsx passed by hand)."""
    endpoint: Mapped[str | None] = mapped_column(String(200))
    feeds: Mapped[list[str]] = mapped_column(default=list)
    """Kinds of fact it streams whole: its accounts are never at the frontier."""
    active: Mapped[bool] = mapped_column(default=True)


class User(Base):
    """An officer: operator, operative, investigator, supervisor, prosecutor, auditor."""

    __tablename__ = "users"
    login: Mapped[str] = mapped_column(String(40), primary_key=True)
    name: Mapped[str] = mapped_column(String(48))
    """Vault token."""
    password_hash: Mapped[str] = mapped_column(String(200))
    role: Mapped[str] = mapped_column(String(16))
    region: Mapped[str] = mapped_column(String(8))
    active: Mapped[bool] = mapped_column(default=True)


class Session(Base):
    """A signed-in officer; the cookie or bearer token is kept hashed."""

    __tablename__ = "sessions"
    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    login: Mapped[str] = mapped_column(ForeignKey("users.login"))
    csrf: Mapped[str] = mapped_column(String(64))
    created_us: Mapped[int]
    """Wall time, like `expires_us`: no simulation keeps a sign-in alive."""
    expires_us: Mapped[int]


class Throttle(Base):
    """Failed sign-ins lately, of one login (by a short hash) or of all together."""

    __tablename__ = "throttles"
    name: Mapped[str] = mapped_column(String(24), primary_key=True)
    failures: Mapped[int]
    last_wall_us: Mapped[int]


# ── reports, cases, orders ─────────────────────────────────────────────────────────────────


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
    __table_args__ = (Index("reports_key", "channel", "idempotency_key", unique=True),)


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
    id: Mapped[int] = mapped_column(_BigId, primary_key=True, autoincrement=True)
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), index=True)
    seal: Mapped[int]
    policy: Mapped[str] = mapped_column(String(24))
    computed_us: Mapped[int]
    body: Mapped[dict[str, Any]]


class CaseAccount(Base):
    """Accounts a case's money has reached: joins cases that share one."""

    __tablename__ = "case_accounts"
    case_id: Mapped[str] = mapped_column(ForeignKey("cases.id"), primary_key=True)
    account: Mapped[str] = mapped_column(String(48), primary_key=True, index=True)
    bank: Mapped[str] = mapped_column(String(11))
    first_us: Mapped[int]


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


class OrderEvent(Base):
    """History of an order: every move with who, when, from, to and the answer's body."""

    __tablename__ = "order_events"
    id: Mapped[int] = mapped_column(_BigId, primary_key=True, autoincrement=True)
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id"), index=True)
    at_us: Mapped[int]
    actor: Mapped[str] = mapped_column(String(60))
    event: Mapped[str] = mapped_column(String(16))
    from_state: Mapped[str] = mapped_column(String(10))
    to_state: Mapped[str] = mapped_column(String(10))
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Approval(Base):
    """One person's yes or no to one order."""

    __tablename__ = "approvals"
    order_id: Mapped[str] = mapped_column(ForeignKey("orders.id"), primary_key=True)
    login: Mapped[str] = mapped_column(ForeignKey("users.login"), primary_key=True)
    role: Mapped[str] = mapped_column(String(16))
    approved: Mapped[bool]
    at_us: Mapped[int]
    note: Mapped[str] = mapped_column(String(400), default="")


class Job(Base):
    """Work that nobody waits for; an outbox too, since it commits with what caused it."""

    __tablename__ = "jobs"
    id: Mapped[int] = mapped_column(_BigId, primary_key=True, autoincrement=True)
    kind: Mapped[str] = mapped_column(String(20))
    key: Mapped[str] = mapped_column(String(80))
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)
    state: Mapped[str] = mapped_column(String(8), default="queued")
    """queued, leased, parked; a job that is done leaves the table."""
    due_us: Mapped[int]
    attempts: Mapped[int] = mapped_column(default=0)
    lease_owner: Mapped[str | None] = mapped_column(String(60))
    lease_until_wall_us: Mapped[int | None]
    last_error: Mapped[str | None] = mapped_column(String(400))
    created_us: Mapped[int]
    __table_args__ = (
        Index("jobs_due", "state", "due_us"),
        Index("jobs_key", "kind", "key"),
        Index(
            "jobs_queued",
            "kind", "key",
            unique=True,
            sqlite_where=text("state = 'queued'"),
            postgresql_where=text("state = 'queued'"),
        ),
        {"sqlite_autoincrement": True},  # an id never comes back, so an old lease fits no new job
    )  # fmt: skip


class Number(Base):
    """Counters behind readable ids such as C-26-000123."""

    __tablename__ = "numbers"
    name: Mapped[str] = mapped_column(String(12), primary_key=True)
    last: Mapped[int]


# ── findings and rules ─────────────────────────────────────────────────────────────────────


class FindingRow(Base):
    """A finding under review; identity is (detector, subject_kind, subject, window)."""

    __tablename__ = "findings"
    id: Mapped[int] = mapped_column(_BigId, primary_key=True, autoincrement=True)
    detector: Mapped[str] = mapped_column(String(60))
    subject_kind: Mapped[str] = mapped_column(String(12))
    subject: Mapped[str] = mapped_column(String(80))
    window_from_us: Mapped[int]
    window_to_us: Mapped[int]
    score: Mapped[float]
    evidence: Mapped[dict[str, Any]]
    version: Mapped[str] = mapped_column(String(16))
    seal: Mapped[int]
    shadow: Mapped[bool]
    state: Mapped[str] = mapped_column(String(10), default="new")
    """new, confirmed, dismissed (a dismissal outlives versions)"""
    decided_by: Mapped[str | None] = mapped_column(String(40))
    decided_us: Mapped[int | None]
    first_us: Mapped[int]
    updated_us: Mapped[int]
    __table_args__ = (
        Index(
            "findings_identity",
            "detector", "subject_kind", "subject", "window_from_us", "window_to_us",
            unique=True,
        ),
    )  # fmt: skip


class DetectorMode(Base):
    """shadow until a person promotes it: live; or retired. A recorded decision."""

    __tablename__ = "detector_modes"
    detector: Mapped[str] = mapped_column(String(60), primary_key=True)
    mode: Mapped[str] = mapped_column(String(8))
    decided_by: Mapped[str] = mapped_column(String(40))
    decided_us: Mapped[int]


class Policy(Base):
    """Thresholds and switches as versioned data, approved by two people beforehand."""

    __tablename__ = "policies"
    name: Mapped[str] = mapped_column(String(24), primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    body: Mapped[dict[str, Any]]
    valid_from_us: Mapped[int]
    approved_by: Mapped[list[str]]
