"""Names that are looked for; 0018 looks for them otherwise.

Revision ID: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "search_entries",
        sa.Column("id", _ID, primary_key=True, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("of", sa.String(40), nullable=False),
        sa.Column("text", sa.String(200), nullable=False),
        sa.Column("place", sa.String(400), nullable=False),
    )
    op.create_index("search_entries_of", "search_entries", ["kind", "of"])
    op.create_table(
        "search_grams",
        sa.Column("gram", sa.String(3), primary_key=True, nullable=False),
        sa.Column(
            "entry", _ID, sa.ForeignKey("search_entries.id"), primary_key=True, nullable=False
        ),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_search_grams_entry", "search_grams", ["entry"])


def downgrade() -> None:
    op.drop_table("search_grams")
    op.drop_table("search_entries")
