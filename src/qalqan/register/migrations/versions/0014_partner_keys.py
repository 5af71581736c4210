"""Partners' keys with scopes and terms, certificates, events to tell; tokens become keys.

SQLite can't drop a unique column, so the table of partners is made anew there. Its foreign keys
stay on: they wait for the end of the transaction, and by then every row stands again.

Revision ID: 0014
"""

import json
import secrets
import time
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_INT = sa.BigInteger()
_ID = _INT.with_variant(sa.Integer(), "sqlite")
_STAYS = "code, kind, names, bank_code, delivery, endpoint, feeds, active, iso20022"
_TOKENS = ("token_hash", "old_token_hash", "old_token_until_us")
_BANK = (
    "facts:write", "facts:read", "orders:read", "orders:answer", "events:read", "warnings:read",
    "appeals:write", "screens:ask", "stats:read",
)  # fmt: skip
_CHANNEL = (
    "facts:write", "facts:read", "reports:write", "orders:read", "orders:answer", "events:read",
    "appeals:write", "stats:read",
)  # fmt: skip
_OTHER = (
    "facts:write", "facts:read", "orders:read", "orders:answer", "events:read", "appeals:write",
    "stats:read",
)  # fmt: skip
_SCOPES = {"bank": _BANK, "wallet": _BANK, "channel": _CHANNEL, "volunteers": _CHANNEL}


def upgrade() -> None:
    partners = op.get_bind().execute(sa.text("SELECT * FROM partners")).mappings().all()
    if op.get_bind().dialect.name == "sqlite":
        _anew(*_plain(), *_added())
    else:
        for name in _TOKENS:
            op.drop_column("partners", name)
        for column in _added():
            op.add_column("partners", column)
    _keys()
    _events()
    _move(partners)


def downgrade() -> None:
    newest = (
        "SELECT partner, token_hash FROM partner_keys WHERE revoked_us IS NULL AND until_us IS NULL"
        " ORDER BY id"
    )
    hashes = {code: told for code, told in op.get_bind().execute(sa.text(newest))}
    op.drop_table("partner_events")
    op.drop_table("partner_keys")
    if op.get_bind().dialect.name == "sqlite":
        _anew(*_plain(_unique_tokens()), tokens=hashes)
        return
    for column in _added():
        op.drop_column("partners", column.name)
    for column in _unique_tokens(nullable=True):
        op.add_column("partners", column)
    for (code,) in op.get_bind().execute(sa.text("SELECT code FROM partners")).all():
        told = {"code": code, "hash": hashes.get(code, secrets.token_hex(32))}
        op.get_bind().execute(
            sa.text("UPDATE partners SET token_hash = :hash WHERE code = :code"), told
        )
    op.alter_column("partners", "token_hash", nullable=False)
    for name in _TOKENS[:2]:
        op.create_unique_constraint(f"partners_{name}_key", "partners", [name])


def _plain(tokens: tuple[sa.Column[Any], ...] = ()) -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("code", sa.String(32), primary_key=True, nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("bank_code", sa.String(11), unique=True),
        *tokens,
        sa.Column("delivery", sa.String(8), nullable=False),
        sa.Column("endpoint", sa.String(200)),
        sa.Column("feeds", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("iso20022", sa.Boolean(), nullable=False, server_default=sa.false()),
    )


def _added() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("events_to", sa.String(200)),
        sa.Column("mail", sa.String(120)),
        sa.Column("mail_certificate", sa.Text()),
        sa.Column("failing_since_us", _INT),
        sa.Column("failure", sa.String(60)),
    )


def _unique_tokens(nullable: bool = False) -> tuple[sa.Column[Any], ...]:
    unique = not nullable  # a column that is added gets its constraint afterwards
    return (
        sa.Column("token_hash", sa.String(64), nullable=nullable, unique=unique),
        sa.Column("old_token_hash", sa.String(64), unique=unique),
        sa.Column("old_token_until_us", _INT),
    )


def _anew(*columns: sa.Column[Any], tokens: dict[str, str] | None = None) -> None:
    """The table of partners with these columns and the rows it has, on SQLite. While the rows are
    away the keys of others point nowhere; each row that comes back mends its own."""
    bind = op.get_bind()
    rows = bind.execute(sa.text(f"SELECT {_STAYS} FROM partners")).mappings().all()
    op.create_table("partners_anew", *columns)
    op.execute("PRAGMA defer_foreign_keys = ON")
    op.drop_table("partners")
    op.rename_table("partners_anew", "partners")
    for row in rows:
        told = dict(row)
        if tokens is not None:
            told["token_hash"] = tokens.get(row["code"], secrets.token_hex(32))
        names, values = ", ".join(told), ", ".join(f":{name}" for name in told)
        bind.execute(sa.text(f"INSERT INTO partners ({names}) VALUES ({values})"), told)


def _keys() -> None:
    op.create_table(
        "partner_keys",
        sa.Column("id", _ID, primary_key=True, autoincrement=True, nullable=False),
        sa.Column("partner", sa.String(32), sa.ForeignKey("partners.code"), nullable=False),
        sa.Column("label", sa.String(60), nullable=False),
        sa.Column("token_hash", sa.String(64), nullable=False, unique=True),
        sa.Column("thumbprint", sa.String(64)),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("made_us", _INT, nullable=False),
        sa.Column("made_by", sa.String(60), nullable=False),
        sa.Column("until_us", _INT),
        sa.Column("used_us", _INT),
        sa.Column("revoked_us", _INT),
        sa.Column("warned_us", _INT),
    )
    op.create_index("ix_partner_keys_partner", "partner_keys", ["partner"])


def _events() -> None:
    op.create_table(
        "partner_events",
        sa.Column("id", _ID, primary_key=True, autoincrement=True, nullable=False),
        sa.Column("partner", sa.String(32), sa.ForeignKey("partners.code"), nullable=False),
        sa.Column("kind", sa.String(24), nullable=False),
        sa.Column("at_us", _INT, nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("place", _INT),
        sa.Column("told_us", _INT),
    )
    op.create_index("partner_events_place", "partner_events", ["partner", "place"], unique=True)
    new = sa.text("place IS NULL")
    op.create_index(
        "partner_events_new", "partner_events", ["partner", "id"], sqlite_where=new,
        postgresql_where=new,
    )  # fmt: skip
    op.create_index("partner_events_age", "partner_events", ["at_us"])


def _move(partners: Sequence[Any]) -> None:
    """Each token becomes a key with what its kind of partner may do; the one before it keeps its
    term."""
    now = time.time_ns() // 1_000
    insert = sa.text(
        "INSERT INTO partner_keys (partner, label, token_hash, scopes, made_us, made_by, until_us)"
        " VALUES (:partner, :label, :hash, :scopes, :now, 'migration', :until)"
    )
    for each in partners:
        scopes = json.dumps(_SCOPES.get(each["kind"], _OTHER))
        told = {"partner": each["code"], "scopes": scopes, "now": now}
        old = each["old_token_hash"]
        if old is not None and (each["old_token_until_us"] or 0) > now:
            more = {"label": "before", "hash": old, "until": each["old_token_until_us"]}
            op.get_bind().execute(insert, {**told, **more})
        first = {"label": "first", "hash": each["token_hash"], "until": None}
        op.get_bind().execute(insert, {**told, **first})
