"""Where each case stands, saved views, who looks at what.

Revision ID: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


_INT = sa.BigInteger()
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_PARTS = (
    "stolen", "held", "returned", "traceable", "abroad", "cash", "crypto", "kept_by_drops",
    "fees", "unknown",
)  # fmt: skip


def _standings() -> None:
    op.create_table(
        "case_standings",
        sa.Column(
            "case_id", sa.String(20), sa.ForeignKey("cases.id"), primary_key=True, nullable=False,
            autoincrement=False,
        ),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("region", sa.String(8), nullable=False),
        sa.Column("owner", sa.String(40)),
        sa.Column("opened_us", _INT, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("reports", _INT, nullable=False),
        sa.Column("reported_us", _INT, nullable=False),
        sa.Column("delay_us", _INT, nullable=False),
        sa.Column("method", sa.String(12), nullable=False),
        sa.Column("methods_version", sa.String(12), nullable=False),
        *(
            sa.Column(name, sa.JSON(), nullable=False)
            for name in ("told", "sums", "places", "banks")
        ),
        *(
            sa.Column(name, _INT, nullable=False)
            for name in ("stolen", "held", "returned", "moving", "at_risk", "lapsing")
        ),
        sa.Column("rule", sa.String(8), nullable=False),
        sa.Column("hazard", _INT, nullable=False),
        sa.Column("clock_us", _INT, nullable=False),
        sa.Column("clock_from_us", _INT, nullable=False),
        sa.Column("clock_kind", sa.String(8), nullable=False),
        sa.Column("clock_order", sa.String(20)),
        *(
            sa.Column(name, _INT, nullable=False)
            for name in ("drafts", "awaited", "late", "appealed")
        ),
        sa.Column("denied", sa.Boolean(), nullable=False),
        sa.Column("step", sa.String(12), nullable=False),
        sa.Column("step_n", _INT, nullable=False),
        sa.Column("computed_us", _INT, nullable=False),
        sa.Column("changed_us", _INT, nullable=False),
    )  # fmt: skip
    for name, columns in (
        ("ix_case_standings_changed_us", ["changed_us"]),
        ("standings_queue", ["active", "at_risk"]),
        ("standings_queue_region", ["region", "active", "at_risk"]),
        (
            "standings_counted",
            [
                "active",
                "region",
                "owner",
                "clock_us",
                "awaited",
                "late",
                "appealed",
                "moving",
                "at_risk",
                "case_id",
            ],
        ),
        ("standings_owner", ["owner", "active", "at_risk"]),
        ("standings_new", ["reported_us", "case_id"]),
        ("standings_region_new", ["region", "reported_us"]),
        ("standings_method_new", ["method", "reported_us"]),
        ("standings_moving", ["moving", "case_id"]),
    ):
        op.create_index(name, "case_standings", columns)  # fmt: skip


def _beside() -> None:
    op.create_table(
        "standing_totals",
        sa.Column("region", sa.String(8), primary_key=True, nullable=False),
        sa.Column("currency", sa.String(3), primary_key=True, nullable=False),
        sa.Column("rule", sa.String(16), primary_key=True, nullable=False),
        *(sa.Column(name, _INT, nullable=False) for name in _PARTS),
    )
    op.create_table(
        "case_owners",
        sa.Column("id", _ID, primary_key=True, autoincrement=True, nullable=False),
        sa.Column("case_id", sa.String(20), sa.ForeignKey("cases.id"), nullable=False),
        sa.Column("before", sa.String(40)),
        sa.Column("owner", sa.String(40)),
        sa.Column("by", sa.String(40), nullable=False),
        sa.Column("at_us", _INT, nullable=False),
        sa.Column("wall_us", _INT, nullable=False),
    )
    op.create_index("ix_case_owners_case_id", "case_owners", ["case_id"])
    op.create_index("case_owners_owner", "case_owners", ["owner", "at_us"])
    op.create_table(
        "saved_views",
        sa.Column("id", _ID, primary_key=True, autoincrement=True, nullable=False),
        sa.Column("login", sa.String(40), sa.ForeignKey("users.login"), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("query", sa.String(400), nullable=False),
        sa.Column("shared", sa.String(8)),
        sa.Column("made_us", _INT, nullable=False),
    )
    op.create_index("ix_saved_views_login", "saved_views", ["login"])
    op.create_index("ix_saved_views_shared", "saved_views", ["shared"])


def upgrade() -> None:
    _standings()
    _beside()
    op.create_index("orders_answered", "orders", ["kind", "answered_us"])
    op.create_index("reports_root", "reports", ["root_id"])


def downgrade() -> None:
    op.drop_index("reports_root", "reports")
    op.drop_index("orders_answered", "orders")
    for table in ("saved_views", "case_owners", "standing_totals", "case_standings"):
        op.drop_table(table)
