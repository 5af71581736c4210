"""The newest seal of a kind is found at once, however long the log has become.

Revision ID: 0005
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("seals_kind", "seals", ["kind", "seal"])


def downgrade() -> None:
    op.drop_index("seals_kind", "seals")
