"""Notes, tasks, documents, identifiers of cases, drops.

Revision ID: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_INT = sa.BigInteger()
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_ALL = (
    "case_entities", "case_tasks", "case_notes", "case_events", "case_documents",
    "document_pieces", "custody_lines", "drops", "drop_accounts", "drop_steps", "drop_channels",
    "drop_cases", "drop_findings",
)  # fmt: skip


def upgrade() -> None:
    op.add_column("cases", sa.Column("story", sa.String(48)))
    op.add_column("cases", sa.Column("closed_us", _INT))
    _cases()
    _drops()
    _known()


def downgrade() -> None:
    for name in reversed(_ALL):
        op.drop_table(name)
    op.drop_column("cases", "closed_us")
    op.drop_column("cases", "story")


def _cases() -> None:
    op.create_table(
        "case_entities",
        sa.Column(
            "case_id", sa.String(20), sa.ForeignKey("cases.id"), primary_key=True, nullable=False
        ),
        sa.Column("kind", sa.String(8), primary_key=True, nullable=False),
        sa.Column("subject", sa.String(300), primary_key=True, nullable=False),
        sa.Column("source", sa.String(8), nullable=False),
        sa.Column("told_by", sa.String(60), nullable=False),
        sa.Column("first_us", _INT, nullable=False),
        sa.Column("note", sa.String(200)),
    )
    op.create_index("case_entities_subject", "case_entities", ["subject", "kind"])
    op.create_table(
        "case_tasks",
        sa.Column("id", _ID, primary_key=True, autoincrement=True, nullable=False),
        sa.Column("case_id", sa.String(20), sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("owner", sa.String(40), sa.ForeignKey("users.login")),
        sa.Column("country", sa.String(2)),
        sa.Column("reference", sa.String(60)),
        sa.Column("due_us", _INT),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(400), nullable=False),
        sa.Column("made_by", sa.String(40), nullable=False),
        sa.Column("made_us", _INT, nullable=False),
        sa.Column("ended_by", sa.String(40)),
        sa.Column("ended_us", _INT),
    )
    op.create_index("ix_case_tasks_case_id", "case_tasks", ["case_id"])
    op.create_index("ix_case_tasks_owner", "case_tasks", ["owner"])
    op.create_table(
        "case_notes",
        sa.Column("id", _ID, primary_key=True, autoincrement=True, nullable=False),
        sa.Column("case_id", sa.String(20), sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("words", sa.String(48), nullable=False),
        sa.Column("by", sa.String(40), nullable=False),
        sa.Column("at_us", _INT, nullable=False),
    )
    op.create_index("ix_case_notes_case_id", "case_notes", ["case_id"])
    op.create_table(
        "case_events",
        sa.Column("id", _ID, primary_key=True, autoincrement=True, nullable=False),
        sa.Column("case_id", sa.String(20), sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("at_us", _INT, nullable=False),
        sa.Column("by", sa.String(60), nullable=False),
        sa.Column("event", sa.String(16), nullable=False),
        sa.Column("note", sa.String(400), nullable=False),
    )
    op.create_index("ix_case_events_case_id", "case_events", ["case_id"])
    op.create_table(
        "case_documents",
        sa.Column("id", sa.String(20), primary_key=True, nullable=False),
        sa.Column("case_id", sa.String(20), sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("name", sa.String(48), nullable=False),
        sa.Column("ending", sa.String(8), nullable=False),
        sa.Column("size", _INT, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("added_by", sa.String(40), nullable=False),
        sa.Column("added_us", _INT, nullable=False),
        sa.Column("taken_us", _INT),
    )
    op.create_index("case_documents_contents", "case_documents", ["case_id", "sha256"], unique=True)
    op.create_index("ix_case_documents_case_id", "case_documents", ["case_id"])
    op.create_table(
        "document_pieces",
        sa.Column(
            "document",
            sa.String(20),
            sa.ForeignKey("case_documents.id"),
            primary_key=True,
            nullable=False,
        ),
        sa.Column("place", sa.Integer(), primary_key=True, nullable=False),
        sa.Column("box", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "custody_lines",
        sa.Column("id", _ID, primary_key=True, autoincrement=True, nullable=False),
        sa.Column("document", sa.String(20), sa.ForeignKey("case_documents.id"), nullable=False),
        sa.Column("at_us", _INT, nullable=False),
        sa.Column("by", sa.String(40), nullable=False),
        sa.Column("event", sa.String(12), nullable=False),
        sa.Column("words", sa.String(200), nullable=False),
    )
    op.create_index("ix_custody_lines_document", "custody_lines", ["document"])


def _drops() -> None:
    op.create_table(
        "drops",
        sa.Column("id", sa.String(20), primary_key=True, nullable=False),
        sa.Column("person", sa.String(48), unique=True),
        sa.Column("region", sa.String(8), nullable=False),
        sa.Column("role", sa.String(12), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("hop", _INT),
        sa.Column("part", _INT),
        sa.Column("opened_by", sa.String(40), nullable=False),
        sa.Column("opened_us", _INT, nullable=False),
        sa.Column("expires_us", _INT),
        sa.Column("expired_us", _INT),
    )
    op.create_index("drops_region", "drops", ["region", "id"])
    op.create_index("ix_drops_expires_us", "drops", ["expires_us"])
    op.create_table(
        "drop_accounts",
        sa.Column(
            "drop_id", sa.String(20), sa.ForeignKey("drops.id"), primary_key=True, nullable=False
        ),
        sa.Column("account", sa.String(48), primary_key=True, nullable=False),
    )
    op.create_index("ix_drop_accounts_account", "drop_accounts", ["account"])
    op.create_table(
        "drop_steps",
        sa.Column("id", _ID, primary_key=True, autoincrement=True, nullable=False),
        sa.Column("drop_id", sa.String(20), sa.ForeignKey("drops.id"), nullable=False),
        sa.Column("at_us", _INT, nullable=False),
        sa.Column("by", sa.String(40), nullable=False),
        sa.Column("what", sa.String(8), nullable=False),
        sa.Column("value", sa.String(12), nullable=False),
        sa.Column("article", sa.String(16)),
        sa.Column("day_us", _INT),
        sa.Column("note", sa.String(400), nullable=False),
        sa.Column("second", sa.String(40)),
        sa.Column("pending", sa.Boolean(), nullable=False),
    )
    op.create_index("ix_drop_steps_drop_id", "drop_steps", ["drop_id"])
    op.create_table(
        "drop_channels",
        sa.Column(
            "drop_id", sa.String(20), sa.ForeignKey("drops.id"), primary_key=True, nullable=False
        ),
        sa.Column("kind", sa.String(8), primary_key=True, nullable=False),
        sa.Column("subject", sa.String(300), primary_key=True, nullable=False),
        sa.Column("by", sa.String(40), nullable=False),
        sa.Column("at_us", _INT, nullable=False),
    )
    op.create_index("drop_channels_subject", "drop_channels", ["subject"])
    op.create_table(
        "drop_cases",
        sa.Column(
            "drop_id", sa.String(20), sa.ForeignKey("drops.id"), primary_key=True, nullable=False
        ),
        sa.Column(
            "case_id", sa.String(20), sa.ForeignKey("cases.id"), primary_key=True, nullable=False
        ),
        sa.Column("by", sa.String(40), nullable=False),
        sa.Column("at_us", _INT, nullable=False),
    )
    op.create_index("ix_drop_cases_case_id", "drop_cases", ["case_id"])
    op.create_table(
        "drop_findings",
        sa.Column(
            "drop_id", sa.String(20), sa.ForeignKey("drops.id"), primary_key=True, nullable=False
        ),
        sa.Column("finding", _ID, sa.ForeignKey("findings.id"), primary_key=True, nullable=False),
    )


_SOURCES = (
    ("person", "victim", "r.victim", "r.reported_us", "'partner:' || r.channel", "reports r"),
    ("account", "victim", "r.payer_account", "r.crime_us", "'partner:' || r.channel", "reports r"),
    ("account", "report", "r.payee_account", "r.crime_us", "'partner:' || r.channel", "reports r"),
    ("account", "trail", "r.account", "r.first_us", "'machine'", "case_accounts r"),
)


def _known() -> None:
    """Identifiers of the cases that stand already."""
    for kind, source, subject, at, by, table in _SOURCES:
        op.execute(
            "INSERT INTO case_entities (case_id, kind, subject, source, told_by, first_us) "
            f"SELECT r.case_id, '{kind}', {subject}, '{source}', MIN({by}), MIN({at}) "
            f"FROM {table} WHERE {subject} IS NOT NULL "
            f"GROUP BY r.case_id, {subject} ON CONFLICT DO NOTHING"
        )
