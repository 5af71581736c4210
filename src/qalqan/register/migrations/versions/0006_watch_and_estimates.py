"""Payers to be warned, measured estimates, figures beside trails, reports of one payment tied.

Revision ID: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "estimates",
        sa.Column("name", sa.String(24), primary_key=True, nullable=False),
        sa.Column("version", sa.Integer(), primary_key=True, nullable=False),
        sa.Column("made_us", sa.BigInteger(), nullable=False),
        sa.Column("seal", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
    )
    _payers_to_warn()
    op.add_column("trails", sa.Column("figures", sa.JSON(), nullable=True))
    op.add_column("reports", sa.Column("root_id", sa.String(40), nullable=True))


def _payers_to_warn() -> None:
    op.create_table(
        "payers_to_warn",
        sa.Column("id", _ID, primary_key=True, autoincrement=True, nullable=False),
        sa.Column("case_id", sa.String(20), sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("account", sa.String(48), nullable=False),
        sa.Column("payer_account", sa.String(48), nullable=False),
        sa.Column("payer_bank", sa.String(11), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("fact", sa.String(140), nullable=False),
        sa.Column("why", sa.String(12), nullable=False),
        sa.Column("listed_us", sa.BigInteger(), nullable=False),
        sa.Column("expires_us", sa.BigInteger(), nullable=False),
        sa.Column("fetched_us", sa.BigInteger(), nullable=True),
        sa.Column("warned_us", sa.BigInteger(), nullable=True),
        sa.Column("warned_by", sa.String(60), nullable=True),
    )
    op.create_index("ix_payers_to_warn_case_id", "payers_to_warn", ["case_id"])
    op.create_index("ix_payers_to_warn_account", "payers_to_warn", ["account"])
    op.create_index("ix_payers_to_warn_expires_us", "payers_to_warn", ["expires_us"])
    op.create_index(
        "payers_to_warn_payment",
        "payers_to_warn",
        ["account", "payer_account", "at_us", "amount"],
        unique=True,
    )
    op.create_index("payers_to_warn_bank", "payers_to_warn", ["payer_bank", "id"])


def downgrade() -> None:
    op.drop_column("reports", "root_id")
    op.drop_column("trails", "figures")
    op.drop_table("payers_to_warn")
    op.drop_table("estimates")
