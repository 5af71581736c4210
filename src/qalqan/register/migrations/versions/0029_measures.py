"""Programmes, measures, how they will be judged, drafts of plans.

Revision ID: 0029
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

_INT = sa.BigInteger()
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "plan_drafts",
        sa.Column("id", sa.String(20), primary_key=True, nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("bodies", sa.JSON(), nullable=False),
        sa.Column("idempotency_key", sa.String(100), nullable=False, unique=True),
        sa.Column("made_us", _INT, nullable=False),
        sa.Column("made_by", sa.String(40), nullable=False),
    )
    op.create_table(
        "programmes",
        sa.Column("id", sa.String(20), primary_key=True, nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("owner", sa.String(200), nullable=False),
        sa.Column("from_day", sa.String(10)),
        sa.Column("to_day", sa.String(10)),
        sa.Column("source", sa.String(400), nullable=False),
        sa.Column("stated", sa.String(10)),
        sa.Column("idempotency_key", sa.String(100), nullable=False, unique=True),
        sa.Column("made_us", _INT, nullable=False),
        sa.Column("made_by", sa.String(40), nullable=False),
    )
    op.create_table(
        "measures",
        sa.Column("id", sa.String(20), primary_key=True, nullable=False),
        sa.Column("programme", sa.String(20), sa.ForeignKey("programmes.id")),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("owner", sa.String(200), nullable=False),
        sa.Column("person", sa.String(40), sa.ForeignKey("users.login")),
        sa.Column("due_day", sa.String(10), nullable=False),
        sa.Column("figure", sa.String(80), nullable=False),
        sa.Column("target", sa.String(80), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("version", _INT, nullable=False),
        sa.Column("claimed_by", sa.String(40)),
        sa.Column("done_by", sa.String(40)),
        sa.Column("started_us", _INT),
        sa.Column("done_us", _INT),
        sa.Column("late", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("idempotency_key", sa.String(100), nullable=False, unique=True),
        sa.Column("made_us", _INT, nullable=False),
        sa.Column("made_by", sa.String(40), nullable=False),
    )
    op.create_index("ix_measures_programme", "measures", ["programme"])
    op.create_index("measures_due", "measures", ["state", "due_day"])
    op.create_table(
        "plan_comments",
        sa.Column("id", _ID, primary_key=True, autoincrement=True, nullable=False),
        sa.Column("draft", sa.String(20), sa.ForeignKey("plan_drafts.id"), nullable=False),
        sa.Column("round", _INT, nullable=False),
        sa.Column("body", sa.String(200), nullable=False),
        sa.Column("words", sa.String(4000), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(1000), nullable=False),
        sa.Column("at_us", _INT, nullable=False),
        sa.Column("by", sa.String(40), nullable=False),
        sa.Column("answered_us", _INT),
        sa.Column("answered_by", sa.String(40)),
    )
    op.create_index("plan_comments_round", "plan_comments", ["draft", "round"])
    op.create_table(
        "plan_rounds",
        sa.Column(
            "draft",
            sa.String(20),
            sa.ForeignKey("plan_drafts.id"),
            primary_key=True,
            nullable=False,
        ),
        sa.Column("number", _INT, primary_key=True, nullable=False),
        sa.Column("version", _INT, nullable=False),
        sa.Column("due_day", sa.String(10), nullable=False),
        sa.Column("opened_us", _INT, nullable=False),
        sa.Column("opened_by", sa.String(40), nullable=False),
        sa.Column("closed_us", _INT),
        sa.Column("closed_by", sa.String(40)),
    )
    op.create_index("plan_rounds_due", "plan_rounds", ["closed_us", "due_day"])
    op.create_table(
        "plan_versions",
        sa.Column(
            "draft",
            sa.String(20),
            sa.ForeignKey("plan_drafts.id"),
            primary_key=True,
            nullable=False,
        ),
        sa.Column("number", _INT, primary_key=True, nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("words", sa.String(20000), nullable=False),
        sa.Column("at_us", _INT, nullable=False),
        sa.Column("by", sa.String(40), nullable=False),
    )
    op.create_table(
        "measure_designs",
        sa.Column(
            "measure", sa.String(20), sa.ForeignKey("measures.id"), primary_key=True, nullable=False
        ),
        sa.Column("number", _INT, primary_key=True, nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("start_us", _INT, nullable=False),
        sa.Column("at_us", _INT, nullable=False),
        sa.Column("by", sa.String(40), nullable=False),
        sa.Column("late", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "measure_evidence",
        sa.Column("id", _ID, primary_key=True, autoincrement=True, nullable=False),
        sa.Column("measure", sa.String(20), sa.ForeignKey("measures.id"), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("reference", sa.String(400), nullable=False),
        sa.Column("words", sa.String(1000), nullable=False),
        sa.Column("at_us", _INT, nullable=False),
        sa.Column("by", sa.String(40), nullable=False),
    )
    op.create_index(
        "measure_evidence_once", "measure_evidence", ["measure", "kind", "reference"], unique=True
    )
    op.create_table(
        "measure_steps",
        sa.Column("id", _ID, primary_key=True, autoincrement=True, nullable=False),
        sa.Column("measure", sa.String(20), sa.ForeignKey("measures.id"), nullable=False),
        sa.Column("at_us", _INT, nullable=False),
        sa.Column("by", sa.String(40), nullable=False),
        sa.Column("event", sa.String(10), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("words", sa.String(1000), nullable=False),
    )
    op.create_index("ix_measure_steps_measure", "measure_steps", ["measure"])


def downgrade() -> None:
    op.drop_table("measure_steps")
    op.drop_table("measure_evidence")
    op.drop_table("measure_designs")
    op.drop_table("plan_versions")
    op.drop_table("plan_rounds")
    op.drop_table("plan_comments")
    op.drop_table("measures")
    op.drop_table("programmes")
    op.drop_table("plan_drafts")
