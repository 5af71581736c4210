"""Indices of reports: by victim, and of the few that are tied to another's payment.

Revision ID: 0021
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_TIED = sa.text("root_id IS NOT NULL")
_NAMED = sa.text("victim_name IS NOT NULL")


def upgrade() -> None:
    op.drop_index("reports_root", "reports")
    op.create_index(
        "reports_root", "reports", ["root_id"], sqlite_where=_TIED, postgresql_where=_TIED
    )
    op.create_index("reports_victim", "reports", ["victim"])
    op.create_index(
        "reports_name", "reports", ["victim_name"], sqlite_where=_NAMED, postgresql_where=_NAMED
    )
    op.create_index("reports_payer", "reports", ["payer_account"])


def downgrade() -> None:
    for name in ("reports_payer", "reports_name", "reports_victim", "reports_root"):
        op.drop_index(name, "reports")
    op.create_index("reports_root", "reports", ["root_id"])
