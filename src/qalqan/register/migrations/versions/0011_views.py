"""Joint teams, broken glass, clerks of partners.

Revision ID: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_INT = sa.BigInteger()
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "teams",
        sa.Column("id", _ID, primary_key=True, autoincrement=True, nullable=False),
        sa.Column("name", sa.String(80), nullable=False, unique=True),
        sa.Column("made_by", sa.String(40), nullable=False),
        sa.Column("until_us", _INT, nullable=False),
    )
    op.create_table(
        "team_members",
        sa.Column("team", _ID, sa.ForeignKey("teams.id"), primary_key=True, nullable=False),
        sa.Column(
            "login", sa.String(40), sa.ForeignKey("users.login"), primary_key=True, nullable=False
        ),
    )
    op.create_index("ix_team_members_login", "team_members", ["login"])
    op.create_table(
        "team_cases",
        sa.Column("team", _ID, sa.ForeignKey("teams.id"), primary_key=True, nullable=False),
        sa.Column(
            "case_id", sa.String(20), sa.ForeignKey("cases.id"), primary_key=True, nullable=False
        ),
    )
    op.create_index("ix_team_cases_case_id", "team_cases", ["case_id"])
    op.create_table(
        "broken_glass",
        sa.Column("id", _ID, primary_key=True, autoincrement=True, nullable=False),
        sa.Column("login", sa.String(40), sa.ForeignKey("users.login"), nullable=False),
        sa.Column("case_id", sa.String(20), sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("from_us", _INT, nullable=False),
        sa.Column("until_us", _INT, nullable=False),
        sa.Column("verdict", sa.String(8)),
        sa.Column("note", sa.String(200)),
        sa.Column("reviewed_by", sa.String(40)),
        sa.Column("reviewed_us", _INT),
    )
    op.create_index("ix_broken_glass_login", "broken_glass", ["login"])
    op.add_column("users", sa.Column("partner", sa.String(32)))
    op.create_index("cases_region", "cases", ["region", "id"])


def downgrade() -> None:
    op.drop_index("cases_region", "cases")
    op.drop_column("users", "partner")
    op.drop_table("broken_glass")
    op.drop_table("team_cases")
    op.drop_table("team_members")
    op.drop_table("teams")
