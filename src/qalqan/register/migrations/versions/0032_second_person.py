"""Who wrote on a bulletin, and who compared an official figure with its source.

What was entered before waits for a second person's word, too.

Revision ID: 0032
"""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("bulletins", sa.Column("writers", sa.JSON()))
    op.add_column("official_figures", sa.Column("approved_us", sa.BigInteger()))
    op.add_column("official_figures", sa.Column("approved_by", sa.String(40)))


def downgrade() -> None:
    op.drop_column("official_figures", "approved_by")
    op.drop_column("official_figures", "approved_us")
    op.drop_column("bulletins", "writers")
