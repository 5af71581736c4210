"""Names of those who stand in the register of drops.

Revision ID: 0022
"""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("drops", sa.Column("name", sa.String(48)))
    op.create_index("ix_drops_name", "drops", ["name"])


def downgrade() -> None:
    op.drop_index("ix_drops_name", "drops")
    op.drop_column("drops", "name")
