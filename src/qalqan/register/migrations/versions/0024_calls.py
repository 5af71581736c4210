"""What edges tell of calls: how they are, how far their journals were taken, counts, campaigns.

Revision ID: 0024
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

_INT = sa.BigInteger()
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _key(name: str, length: int) -> "sa.Column[str]":
    return sa.Column(name, sa.String(length), primary_key=True, nullable=False)


def upgrade() -> None:
    partner = sa.Column(
        "partner", sa.String(32), sa.ForeignKey("partners.code"), primary_key=True, nullable=False
    )
    op.create_table(
        "call_edges",
        partner,
        _key("edge", 40),
        sa.Column("heard_us", _INT, nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.Column("newest", sa.JSON(), nullable=False),
    )
    op.create_table(
        "call_files",
        _key("partner", 32),
        _key("edge", 40),
        _key("file", 80),
        sa.Column("taken", _INT, nullable=False),
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("at_us", _INT, nullable=False),
    )
    op.create_index("call_files_age", "call_files", ["partner", "edge", "at_us"])
    op.create_table(
        "call_counts",
        sa.Column("hour_us", _INT, primary_key=True, autoincrement=False, nullable=False),
        _key("partner", 32),
        _key("edge", 40),
        _key("trunk", 60),
        _key("answer", 10),
        _key("rule", 60),
        sa.Column("n", _INT, nullable=False),
    )
    _campaigns()


def _campaigns() -> None:
    op.create_table(
        "call_campaigns",
        sa.Column("id", _ID, primary_key=True, autoincrement=True, nullable=False),
        sa.Column("source", sa.String(32), nullable=False),
        sa.Column("trunk", sa.String(60), nullable=False),
        sa.Column("rule", sa.String(60), nullable=False),
        sa.Column("pattern", sa.String(16), nullable=False),
        *(
            sa.Column(name, _INT, nullable=False)
            for name in ("first_us", "last_us", "calls", "sample_us")
        ),
        sa.Column("sample", sa.String(48)),
        sa.Column("is_opened", sa.Boolean(), nullable=False),
        sa.Column("opened_us", _INT),
        sa.Column("case_id", sa.String(20), sa.ForeignKey("cases.id")),
    )
    op.create_index("ix_call_campaigns_case_id", "call_campaigns", ["case_id"])
    op.create_index("call_campaigns_near", "call_campaigns", ["source", "trunk", "rule", "last_us"])
    some = sa.text("NOT is_opened")
    op.create_index(
        "call_campaigns_gathering", "call_campaigns", ["last_us"],
        sqlite_where=some, postgresql_where=some,
    )  # fmt: skip
    op.create_index("call_campaigns_newest", "call_campaigns", ["is_opened", "last_us"])


def downgrade() -> None:
    for table in ("call_campaigns", "call_counts", "call_files", "call_edges"):
        op.drop_table(table)
