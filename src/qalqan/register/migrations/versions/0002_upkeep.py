"""Legal holds, what retention dropped, and work that stands still.

Revision ID: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_INT = sa.BigInteger()
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "legal_holds",
        sa.Column("id", _ID, primary_key=True, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(16)),
        sa.Column("case_id", sa.String(20), sa.ForeignKey("cases.id")),
        sa.Column("first_day", sa.Date()),
        sa.Column("last_day", sa.Date()),
        sa.Column("reason", sa.String(400), nullable=False),
        sa.Column("placed_by", sa.String(60), nullable=False),
        sa.Column("placed_us", _INT, nullable=False),
        sa.Column("until_us", _INT),
        sa.Column("lifted_by", sa.String(60)),
        sa.Column("lifted_us", _INT),
    )
    op.create_table(
        "retention_drops",
        sa.Column("id", _ID, primary_key=True, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("rows", _INT, nullable=False),
        sa.Column("first_seal", _INT, nullable=False),
        sa.Column("last_seal", _INT, nullable=False),
        sa.Column("state", sa.String(8), nullable=False),
        sa.Column("policy", sa.String(40), nullable=False),
        sa.Column("at_seal", _INT, nullable=False),
        sa.Column("at_us", _INT, nullable=False),
    )
    op.create_index("retention_drops_kind", "retention_drops", ["kind", "day"])
    op.create_table(
        "pauses",
        sa.Column("name", sa.String(24), primary_key=True, nullable=False),
        sa.Column("since_us", _INT, nullable=False),
        sa.Column("by", sa.String(60), nullable=False),
        sa.Column("reason", sa.String(400), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("pauses")
    op.drop_table("retention_drops")
    op.drop_table("legal_holds")
