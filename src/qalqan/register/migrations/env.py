"""Alembic's entry: the connection, already in its transaction, is handed in by `upgrade`."""

from alembic import context

from qalqan.register.orm import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
