"""An index of a partner's batches, for who lists the newest first.

Revision ID: 0020
"""

from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("batches_newest", "batches", ["source", "started_us", "batch"])


def downgrade() -> None:
    op.drop_index("batches_newest", "batches")
