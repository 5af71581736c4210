"""Second factors, passkeys, devices.

Revision ID: 0012
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_INT = sa.BigInteger()
_SESSION: dict[str, sa.Column[Any]] = {
    "stage": sa.Column("stage", sa.String(12)),
    "factors": sa.Column("factors", sa.String(20), nullable=False, server_default="password"),
    "device": sa.Column("device", sa.String(60)),
    "network": sa.Column("network", sa.String(50)),
    "seen_us": sa.Column("seen_us", _INT, nullable=False, server_default=sa.text("0")),
    "proved_us": sa.Column("proved_us", _INT, nullable=False, server_default=sa.text("0")),
}


def _login() -> sa.Column[Any]:
    return sa.Column("login", sa.String(40), sa.ForeignKey("users.login"), nullable=False)


def upgrade() -> None:
    op.add_column("users", sa.Column("given_us", _INT))
    for column in _SESSION.values():
        op.add_column("sessions", column)
    op.create_index("ix_sessions_login", "sessions", ["login"])
    op.create_table(
        "totp",
        sa.Column(
            "login", sa.String(40), sa.ForeignKey("users.login"), primary_key=True, nullable=False
        ),
        sa.Column("box", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", _INT, nullable=False),
        sa.Column("since_us", _INT),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("code_hash", sa.String(64), primary_key=True, nullable=False),
        _login(),
        sa.Column("used_us", _INT),
    )
    op.create_index("ix_recovery_codes_login", "recovery_codes", ["login"])
    op.create_table(
        "passkeys",
        sa.Column("id", sa.String(64), primary_key=True, nullable=False),
        _login(),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("credential", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("count", _INT, nullable=False),
        sa.Column("created_us", _INT, nullable=False),
        sa.Column("used_us", _INT),
    )
    op.create_index("ix_passkeys_login", "passkeys", ["login"])
    op.create_table(
        "challenges",
        sa.Column("id", sa.String(64), primary_key=True, nullable=False),
        sa.Column("purpose", sa.String(12), nullable=False),
        sa.Column("session", sa.String(64), nullable=False),
        sa.Column("until_us", _INT, nullable=False),
    )


def downgrade() -> None:
    for table in ("challenges", "passkeys", "recovery_codes", "totp"):
        op.drop_table(table)
    op.drop_index("ix_sessions_login", "sessions")
    for name in reversed(_SESSION):
        op.drop_column("sessions", name)
    op.drop_column("users", "given_us")
