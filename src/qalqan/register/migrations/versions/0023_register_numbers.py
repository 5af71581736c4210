"""A number of the pre-trial register belongs to one case, whoever writes at the same moment.

Revision ID: 0023
"""

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index("cases_register_number", "cases")
    op.create_index("cases_register_number", "cases", ["register_number"], unique=True)


def downgrade() -> None:
    op.drop_index("cases_register_number", "cases")
    op.create_index("cases_register_number", "cases", ["register_number"])
