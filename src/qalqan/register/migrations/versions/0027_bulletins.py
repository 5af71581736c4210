"""Figures that were shown, figures that others stated, and bulletins.

Revision ID: 0027
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_INT = sa.BigInteger()
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "figure_values",
        sa.Column("id", _ID, primary_key=True, autoincrement=True),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("period", sa.String(24), nullable=False),
        sa.Column("part", sa.String(200), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("value", sa.String(80)),
        sa.Column("base", sa.String(80)),
        sa.Column("n", _INT),
        sa.Column("as_of_us", _INT, nullable=False),
        sa.Column("seal", _INT, nullable=False),
        sa.Column("is_final", sa.Boolean(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
    )
    op.create_index(
        "figure_values_of", "figure_values", ["code", "period", "part", "revision"], unique=True
    )
    op.create_index("figure_values_newest", "figure_values", ["code", "part", "period"])
    op.create_table(
        "official_figures",
        sa.Column("id", _ID, primary_key=True, autoincrement=True),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("period", sa.String(24), nullable=False),
        sa.Column("part", sa.JSON(), nullable=False),
        sa.Column("value", sa.String(80), nullable=False),
        sa.Column("exactness", sa.String(8), nullable=False),
        sa.Column("source", sa.String(200), nullable=False),
        sa.Column("stated", sa.String(10), nullable=False),
        sa.Column("place", sa.String(200), nullable=False),
        sa.Column("entered_by", sa.String(40), nullable=False),
        sa.Column("entered_us", _INT, nullable=False),
        sa.Column("idempotency_key", sa.String(100), nullable=False, unique=True),
        sa.Column("withdrawn_us", _INT),
        sa.Column("withdrawn_by", sa.String(40)),
        sa.Column("withdrawn_why", sa.String(400), nullable=False),
    )
    op.create_index("official_figures_of", "official_figures", ["code", "period"])
    op.create_table(
        "bulletins",
        sa.Column("id", sa.String(20), primary_key=True, nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("period", sa.String(24), nullable=False),
        sa.Column("region", sa.String(8), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("note", sa.String(20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("as_of_us", _INT, nullable=False),
        sa.Column("seal", _INT, nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("drafted_by", sa.String(40), nullable=False),
        sa.Column("drafted_us", _INT, nullable=False),
        sa.Column("decided_by", sa.String(40)),
        sa.Column("decided_us", _INT),
        sa.Column("published_us", _INT),
        sa.Column("withdrawn_by", sa.String(40)),
        sa.Column("withdrawn_us", _INT),
        sa.Column("withdrawn_why", sa.String(400), nullable=False),
        sa.Column("replaces", sa.String(20)),
    )
    op.create_index("bulletins_newest", "bulletins", ["state", "period", "kind", "region"])


def downgrade() -> None:
    op.drop_table("bulletins")
    op.drop_table("official_figures")
    op.drop_table("figure_values")
