"""The audit as a Merkle log, checkpoints, batches of the vault, purposes.

Revision ID: 0013
"""

from hashlib import sha256

import sqlalchemy as sa
from alembic import op

from qalqan.clock import now_us

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_INT = sa.BigInteger()
_ALL = ("log_tiles", "log_checkpoints", "vault_batches", "vault_gone", "vault_blocks", "purposes")
_SOURCES = {"audit": "audit rows", "order_events": "orders' history", "vault_batches": "batches"}
"""Tables whose rows are only added, and get their place in the log once."""


def upgrade() -> None:
    op.add_column("audit", sa.Column("seq", _INT))
    op.add_column("order_events", sa.Column("digest", sa.String(64)))
    op.add_column("order_events", sa.Column("seq", _INT))
    op.add_column("vault", sa.Column("batch", _INT, nullable=False, server_default=sa.text("0")))
    op.create_index("audit_actor", "audit", ["actor", "id"])
    _tables()
    for table in _SOURCES:
        op.create_index(f"{table}_seq", table, ["seq"], unique=True)
    _adopt_vault()
    if op.get_bind().dialect.name == "sqlite":
        _guard_on_sqlite()
    else:
        _guard_on_postgresql()


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _unguard_on_sqlite()
    else:
        _unguard_on_postgresql()
    for name in _ALL:
        op.drop_table(name)
    op.drop_index("audit_seq", "audit")
    op.drop_index("audit_actor", "audit")
    op.drop_index("order_events_seq", "order_events")
    op.drop_column("audit", "seq")
    op.drop_column("order_events", "seq")
    op.drop_column("order_events", "digest")
    op.drop_column("vault", "batch")


def _tables() -> None:
    op.create_table(
        "log_tiles",
        sa.Column("level", _INT, primary_key=True, autoincrement=False, nullable=False),
        sa.Column("place", _INT, primary_key=True, autoincrement=False, nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "log_checkpoints",
        sa.Column("size", _INT, primary_key=True, autoincrement=False, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("at_us", _INT, nullable=False),
        sa.Column("note", sa.String(), nullable=False),
    )
    op.create_table(
        "vault_batches",
        sa.Column("id", _INT, primary_key=True, autoincrement=False, nullable=False),
        sa.Column("at_us", _INT, nullable=False),
        sa.Column("rows", _INT, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("seq", _INT),
    )
    op.create_table(
        "vault_gone",
        sa.Column("token", sa.String(48), primary_key=True, nullable=False),
        sa.Column("batch", _INT, primary_key=True, autoincrement=False, nullable=False),
        sa.Column("number", _INT, nullable=False),
        sa.Column("at_us", _INT, nullable=False),
    )
    op.create_index("ix_vault_gone_number", "vault_gone", ["number"])
    op.create_table(
        "vault_blocks",
        sa.Column("token", sa.String(48), primary_key=True, nullable=False),
        sa.Column("reason", sa.String(200), nullable=False),
        sa.Column("blocked_by", sa.String(40), nullable=False),
        sa.Column("blocked_us", _INT, nullable=False),
    )
    op.create_table(
        "purposes",
        sa.Column("session", sa.String(64), primary_key=True, nullable=False),
        sa.Column(
            "case_id", sa.String(20), sa.ForeignKey("cases.id"), primary_key=True, nullable=False
        ),
        sa.Column("login", sa.String(40), nullable=False),
        sa.Column("code", sa.String(20), nullable=False),
        sa.Column("words", sa.String(160), server_default=sa.text("''"), nullable=False),
        sa.Column("at_us", _INT, nullable=False),
    )


def _adopt_vault() -> None:
    """What the vault holds already is batch 0; an empty vault has none."""
    bind, digest, rows = op.get_bind(), sha256(), 0
    collate = "" if bind.dialect.name == "sqlite" else ' COLLATE "C"'
    asked = sa.text(f"SELECT token FROM vault ORDER BY token{collate}")
    for token in bind.execute(asked.execution_options(yield_per=5_000)).scalars():
        digest.update(f"{token}\n".encode())
        rows += 1
    if rows:
        told = {"at": now_us(), "rows": rows, "digest": digest.hexdigest()}
        op.get_bind().execute(
            sa.text("INSERT INTO vault_batches VALUES (0, :at, :rows, :digest, NULL)"), told
        )


def _columns(table: str) -> list[str]:
    return [column["name"] for column in sa.inspect(op.get_bind()).get_columns(table)]


def _guard_on_sqlite() -> None:
    op.execute("DROP TRIGGER audit_no_update")
    for table, what in _SOURCES.items():
        same = " AND ".join(
            f"NEW.{name} IS OLD.{name}" for name in _columns(table) if name != "seq"
        )
        placed = f"OLD.seq IS NULL AND NEW.seq IS NOT NULL AND {same}"
        moments = {"no_update": f"UPDATE ON {table} WHEN NOT ({placed})"}
        if table != "audit":  # its other guards stand since 0001
            moments["no_delete"] = f"DELETE ON {table}"
            twin = f"SELECT 1 FROM {table} WHERE id = NEW.id"
            moments["no_replace"] = f"INSERT ON {table} WHEN EXISTS ({twin})"
        for name, moment in moments.items():
            told = f"{what} are only added".replace("'", "''")
            op.execute(
                f"CREATE TRIGGER {table}_{name} BEFORE {moment} "
                f"BEGIN SELECT RAISE(ABORT, '{told}'); END"
            )


def _guard_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION only_placed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "IF TG_OP = 'UPDATE' AND OLD.seq IS NULL AND NEW.seq IS NOT NULL AND"
        " to_jsonb(NEW) - 'seq' = to_jsonb(OLD) - 'seq' THEN RETURN NEW; END IF; "
        "RAISE EXCEPTION '% are only added', TG_ARGV[0]; END $$"
    )
    op.execute("DROP TRIGGER audit_no_change ON audit")
    for table, what in _SOURCES.items():
        told = what.replace("'", "''")
        op.execute(
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION only_placed('{told}')"
        )
        if table != "audit":
            op.execute(
                f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION only_placed('{told}')"
            )


def _unguard_on_sqlite() -> None:
    op.execute("DROP TRIGGER audit_no_update")
    for name in ("no_update", "no_delete", "no_replace"):
        op.execute(f"DROP TRIGGER order_events_{name}")
    op.execute(
        "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit "
        "BEGIN SELECT RAISE(ABORT, 'audit rows are only added'); END"
    )


def _unguard_on_postgresql() -> None:
    for name in ("no_change", "no_truncate"):
        op.execute(f"DROP TRIGGER order_events_{name} ON order_events")
        op.execute(f"DROP TRIGGER vault_batches_{name} ON vault_batches")
    op.execute("DROP TRIGGER audit_no_change ON audit")
    op.execute("DROP FUNCTION only_placed()")
    op.execute(
        "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit "
        "FOR EACH ROW EXECUTE FUNCTION audit_only_grows()"
    )
