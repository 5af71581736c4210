"""When a document's contents went; findings by whom they are about.

Revision ID: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("case_documents", sa.Column("gone_us", sa.BigInteger(), nullable=True))
    op.create_index("findings_subject", "findings", ["subject"])


def downgrade() -> None:
    op.drop_index("findings_subject", "findings")
    op.drop_column("case_documents", "gone_us")
