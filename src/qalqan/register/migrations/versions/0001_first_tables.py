"""The first tables, and the triggers that let audit rows only be added.

Revision ID: 0001
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# fmt: off
_s = sa.String
_TEXT = sa.String()
_BYTES = sa.LargeBinary()
_JSON = sa.JSON()
_INT = sa.BigInteger()
_BOOL = sa.Boolean()
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


# Parents before their children.
_ALL = (
    "landing", "batches", "identities", "identity_runs", "quarantine", "seals", "leases",
    "vault", "audit", "partners", "users", "sessions", "throttles", "cases", "reports", "roots",
    "trails", "case_accounts", "orders", "order_events", "approvals", "jobs", "numbers",
    "findings", "detector_modes", "policies",
)


def _col(name: str, *args: Any, **more: Any) -> "sa.Column[Any]":
    return sa.Column(name, *args, nullable=False, **more)


def _null(name: str, *args: Any, **more: Any) -> "sa.Column[Any]":
    return sa.Column(name, *args, nullable=True, **more)


def upgrade() -> None:
    _facts()
    _people()
    _cases()
    _orders()
    _rules()
    if op.get_bind().dialect.name == "sqlite":
        _guard_audit_on_sqlite()
    else:
        _guard_audit_on_postgresql()


def downgrade() -> None:
    """Drop everything; `migrations.move` asks first whether anything would be lost."""
    for name in reversed(_ALL):
        op.drop_table(name)  # its triggers go with it
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_only_grows()")


def _facts() -> None:
    op.create_table("landing",
        _col("id", _ID, primary_key=True, autoincrement=True), _col("kind", _s(16)),
        _col("batch", _s(40)), _col("rows", _INT), _col("body", _BYTES), _col("landed_us", _INT))
    op.create_table("batches",
        _col("batch", _s(40), primary_key=True), _col("kind", _s(16)), _col("source", _s(32)),
        _col("name", _s(200)), _null("idempotency_key", _s(100)), _col("read", _INT),
        _col("accepted", _INT), _col("duplicate", _INT), _col("quarantined", _INT),
        _col("receipt", _JSON), _col("started_us", _INT), _null("finished_us", _INT))
    op.create_index("batches_key", "batches", ["source", "idempotency_key"], unique=True)
    op.create_table("identities",
        _col("kind", _s(16), primary_key=True),
        _col("identity", sa.LargeBinary(16), primary_key=True),
        _col("content", sa.LargeBinary(16)), _col("batch", _s(40)), sqlite_with_rowid=False)
    op.create_index("ix_identities_batch", "identities", ["batch"])
    op.create_table("identity_runs",
        _col("name", _s(80), primary_key=True), _col("kind", _s(16)), _col("source", _s(32)),
        _col("rows", _INT))
    op.create_index("identity_runs_source", "identity_runs", ["kind", "source"])
    op.create_table("quarantine",
        _col("id", _ID, primary_key=True, autoincrement=True), _col("batch", _s(40)),
        _col("kind", _s(16)), _col("source", _s(32)), _col("place", _s(80)), _col("field", _s(60)),
        _col("value_masked", _s(120)), _col("expected", _s(60)), _col("params", _JSON),
        _col("record", _BYTES), _col("at_us", _INT))
    op.create_index("ix_quarantine_batch", "quarantine", ["batch"])
    op.create_table("seals",
        _col("seal", _ID, primary_key=True, autoincrement=False), _col("kind", _s(16)),
        _col("rows", _INT), _col("version", _INT), _col("at_us", _INT))
    op.create_table("leases",
        _col("name", _s(40), primary_key=True), _col("owner", _s(60)), _col("until_wall_us", _INT))


def _people() -> None:
    op.create_table("vault",
        _col("token", _s(48), primary_key=True), _col("klass", _s(12)), _col("box", _BYTES),
        _col("created_us", _INT), sqlite_with_rowid=False)
    op.create_table("audit",
        _col("id", _ID, primary_key=True, autoincrement=True), _col("at_us", _INT),
        _col("actor", _s(60)), _col("action", _s(40)), _col("object_kind", _s(20)),
        _col("object", _s(60)), _col("purpose", _s(200)), _col("detail", _JSON))
    op.create_index("ix_audit_object", "audit", ["object"])
    op.create_table("partners",
        _col("code", _s(32), primary_key=True), _col("kind", _s(16)), _col("names", _JSON),
        _null("bank_code", _s(11), unique=True), _col("token_hash", _s(64), unique=True),
        _null("old_token_hash", _s(64), unique=True), _null("old_token_until_us", _INT),
        _col("delivery", _s(8)), _null("endpoint", _s(200)), _col("feeds", _JSON),
        _col("active", _BOOL))
    op.create_table("users",
        _col("login", _s(40), primary_key=True), _col("name", _s(48)),
        _col("password_hash", _s(200)), _col("role", _s(16)), _col("region", _s(8)),
        _col("active", _BOOL))
    op.create_table("sessions",
        _col("token_hash", _s(64), primary_key=True),
        _col("login", _s(40), sa.ForeignKey("users.login")), _col("csrf", _s(64)),
        _col("created_us", _INT), _col("expires_us", _INT))
    op.create_table("throttles",
        _col("name", _s(24), primary_key=True), _col("failures", _INT), _col("last_wall_us", _INT))


def _cases() -> None:
    op.create_table("cases",
        _col("id", _s(20), primary_key=True), _col("state", _s(12)), _col("region", _s(8)),
        _null("owner", _s(40), sa.ForeignKey("users.login")), _null("register_number", _s(40)),
        _col("opened_us", _INT), _col("simulated", _BOOL))
    op.create_table("reports",
        _col("id", _s(20), primary_key=True), _col("case_id", _s(20), sa.ForeignKey("cases.id")),
        _col("channel", _s(32)), _null("idempotency_key", _s(100)),
        _col("receipt_hash", _s(64), unique=True), _col("methods", _JSON),
        _col("methods_version", _s(12)), _col("region", _s(8)), _null("cause", _s(24)),
        _col("language", _s(2)), _col("victim", _s(48)), _null("words", _s(48)),
        _col("payer_account", _s(48)), _col("payer_bank", _s(11)), _null("payee_account", _s(48)),
        _col("amount", _INT), _col("currency", _s(3)), _col("crime_us", _INT),
        _col("discovered_us", _INT), _col("reported_us", _INT))
    op.create_index("ix_reports_case_id", "reports", ["case_id"])
    op.create_index("reports_key", "reports", ["channel", "idempotency_key"], unique=True)
    op.create_table("roots",
        _col("id", _s(40), primary_key=True), _col("case_id", _s(20), sa.ForeignKey("cases.id")),
        _col("report_id", _s(20), sa.ForeignKey("reports.id")), _col("payer_account", _s(48)),
        _col("payer_bank", _s(11)), _col("payee_account", _s(48)), _col("payee_bank", _s(11)),
        _col("amount", _INT), _col("currency", _s(3)), _col("at_us", _INT), _null("uetr", _s(36)))
    op.create_index("ix_roots_case_id", "roots", ["case_id"])
    op.create_index("ix_roots_payee_account", "roots", ["payee_account"])
    op.create_index("ix_roots_report_id", "roots", ["report_id"])
    op.create_table("trails",
        _col("id", _ID, primary_key=True, autoincrement=True),
        _col("case_id", _s(20), sa.ForeignKey("cases.id")), _col("seal", _INT),
        _col("policy", _s(24)), _col("computed_us", _INT), _col("body", _JSON))
    op.create_index("ix_trails_case_id", "trails", ["case_id"])
    op.create_table("case_accounts",
        _col("case_id", _s(20), sa.ForeignKey("cases.id"), primary_key=True),
        _col("account", _s(48), primary_key=True), _col("bank", _s(11)), _col("first_us", _INT),
        _col("here", _BOOL))
    op.create_index("ix_case_accounts_account", "case_accounts", ["account"])


def _orders() -> None:
    op.create_table("orders",
        _col("id", _s(20), primary_key=True), _col("case_id", _s(20), sa.ForeignKey("cases.id")),
        _null("report_id", _s(20), sa.ForeignKey("reports.id")), _null("parent_id", _s(20)),
        _col("kind", _s(12)), _col("partner", _s(32), sa.ForeignKey("partners.code")),
        _col("state", _s(10)), _col("version", _INT), _col("provisional", _BOOL),
        _null("account", _s(48)), _null("beneficiary", _s(48)), _null("amount", _INT),
        _null("currency", _s(3)), _null("from_us", _INT), _null("to_us", _INT),
        _col("ground", _s(32)), _col("reason", _JSON), _col("drafted_by", _s(40)),
        _col("idempotency_key", _s(100), unique=True), _null("jws", _TEXT),
        _col("created_us", _INT), _null("sent_us", _INT), _null("answered_us", _INT),
        _null("due_us", _INT), _null("expires_us", _INT),
        _col("effect", _INT, server_default=sa.text("0")),
        _col("escalated", _INT, server_default=sa.text("0")))
    op.create_index("ix_orders_account", "orders", ["account"])
    op.create_index("ix_orders_case_id", "orders", ["case_id"])
    op.create_index("ix_orders_partner", "orders", ["partner"])
    op.create_index("ix_orders_state", "orders", ["state"])
    op.create_table("order_events",
        _col("id", _ID, primary_key=True, autoincrement=True),
        _col("order_id", _s(20), sa.ForeignKey("orders.id")), _col("at_us", _INT),
        _col("actor", _s(60)), _col("event", _s(16)), _col("from_state", _s(10)),
        _col("to_state", _s(10)), _col("detail", _JSON))
    op.create_index("ix_order_events_order_id", "order_events", ["order_id"])
    op.create_table("approvals",
        _col("order_id", _s(20), sa.ForeignKey("orders.id"), primary_key=True),
        _col("login", _s(40), sa.ForeignKey("users.login"), primary_key=True),
        _col("role", _s(16)), _col("approved", _BOOL), _col("at_us", _INT), _col("note", _s(400)))
    op.create_table("jobs",
        _col("id", _ID, primary_key=True, autoincrement=True), _col("kind", _s(20)),
        _col("key", _s(80)), _col("payload", _JSON), _col("state", _s(8)), _col("due_us", _INT),
        _col("attempts", _INT), _null("lease_owner", _s(60)), _null("lease_until_wall_us", _INT),
        _null("last_error", _s(400)), _col("created_us", _INT), sqlite_autoincrement=True)
    op.create_index("jobs_due", "jobs", ["state", "due_us"])
    op.create_index("jobs_key", "jobs", ["kind", "key"])
    op.create_index("jobs_queued", "jobs", ["kind", "key"], unique=True,
                    sqlite_where=sa.text("state = 'queued'"),
                    postgresql_where=sa.text("state = 'queued'"))
    op.create_table("numbers",
        _col("name", _s(12), primary_key=True), _col("last", _INT))


def _rules() -> None:
    op.create_table("findings",
        _col("id", _ID, primary_key=True, autoincrement=True), _col("detector", _s(60)),
        _col("subject_kind", _s(12)), _col("subject", _s(80)), _col("window_from_us", _INT),
        _col("window_to_us", _INT), _col("score", sa.Double()), _col("evidence", _JSON),
        _col("version", _s(16)), _col("seal", _INT), _col("shadow", _BOOL), _col("state", _s(10)),
        _null("decided_by", _s(40)), _null("decided_us", _INT), _col("first_us", _INT),
        _col("updated_us", _INT))
    op.create_index("findings_identity", "findings",
                    ["detector", "subject_kind", "subject", "window_from_us", "window_to_us"],
                    unique=True)
    op.create_table("detector_modes",
        _col("detector", _s(60), primary_key=True), _col("mode", _s(8)),
        _col("decided_by", _s(40)), _col("decided_us", _INT))
    op.create_table("policies",
        _col("name", _s(24), primary_key=True), _col("version", sa.Integer(), primary_key=True),
        _col("body", _JSON), _col("valid_from_us", _INT), _col("approved_by", _JSON))

# fmt: on


def _guard_audit_on_sqlite() -> None:
    # INSERT OR REPLACE fires no delete trigger, hence the third.
    for name, moment in (
        ("audit_no_update", "UPDATE ON audit"),
        ("audit_no_delete", "DELETE ON audit"),
        (
            "audit_no_replace",
            "INSERT ON audit WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)",
        ),
    ):
        op.execute(
            f"CREATE TRIGGER {name} BEFORE {moment} "
            "BEGIN SELECT RAISE(ABORT, 'audit rows are only added'); END"
        )


def _guard_audit_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'audit rows are only added'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit "
        "FOR EACH ROW EXECUTE FUNCTION audit_only_grows()"
    )
    op.execute(
        "CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit "
        "FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()"
    )
