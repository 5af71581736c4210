"""SMS leave nobody out, and a campaign does not say whether it is simulated: its home does.

Revision ID: 0033
"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "UPDATE outreach_sms SET state = 'dropped', reason = 'held_out' WHERE state = 'held'"
    )
    op.execute("UPDATE outreach_campaigns SET holdout = 0 WHERE channel = 'sms'")
    op.drop_column("outreach_sms", "arm")
    op.drop_column("outreach_campaigns", "simulated")


def downgrade() -> None:
    op.add_column(
        "outreach_campaigns",
        sa.Column("simulated", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column(
        "outreach_sms", sa.Column("arm", sa.String(8), nullable=False, server_default="send")
    )
    op.execute("UPDATE outreach_sms SET state = 'held', arm = 'hold' WHERE reason = 'held_out'")
