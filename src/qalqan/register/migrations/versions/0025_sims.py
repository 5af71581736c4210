"""Lists of devices, what numbers are tied to, and what operators are asked to put in order.

Revision ID: 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

_INT = sa.BigInteger()
_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str, size: int, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.String(size), nullable=null)


def upgrade() -> None:
    _devices()
    _links()
    _compliance()


def _devices() -> None:
    op.create_table(
        "devices",
        sa.Column("device", sa.String(48), primary_key=True, nullable=False),
        _text("list", 8),
        sa.Column("holder", sa.String(32), sa.ForeignKey("partners.code"), nullable=True),
        _text("reference", 100),
        _text("region", 8, null=True),
        sa.Column("since_us", _INT, nullable=False),
        sa.Column("until_us", _INT, nullable=True),
        sa.Column("grey_over_us", _INT, nullable=True),
    )
    op.create_index("ix_devices_holder", "devices", ["holder"])
    op.create_index("ix_devices_until_us", "devices", ["until_us"])
    op.create_index("devices_list", "devices", ["list", "since_us"])
    op.create_table(
        "device_steps",
        sa.Column("id", _ID, primary_key=True, autoincrement=True, nullable=False),
        sa.Column("device", sa.String(48), sa.ForeignKey("devices.device"), nullable=False),
        sa.Column("at_us", _INT, nullable=False),
        _text("by", 60),
        _text("what", 8),
        _text("was", 8),
        _text("list", 8),
        _text("holder", 32, null=True),
        _text("reference", 100),
        _text("region", 8, null=True),
        sa.Column("until_us", _INT, nullable=True),
        _text("note", 400),
        _text("second", 40, null=True),
        sa.Column("pending", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_index("ix_device_steps_device", "device_steps", ["device"])


def _links() -> None:
    op.create_table(
        "number_links",
        sa.Column("phone", sa.String(48), primary_key=True, nullable=False),
        sa.Column("kind", sa.String(12), primary_key=True, nullable=False),
        sa.Column("other", sa.String(48), primary_key=True, nullable=False),
        sa.Column("source", sa.String(32), primary_key=True, nullable=False),
        sa.Column("first_us", _INT, nullable=False),
        sa.Column("last_us", _INT, nullable=False),
        _text("fact", 140),
        _text("detail", 60),
        _text("dealer", 60),
    )
    op.create_index("number_links_other", "number_links", ["other", "kind"])
    op.create_table(
        "number_links_read",
        sa.Column("kind", sa.String(16), primary_key=True, nullable=False),
        sa.Column("seal", _INT, nullable=False),
        sa.Column("dropped", _INT, nullable=False),
    )


def _compliance() -> None:
    op.create_table(
        "compliance_items",
        sa.Column("id", sa.String(20), primary_key=True, nullable=False),
        sa.Column("partner", sa.String(32), sa.ForeignKey("partners.code"), nullable=False),
        sa.Column("finding", _ID, sa.ForeignKey("findings.id"), nullable=False),
        sa.Column("numbers", sa.JSON(), nullable=False),
        _text("term", 32),
        sa.Column("asked_us", _INT, nullable=False),
        _text("asked_by", 40),
        sa.Column("due_us", _INT, nullable=False),
        _text("state", 10),
        sa.Column("version", _INT, nullable=False),
        _text("answer", 16, null=True),
        _text("words", 1000),
        sa.Column("answered_us", _INT, nullable=True),
        _text("answered_by", 60, null=True),
        sa.Column("late", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_index(
        "compliance_items_once", "compliance_items", ["finding", "partner"], unique=True
    )
    op.create_index("compliance_items_partner", "compliance_items", ["partner", "state"])
    op.create_index("compliance_items_due", "compliance_items", ["state", "due_us"])
    op.create_table(
        "compliance_steps",
        sa.Column("id", _ID, primary_key=True, autoincrement=True, nullable=False),
        sa.Column("item", sa.String(20), sa.ForeignKey("compliance_items.id"), nullable=False),
        sa.Column("at_us", _INT, nullable=False),
        _text("by", 60),
        _text("event", 10),
        _text("state", 10),
        _text("answer", 16, null=True),
        _text("words", 1000),
    )
    op.create_index("ix_compliance_steps_item", "compliance_steps", ["item"])


def downgrade() -> None:
    for table in (
        "compliance_steps", "compliance_items", "number_links_read", "number_links",
        "device_steps", "devices",
    ):  # fmt: skip
        op.drop_table(table)
