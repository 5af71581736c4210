"""What was refused of one partner, in order, without a walk through everybody's; what waits to be
sealed, without a walk through its bodies.

Revision ID: 0003
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("quarantine_source", "quarantine", ["source", "id"])
    op.create_index("landing_waits", "landing", ["batch", "kind", "rows", "landed_us"])


def downgrade() -> None:
    op.drop_index("landing_waits", "landing")
    op.drop_index("quarantine_source", "quarantine")
