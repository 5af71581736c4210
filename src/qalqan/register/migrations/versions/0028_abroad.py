"""Treaties, contacts and requests abroad; courses and exercises.

Revision ID: 0028
"""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

_INT = sa.BigInteger()
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str, size: int, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(size), nullable=null)


def _number(name: str, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, _INT, nullable=null)


def _small(name: str, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=null)


def _counted() -> sa.Column[int]:
    return sa.Column("id", _ID, primary_key=True, autoincrement=True, nullable=False)


def upgrade() -> None:
    _treaties()
    _contacts()
    _requests()
    _training()


def _treaties() -> None:
    op.create_table(
        "abroad_treaties",
        _counted(),
        sa.Column("code", sa.String(40), nullable=False, unique=True),
        _text("title", 300), _text("standing", 16),
        sa.Column("countries", sa.JSON(), nullable=False),
        sa.Column("allows", sa.JSON(), nullable=False),
        _text("article", 100), _number("valid_from_us"), _text("source", 300),
        _number("source_day_us"), _text("added_by", 40), _number("added_us"),
    )  # fmt: skip
    op.create_table(
        "abroad_treaty_ends",
        sa.Column("code", sa.String(40), primary_key=True, nullable=False),
        _number("until_us"), _text("source", 300), _number("source_day_us"),
        _text("ended_by", 40), _number("ended_us"),
    )  # fmt: skip


def _contacts() -> None:
    op.create_table(
        "abroad_contacts",
        _counted(),
        _text("country", 2), _text("body", 200), _text("channel", 12), _text("hours", 60),
        _text("languages", 60), _text("phone", 40), _text("mail", 120), _number("verified_us"),
        _text("verified_by", 40), _number("retired_us", null=True), _small("version"),
    )  # fmt: skip
    op.create_index("ix_abroad_contacts_country", "abroad_contacts", ["country"])


def _requests() -> None:
    op.create_table(
        "abroad_requests",
        sa.Column("id", sa.String(20), primary_key=True, nullable=False),
        _text("direction", 4),
        sa.Column("case_id", sa.String(20), sa.ForeignKey("cases.id"), nullable=True),
        sa.Column("task", _ID, sa.ForeignKey("case_tasks.id"), nullable=True, unique=True),
        sa.Column("parent", sa.String(20), sa.ForeignKey("abroad_requests.id"), nullable=True),
        _text("kind", 16), _text("country", 2), _text("addressee", 200),
        sa.Column("contact", _ID, sa.ForeignKey("abroad_contacts.id"), nullable=True),
        _text("basis", 40, null=True), _text("subject_kind", 8, null=True),
        _text("subject", 300, null=True), _text("words", 1000), _text("reference", 60),
        _small("term_days"), _small("keep_days", null=True), _text("state", 12),
        _small("version"), _text("drafted_by", 40), _number("drafted_us"),
        _text("approved_by", 40, null=True), _number("sent_us", null=True),
        _number("due_us", null=True), _number("answered_us", null=True),
        _text("outcome", 12, null=True), _number("kept_until_us", null=True),
        sa.Column("idempotency_key", sa.String(120), nullable=False, unique=True),
    )  # fmt: skip
    op.create_index("ix_abroad_requests_case_id", "abroad_requests", ["case_id"])
    op.create_index("abroad_requests_due", "abroad_requests", ["state", "due_us"])
    op.create_table(
        "abroad_steps",
        _counted(),
        sa.Column("request", sa.String(20), sa.ForeignKey("abroad_requests.id"), nullable=False),
        _number("at_us"), _text("by", 60), _text("event", 12), _text("state", 12),
        _text("words", 1000),
        sa.Column("document", sa.String(20), sa.ForeignKey("case_documents.id"), nullable=True),
    )  # fmt: skip
    op.create_index("ix_abroad_steps_request", "abroad_steps", ["request"])


def _training() -> None:
    op.create_table(
        "courses",
        _counted(),
        _text("title", 200), _text("provider", 16),
        sa.Column("roles", sa.JSON(), nullable=False), _small("valid_months", null=True),
        _text("made_by", 40), _number("made_us"), _number("ended_us", null=True),
    )  # fmt: skip
    op.create_table(
        "courses_taken",
        _counted(),
        sa.Column("course", _ID, sa.ForeignKey("courses.id"), nullable=False),
        sa.Column("login", sa.String(40), sa.ForeignKey("users.login"), nullable=False),
        _number("day_us"), _text("result", 8), _number("valid_until_us", null=True),
        _text("noted_by", 40), _number("noted_us"),
    )  # fmt: skip
    op.create_index("ix_courses_taken_login", "courses_taken", ["login"])
    op.create_index("courses_taken_course", "courses_taken", ["course", "login"])
    op.create_table(
        "exercises",
        _counted(),
        sa.Column("login", sa.String(40), sa.ForeignKey("users.login"), nullable=False),
        _text("kind", 12), _text("level", 8), _number("seed"), _text("edition", 8),
        sa.Column("acts", sa.JSON(), nullable=False), _small("version"), _number("begun_us"),
        _number("ended_us", null=True), _small("points", null=True),
        sa.Column("parts", sa.JSON(), nullable=False),
    )  # fmt: skip
    op.create_index("ix_exercises_login", "exercises", ["login"])


def downgrade() -> None:
    for table in (
        "exercises", "courses_taken", "courses", "abroad_steps", "abroad_requests",
        "abroad_contacts", "abroad_treaty_ends", "abroad_treaties",
    ):  # fmt: skip
        op.drop_table(table)
