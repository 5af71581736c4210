"""The history of the register's tables, run by Alembic inside one transaction."""

from __future__ import annotations

from functools import lru_cache

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


def upgrade(connection: Connection) -> None:
    """Bring the tables to the newest shape within the caller's transaction."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


@lru_cache
def newest() -> str:
    """The revision that this version of the software works with."""
    script = ScriptDirectory.from_config(_config())
    return str(script.get_current_head())


def pending(connection: Connection) -> str | None:
    """The newest revision if the tables are not there yet; None if nothing is to be done."""
    standing = MigrationContext.configure(connection).get_current_revision()
    return None if standing == newest() else newest()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", "qalqan.register:migrations")
    return config
