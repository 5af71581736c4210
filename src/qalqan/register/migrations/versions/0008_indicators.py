"""Subjects listed for action.

Revision ID: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None

_INT = sa.BigInteger()
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "indicators",
        sa.Column("id", _ID, primary_key=True, autoincrement=True, nullable=False),
        sa.Column("subject_kind", sa.String(12), nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("grade", sa.String(8), nullable=False),
        sa.Column("ground", sa.String(32), nullable=False),
        sa.Column("reason", sa.String(400), nullable=False),
        sa.Column("source", sa.String(60), nullable=False),
        sa.Column("approved_by", sa.JSON(), nullable=False),
        sa.Column("from_us", _INT, nullable=False),
        sa.Column("until_us", _INT, nullable=False),
        sa.Column("appeal", sa.String(400)),
        sa.Column("withdrawn_by", sa.String(60)),
        sa.Column("withdrawn_us", _INT),
    )
    op.create_index("indicators_subject", "indicators", ["subject"])


def downgrade() -> None:
    op.drop_table("indicators")
