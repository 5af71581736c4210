"""Appeals of callers whose calls a rule refused.

Revision ID: 0026
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_INT = sa.BigInteger()


def upgrade() -> None:
    op.create_table(
        "call_appeals",
        sa.Column("id", sa.String(20), primary_key=True, nullable=False),
        sa.Column("number", sa.String(48), nullable=False),
        sa.Column("called", sa.String(48)),
        sa.Column("about_us", _INT, nullable=False),
        sa.Column("place", sa.String(8), nullable=False),
        sa.Column("network", sa.String(100), nullable=False),
        sa.Column("words", sa.String(48), nullable=False),
        sa.Column("contact", sa.String(48), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("handed_by", sa.String(60), nullable=False),
        sa.Column("idempotency_key", sa.String(100), nullable=False, unique=True),
        sa.Column("received_us", _INT, nullable=False),
        sa.Column("due_us", _INT, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("version", _INT, nullable=False, server_default=sa.text("0")),
        sa.Column("decided_by", sa.String(40)),
        sa.Column("decided_us", _INT),
        sa.Column("reason", sa.String(24)),
        sa.Column("note", sa.String(48)),
    )
    op.create_index("ix_call_appeals_number", "call_appeals", ["number"])
    op.create_index("call_appeals_state", "call_appeals", ["state", "received_us"])


def downgrade() -> None:
    op.drop_table("call_appeals")
