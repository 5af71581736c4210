"""Intervals of figures that were shown; of a period that runs the newest value alone is kept.

Revision ID: 0031
"""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("low", "high"):
        op.add_column("figure_values", sa.Column(name, sa.String(80), nullable=True))
    values = sa.table(
        "figure_values", sa.column("id"), sa.column("code"), sa.column("period"),
        sa.column("part"), sa.column("is_final", sa.Boolean()),
    )  # fmt: skip
    newest = sa.select(sa.func.max(values.c.id)).group_by(
        values.c.code, values.c.period, values.c.part
    )
    passed = sa.not_(values.c.is_final) & values.c.id.not_in(newest)
    op.execute(values.delete().where(passed))


def downgrade() -> None:
    for name in ("low", "high"):
        op.drop_column("figure_values", name)
