"""The history of the register's tables, run by Alembic inside one transaction."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection


def upgrade(connection: Connection) -> None:
    """Bring the tables to the newest shape within the caller's transaction."""
    config = Config()
    config.set_main_option("script_location", "qalqan.register:migrations")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
