"""The history of the register's tables, run by Alembic inside one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, column, func, inspect, select, text

from qalqan.errors import Conflict, NotFound

BASE = "base"
"""No tables at all."""


@dataclass(frozen=True)
class Moved:
    """From which revision to which ("base": no tables), and the rows that went with their
    tables: table → rows, or table.column → values."""

    before: str
    after: str
    lost: dict[str, int]


def upgrade(connection: Connection) -> None:
    """Bring the tables to the newest shape within the caller's transaction."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def move(connection: Connection, to: str, destroy: bool = False) -> Moved:
    """Bring the tables to a revision, up or down, within the caller's transaction; `head` is
    the newest, `base` is none at all.

    Raises:
        NotFound: no such revision.
        Conflict: rows would be lost and `destroy` does not say that they may. The transaction
            has to be rolled back then.
    """
    before, after = standing(connection), newest() if to == "head" else to
    line = [*history(), BASE]
    if after not in line:
        raise NotFound("revision", to)
    config = _config()
    config.attributes["connection"] = connection
    if line.index(after) <= line.index(before):
        command.upgrade(config, after)
        return Moved(before, after, {})
    held = _held(connection)
    command.downgrade(config, after)
    left = _held(connection)
    lost = {name: rows for name, rows in held.items() if rows and name not in left}
    for name in [name for name in lost if "." in name and name.partition(".")[0] in lost]:
        del lost[name]  # the whole table went
    if lost and not destroy:
        told = ", ".join(f"{name} ({rows})" for name, rows in sorted(lost.items()))
        raise Conflict("register", before, told, f"revision {after}")
    return Moved(before, after, lost)


def standing(connection: Connection) -> str:
    """The revision that the tables are at."""
    return MigrationContext.configure(connection).get_current_revision() or BASE


def _held(connection: Connection) -> dict[str, int]:
    """Table → its rows, table.column → its values: what there is to lose."""
    seen, found = inspect(connection), dict[str, int]()
    for table in (name for name in seen.get_table_names() if name != "alembic_version"):
        columns: list[Any] = [column(each["name"]) for each in seen.get_columns(table)]
        asked = select(func.count(), *map(func.count, columns)).select_from(text(table))
        rows, *values = connection.execute(asked).one()
        found[table] = rows
        found |= {f"{table}.{one.name}": n for one, n in zip(columns, values, strict=True)}
    return found


def history() -> list[str]:
    """All revisions, the newest first; they form one line."""
    script = ScriptDirectory.from_config(_config())
    return [one.revision for one in script.walk_revisions()]


@lru_cache
def newest() -> str:
    """The revision that this version of the software works with."""
    return history()[0]


def pending(connection: Connection) -> str | None:
    """The newest revision if the tables are not there yet; None if nothing is to be done."""
    return None if standing(connection) == newest() else newest()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "qalqan.register:migrations")
    return config
