"""The register's tests run on SQLite, and on PostgreSQL when `QALQAN_TEST_POSTGRES` names a
server, such as `postgresql://postgres@127.0.0.1:5432/postgres`."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text

from qalqan.register.database import Database

SERVER = os.environ.get("QALQAN_TEST_POSTGRES")


@pytest.fixture(scope="session", params=["sqlite", "postgresql"] if SERVER else ["sqlite"])
def empty_database(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], str]]:
    """Addresses of new databases, copied from a named one ("" makes it without tables)."""
    if request.param == "sqlite":
        yield _files(tmp_path_factory.mktemp("registers"))
    else:
        yield from _databases(str(SERVER))


def _files(folder: Path) -> Callable[[str], str]:
    numbers = count()

    def make(template: str) -> str:
        path = folder / f"{next(numbers)}.db"
        if template:
            shutil.copy(str(make_url(template).database), path)
        return f"sqlite:///{path}"

    return make


def _databases(server: str) -> Iterator[Callable[[str], str]]:
    url = make_url(server).set(drivername="postgresql+psycopg")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    made: list[str] = []

    def make(template: str) -> str:
        name = f"qalqan_test_{os.getpid()}_{len(made)}"
        copied = f" TEMPLATE {make_url(template).database}" if template else ""
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}{copied}"))
        made.append(name)
        return url.set(database=name).render_as_string(hide_password=False)

    yield make
    with engine.connect() as connection:
        for name in reversed(made):
            connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture(scope="session")
def new_database(empty_database: Callable[[str], str]) -> Callable[[], Database]:
    template = empty_database("")
    with closing(Database(template)) as database:
        database.migrate()
    return lambda: Database(empty_database(template))
