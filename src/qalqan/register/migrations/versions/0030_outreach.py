"""Warnings to many people: campaigns, texts, materials, consent, messages, outcomes.

Revision ID: 0030
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

_INT = sa.BigInteger()
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_CAMPAIGN = "outreach_campaigns.id"


def _id() -> sa.Column[int]:
    return sa.Column("id", _ID, primary_key=True, autoincrement=True, nullable=False)


def _text(name: str, size: int, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(size), nullable=null)


def _int(name: str, null: bool = False, zero: bool = False) -> sa.Column[int]:
    return sa.Column(name, _INT, nullable=null, server_default=sa.text("0") if zero else None)


def _of(name: str, size: int, other: str, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(size), sa.ForeignKey(other), nullable=null)


def _json(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.JSON(), nullable=False)


def upgrade() -> None:
    op.add_column("reports", sa.Column("age", sa.String(8), nullable=True))
    op.create_index("reports_told", "reports", ["reported_us"])
    _campaigns()
    _texts()
    _consents()
    _sms()
    _partners()


def _campaigns() -> None:
    op.create_table(
        "outreach_campaigns",
        sa.Column("id", sa.String(20), primary_key=True, nullable=False),
        _text("title", 200), _json("methods"), _text("channel", 16), _text("region", 8),
        _json("segment"), _int("from_us"), _int("to_us"), _int("planned_reach"),
        _int("reach", null=True), _int("budget"), _int("cost", null=True),
        _text("text", 32, null=True), _int("text_version", null=True), _int("holdout", zero=True),
        _text("evidence", 1000), _text("state", 10), _int("version", zero=True),
        _of("owner", 40, "users.login"), _of("drafted_by", 40, "users.login"), _int("created_us"),
        _of("approved_by", 40, "users.login", null=True), _int("approved_us", null=True),
        sa.Column("simulated", sa.Boolean(), nullable=False, server_default=sa.false()),
    )  # fmt: skip
    op.create_index("outreach_campaigns_state", "outreach_campaigns", ["state", "id"])
    op.create_table(
        "outreach_steps", _id(), _of("campaign", 20, _CAMPAIGN), _int("at_us"), _text("by", 60),
        _text("event", 12), _text("state", 10), _text("note", 1000),
    )  # fmt: skip
    op.create_index("ix_outreach_steps_campaign", "outreach_steps", ["campaign"])


def _texts() -> None:
    op.create_table(
        "outreach_texts", _id(), _text("kind", 8), _text("key", 32), _int("version"),
        _json("texts"), _text("state", 10), _of("written_by", 40, "users.login"),
        _int("written_us"), _of("decided_by", 40, "users.login", null=True),
        _int("decided_us", null=True),
    )  # fmt: skip
    op.create_index(
        "outreach_texts_version", "outreach_texts", ["kind", "key", "version"], unique=True
    )
    op.create_table(
        "outreach_materials", _id(), _text("kind", 16), _text("title", 200), _json("languages"),
        _json("methods"), _text("place", 200), _text("link", 500), _text("region", 8),
        _int("published_us"), _int("publications"), _int("reach", null=True),
        _of("campaign", 20, _CAMPAIGN, null=True), _text("by", 40), _int("entered_us"),
        _int("withdrawn_us", null=True),
    )  # fmt: skip
    op.create_index("ix_outreach_materials_campaign", "outreach_materials", ["campaign"])
    op.create_index("outreach_materials_published", "outreach_materials", ["published_us", "kind"])


def _consents() -> None:
    op.create_table(
        "outreach_consents", _id(), _text("phone", 48), _text("purpose", 16), _text("source", 100),
        _text("language", 2), _text("region", 8), _text("age", 8), _int("given_us"),
        _text("taken_by", 60), _int("withdrawn_us", null=True),
        _text("withdrawn_by", 60, null=True),
    )  # fmt: skip
    living = sa.text("withdrawn_us IS NULL")
    op.create_index(
        "outreach_consents_living", "outreach_consents", ["phone", "purpose"], unique=True,
        sqlite_where=living, postgresql_where=living,
    )  # fmt: skip


def _sms() -> None:
    op.create_table(
        "outreach_sms", _id(), _of("campaign", 20, _CAMPAIGN), _text("phone", 48),
        _text("language", 2), _int("parts"), _text("arm", 8), _text("state", 12), _int("due_us"),
        _int("attempts", zero=True), _text("owner", 60, null=True), _text("reason", 40),
        _text("gateway", 80, null=True), _int("created_us"), _int("sent_us", null=True),
        _int("ended_us", null=True), _int("cost", zero=True),
    )  # fmt: skip
    for name, columns in {
        "due": ["state", "due_us", "id"], "person": ["phone", "sent_us"], "gateway": ["gateway"],
        "campaign": ["campaign", "state", "sent_us"],
    }.items():  # fmt: skip
        op.create_index(f"outreach_sms_{name}", "outreach_sms", columns)
    op.create_index("outreach_sms_once", "outreach_sms", ["campaign", "phone"], unique=True)


def _partners() -> None:
    op.create_table(
        "outreach_mailings", _id(), _of("campaign", 20, _CAMPAIGN),
        _of("partner", 32, "partners.code"), _text("state", 10), _int("asked_us"),
        _text("asked_by", 40), _int("answered_us", null=True), _json("answer"),
    )  # fmt: skip
    op.create_index(
        "outreach_mailings_once", "outreach_mailings", ["campaign", "partner"], unique=True
    )
    op.create_index("outreach_mailings_partner", "outreach_mailings", ["partner", "id"])
    op.create_table(
        "outreach_outcomes", _id(), _of("partner", 32, "partners.code"), _text("key", 100),
        _int("place"), _text("experiment", 64), _text("arm", 8), _text("day", 10), _int("people"),
        _int("heeded"), _int("harmed"), _int("told_us"), _text("digest", 64),
    )  # fmt: skip
    op.create_index(
        "outreach_outcomes_once", "outreach_outcomes", ["partner", "key", "place"], unique=True
    )
    op.create_index(
        "outreach_outcomes_experiment", "outreach_outcomes", ["experiment", "arm", "day"]
    )


def downgrade() -> None:
    for table in (
        "outreach_outcomes", "outreach_mailings", "outreach_sms", "outreach_consents",
        "outreach_materials", "outreach_texts", "outreach_steps", "outreach_campaigns",
    ):  # fmt: skip
        op.drop_table(table)
    op.drop_index("reports_told", "reports")
    op.drop_column("reports", "age")
