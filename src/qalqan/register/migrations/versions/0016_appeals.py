"""Appeals, and what orders need besides: a subject, the data asked for, the term that runs.

Revision ID: 0016
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_INT = sa.BigInteger()
_ADDED = (
    ("subject", sa.String(1000)),
    ("subject_kind", sa.String(8)),
    ("asked", sa.JSON()),
    ("clock_us", _INT),
)
_CLOCKS = """
UPDATE orders SET clock_us = CASE
  WHEN state IN ('approved', 'sent', 'received', 'escalated') THEN due_us
  WHEN kind = 'hold' AND state IN ('answered', 'appealed') AND effect > 0 THEN expires_us
  WHEN kind <> 'hold' AND state IN ('answered', 'appealed') THEN expires_us
END
"""


def upgrade() -> None:
    for name, type_ in _ADDED:
        op.add_column("orders", sa.Column(name, type_))
    op.execute(_CLOCKS)
    op.create_index("orders_clock", "orders", ["clock_us", "id"])
    op.create_index("orders_state", "orders", ["state", "id"])
    op.create_index("orders_subject", "orders", ["subject"])
    op.create_table(
        "appeals",
        sa.Column("id", sa.String(20), primary_key=True, nullable=False),
        sa.Column("order_id", sa.String(20), sa.ForeignKey("orders.id"), nullable=False),
        sa.Column("case_id", sa.String(20), sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("channel", sa.String(12), nullable=False),
        sa.Column("words", sa.String(48), nullable=False),
        sa.Column("handed_by", sa.String(60), nullable=False),
        sa.Column("idempotency_key", sa.String(100), nullable=False, unique=True),
        sa.Column("received_us", _INT, nullable=False),
        sa.Column("due_us", _INT),
        sa.Column("escalated", _INT, nullable=False, server_default=sa.text("0")),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("version", _INT, nullable=False, server_default=sa.text("0")),
        sa.Column("decided_by", sa.String(40)),
        sa.Column("decided_us", _INT),
        sa.Column("reason", sa.String(24)),
        sa.Column("note", sa.String(48)),
        sa.Column("undone_by", sa.String(20)),
    )
    op.create_index("ix_appeals_order_id", "appeals", ["order_id"])
    op.create_index("ix_appeals_case_id", "appeals", ["case_id"])
    op.create_index("appeals_open", "appeals", ["state", "due_us"])


def downgrade() -> None:
    op.drop_table("appeals")
    op.drop_index("orders_subject", "orders")
    op.drop_index("orders_state", "orders")
    op.drop_index("orders_clock", "orders")
    for name, _ in reversed(_ADDED):
        op.drop_column("orders", name)
