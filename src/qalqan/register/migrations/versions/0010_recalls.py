"""Recalls (camt.056) beside the orders of banks that speak ISO 20022.

Revision ID: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "partners",
        sa.Column("iso20022", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("orders", sa.Column("recall", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("orders", "recall")
    op.drop_column("partners", "iso20022")
