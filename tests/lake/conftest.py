"""A register, keys and an empty lake; on PostgreSQL too when `QALQAN_TEST_POSTGRES` names one."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from sqlalchemy import create_engine, make_url, text

from qalqan.exchange.given import column_of
from qalqan.lake.engine import DuckEngine
from qalqan.lake.intake import take
from qalqan.lake.receipt import Receipt
from qalqan.register.database import Database
from qalqan.trust.keys import Keys

SERVER = os.environ.get("QALQAN_TEST_POSTGRES")


@pytest.fixture(scope="session")
def empty_register(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("register") / "register.db"
    with closing(Database(f"sqlite:///{path}")) as database:
        database.migrate()
    return path


@pytest.fixture(params=["sqlite", "postgresql"] if SERVER else ["sqlite"])
def address(request: pytest.FixtureRequest, empty_register: Path, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        shutil.copy(empty_register, tmp_path / "register.db")
        yield f"sqlite:///{tmp_path / 'register.db'}"
        return
    url = make_url(str(SERVER)).set(drivername="postgresql+psycopg")
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    name = f"qalqan_lake_{uuid.uuid4().hex[:12]}"
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    made = url.set(database=name).render_as_string(hide_password=False)
    with closing(Database(made)) as database:
        database.migrate()
    yield made
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture
def database(address: str) -> Iterator[Database]:
    with closing(Database(address)) as opened:
        yield opened


@pytest.fixture
def lake_root(tmp_path: Path) -> str:
    return str(tmp_path / "lake")


def _table(rows: list[dict[str, Any]]) -> pa.Table:
    names = dict.fromkeys(name for row in rows for name in row)
    return pa.table({name: column_of([row.get(name) for row in rows]) for name in names})


@pytest.fixture
def give(database: Database, keys: Keys, lake_root: str) -> Callable[..., Receipt]:
    """Takes rows of a kind (payments unless told otherwise) from the partner `bank-a`."""

    def taken(*rows: dict[str, Any], kind: str = "payment", **more: Any) -> Receipt:
        terms = {"name": "test", "source": "bank-a", "lake_root": lake_root, **more}
        receipt = take(database, keys, kind, table=_table(list(rows)), **terms)
        assert receipt.read == receipt.accepted + receipt.duplicate + receipt.quarantined
        return receipt

    return taken


@pytest.fixture
def lake(lake_root: str) -> Iterator[Callable[[str], list[dict[str, Any]]]]:
    """The rows of a kind that are in the lake, in the order of their seal and id."""
    engine = DuckEngine(lake_root)

    def rows(kind: str) -> list[dict[str, Any]]:
        found = engine.run(engine.table(kind)).to_pylist()
        return sorted(found, key=lambda row: (row["seal"], row["id"]))

    yield rows
    engine.close()
