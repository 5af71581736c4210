"""Names and identifiers that are looked for, by keyed marks; back-tests and changes of rules.

Revision ID: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_INT = sa.BigInteger()
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.drop_table("search_grams")
    op.drop_table("search_entries")
    _names()
    _rules()
    op.create_index("findings_review", "findings", ["shadow", "state", "score"])
    op.create_index("orders_partner_newest", "orders", ["partner", "id"])
    op.create_index("cases_register_number", "cases", ["register_number"])
    op.add_column("reports", sa.Column("victim_name", sa.String(48)))


def downgrade() -> None:
    op.drop_column("reports", "victim_name")
    op.drop_index("cases_register_number", "cases")
    op.drop_index("orders_partner_newest", "orders")
    op.drop_index("findings_review", "findings")
    for table in ("rule_changes", "backtest_findings", "backtests", "asked_lately", "search_near",
                  "search_words", "search_names"):  # fmt: skip
        op.drop_table(table)
    _grams()


def _names() -> None:
    op.create_table(
        "search_names",
        sa.Column("id", _ID, primary_key=True, autoincrement=True, nullable=False),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("of", sa.String(20), nullable=False),
    )
    op.create_index("search_names_of", "search_names", ["kind", "of"])
    op.create_table(
        "search_words",
        sa.Column("word", _INT, primary_key=True, autoincrement=False, nullable=False),
        sa.Column(
            "name", _ID, sa.ForeignKey("search_names.id"), primary_key=True, autoincrement=False,
            nullable=False,
        ),
        sa.Column("spelt", _INT, nullable=False),
        sqlite_with_rowid=False,
    )  # fmt: skip
    op.create_index("ix_search_words_name", "search_words", ["name"])
    op.create_table(
        "search_near",
        sa.Column("near", _INT, primary_key=True, autoincrement=False, nullable=False),
        sa.Column("word", _INT, primary_key=True, autoincrement=False, nullable=False),
        sa.Column("at", sa.SmallInteger(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "asked_lately",
        sa.Column("subject", sa.String(300), primary_key=True, nullable=False),
        sa.Column(
            "login", sa.String(40), sa.ForeignKey("users.login"), primary_key=True, nullable=False
        ),
        sa.Column("kind", sa.String(8), nullable=False),
        sa.Column("first_us", _INT, nullable=False),
        sa.Column("last_us", _INT, nullable=False),
    )
    op.create_index("asked_lately_login", "asked_lately", ["login", "last_us"])
    op.create_index("asked_lately_last", "asked_lately", ["last_us"])


def _rules() -> None:
    op.create_table(
        "backtests",
        sa.Column("id", _ID, primary_key=True, autoincrement=True, nullable=False),
        sa.Column("detector", sa.String(60), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("asked_by", sa.String(40), nullable=False),
        sa.Column("asked_us", _INT, nullable=False),
        sa.Column("seal", _INT),
        sa.Column("step", _INT, nullable=False),
        sa.Column("ended_us", _INT),
        sa.Column("result", sa.JSON()),
        sa.Column("error", sa.String(60)),
    )
    op.create_index("ix_backtests_detector", "backtests", ["detector"])
    op.create_table(
        "backtest_findings",
        sa.Column("id", _ID, primary_key=True, autoincrement=True, nullable=False),
        sa.Column("backtest", _ID, sa.ForeignKey("backtests.id"), nullable=False),
        sa.Column("change", sa.String(8), nullable=False),
        sa.Column("subject_kind", sa.String(12), nullable=False),
        sa.Column("subject", sa.String(80), nullable=False),
        sa.Column("window_from_us", _INT, nullable=False),
        sa.Column("window_to_us", _INT, nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("evidence", sa.JSON(), nullable=False),
        sa.Column("label", sa.String(10), nullable=False),
    )
    op.create_index("ix_backtest_findings_backtest", "backtest_findings", ["backtest"])
    op.create_table(
        "rule_changes",
        sa.Column("id", _ID, primary_key=True, autoincrement=True, nullable=False),
        sa.Column("detector", sa.String(60), nullable=False),
        sa.Column("what", sa.String(8), nullable=False),
        sa.Column("params", sa.JSON()),
        sa.Column("backtest", _ID, sa.ForeignKey("backtests.id")),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("by", sa.String(40), nullable=False),
        sa.Column("at_us", _INT, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("second", sa.String(40)),
        sa.Column("second_us", _INT),
        sa.Column("note", sa.String(200), nullable=False),
    )
    op.create_index("rule_changes_detector", "rule_changes", ["detector", "state"])


def _grams() -> None:
    """As 0004 made them; earlier software fills them when a partner is added or renamed."""
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
