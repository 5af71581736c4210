"""Parts that tests of several rooms share: a small lake, one Spark session for all, keys, a
fresh register, a clock in hand."""

from __future__ import annotations

import os
import secrets
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from hypothesis import settings

from qalqan.clock import SharedClock
from qalqan.errors import Unavailable
from qalqan.lake.engine import DuckEngine
from qalqan.lake.schemas import SCHEMAS
from qalqan.lake.table import Log, write_files
from qalqan.register.database import Database
from qalqan.settings import settings as centre_settings
from qalqan.trust import passwords
from qalqan.trust.keys import Keys

sys.path.append(str(Path(__file__).parent))

from peers.ports import free_port
from peers.postgresql import Registers, programs, served
from peers.s3 import IN_BUCKET
from peers.s3 import served as served_s3
from peers.spark import serving

_FOREIGN_WARNINGS = (
    "ignore:fetch_arrow_table:DeprecationWarning",  # Ibis 12 calls it on DuckDB 1.5
    "ignore:unclosed <socket:ResourceWarning",  # py4j, whenever Spark answers
    "ignore:.*socket.socket:pytest.PytestUnraisableExceptionWarning",
)


settings.register_profile("qalqan", deadline=None)  # tests never time anything
settings.load_profile("qalqan")


def pytest_configure(config: pytest.Config) -> None:
    passwords._hasher = PasswordHasher.from_parameters(CHEAPEST)  # a hash is dear on purpose
    os.environ.setdefault("QALQAN_SECOND_FACTOR", "offered")  # tests of it ask for it
    for line in _FOREIGN_WARNINGS:
        config.addinivalue_line("filterwarnings", line)


ON_SPARK = (pytest.mark.spark, pytest.mark.xdist_group("spark"))
"""Whatever needs Spark runs in one process, whose session all share."""


def pytest_itemcollected(item: pytest.Item) -> None:
    if "spark" in getattr(item, "fixturenames", ()):
        for mark in ON_SPARK:
            item.add_marker(mark)
    if "s3_server" in getattr(item, "fixturenames", ()):
        item.add_marker(IN_BUCKET)


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """A test isn't named by megabytes: names go between processes with each step of a test."""
    if isinstance(val, str | bytes) and len(val) > 120:
        return f"{argname} of {len(val)}"
    return None


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--long", action="store_true", help="run the long tests, and no others")


FIRST = {"test_every_page.py", "test_hamlet.py", "test_kept.py"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Long tests are run alone (`soak/tests.py`) and counted as deselected here. What takes longest
    of the others begins first, so that at the end no process waits for another's."""
    wanted = config.getoption("--long")
    split: dict[bool, list[pytest.Item]] = {True: [], False: []}
    for item in items:
        split[(item.get_closest_marker("long") is not None) == wanted].append(item)
    config.hook.pytest_deselected(items=split[False])
    items[:] = sorted(split[True], key=lambda item: item.path.name not in FIRST)


@dataclass(frozen=True)
class Lake:
    """A lake in a folder of its own."""

    root: str

    def write(self, kind: str, rows: Sequence[Mapping[str, Any]], seal: int = 1) -> None:
        """Append rows of which only what matters need be given."""
        rows_of_lake = facts(kind, rows).drop_columns("seal")
        files = write_files(self.root, kind, rows_of_lake, seal)
        Log(self.root, kind).commit(files, {files[0].path: 1})

    def duck(self) -> DuckEngine:
        return DuckEngine(self.root)


def _day(at_us: int | None) -> date | None:
    return None if at_us is None else datetime.fromtimestamp(at_us // 1_000_000, UTC).date()


def facts(kind: str, rows: Sequence[Mapping[str, Any]], seal: int = 1) -> pa.Table:
    """Rows as the lake's table of that kind: `day` and `seal` filled in, the rest null."""
    schema = SCHEMAS[kind].ibis.to_pyarrow()
    filled = [{"day": _day(row["at_us"]), "seal": seal, **row} for row in rows]
    return pa.Table.from_pylist(filled, schema=schema)


@pytest.fixture
def duck_lake(tmp_path: Path) -> Lake:
    """An empty lake; `duck_lake.duck()` reads it."""
    root = tmp_path / "lake"
    root.mkdir()
    return Lake(str(root))


@pytest.fixture(scope="session")
def make_facts() -> Callable[..., pa.Table]:
    """`facts(kind, rows)` for tests that need no files."""
    return facts


@pytest.fixture(scope="session")
def spark_connect() -> str:
    """Address at which the one session's machine of Java serves Spark Connect, once `spark` is."""
    return f"sc://127.0.0.1:{free_port()}"


@pytest.fixture(scope="session")
def spark(
    spark_connect: str, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> Iterator[Callable[[str], Any]]:
    """`spark(lake_root)` gives a Spark engine on the session that the whole run shares."""
    missing = None if shutil.which("java") else "java"
    try:
        from qalqan.lake import spark_engine
    except Unavailable:
        missing = "pyspark"
    if missing:
        if os.environ.get("CI") == "true":
            pytest.fail(f"Spark's tests need {missing}")
        pytest.skip(f"Spark's tests need {missing}")
    # A short life: compiling harder costs more than it gives.
    os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:+UseSerialGC -XX:TieredStopAtLevel=1")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_CONF_DIR", str(serving(spark_connect, tmp_path_factory.mktemp("conf"))))
        if pytestconfig.getoption("--long"):  # the search for SIM boxes wants more than 3 GB
            patch.setitem(spark_engine._LOCAL, "spark.driver.memory", "12g")
        engine = spark_engine.SparkEngine("")
    engine.session.conf.set("spark.sql.shuffle.partitions", "2")
    yield lambda root: spark_engine.SparkEngine(root)
    engine.session.stop()


@pytest.fixture(params=["duckdb", pytest.param("spark", marks=ON_SPARK)])
def open_on(request: pytest.FixtureRequest) -> Callable[[str], Any]:
    """`open_on(lake_root)` gives an engine; the test runs once on each."""
    if request.param == "duckdb":
        return DuckEngine
    opened: Callable[[str], Any] = request.getfixturevalue("spark")
    return opened


NOON_US = 1_767_250_800_000_000
"""Noon of 1 January 2026 in Almaty."""


@pytest.fixture(scope="session")
def keys() -> Keys:
    """Keys that are written nowhere."""
    return Keys.new()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Address of a PostgreSQL server: the one that `QALQAN_TEST_POSTGRES` names, or our own."""
    if named := os.environ.get("QALQAN_TEST_POSTGRES"):
        yield named
        return
    folder = programs()
    if folder is None:
        if os.environ.get("CI") == "true":
            pytest.fail("the register's tests need PostgreSQL")
        pytest.skip("the register's tests need PostgreSQL")
    with served(folder) as address:
        yield address


@pytest.fixture(scope="session")
def registers(tmp_path_factory: pytest.TempPathFactory) -> Registers:
    return Registers(tmp_path_factory.mktemp("registers"))


@pytest.fixture
def server() -> str | None:
    """Where this test's registers live; None: in files of SQLite. A room whose code must hold
    on PostgreSQL too answers `either_server` instead."""
    return None


@pytest.fixture(params=["sqlite", "postgresql"])
def either_server(request: pytest.FixtureRequest) -> str | None:
    """SQLite, then PostgreSQL."""
    return None if request.param == "sqlite" else request.getfixturevalue("postgresql")


@pytest.fixture
def empty_database(registers: Registers, server: str | None) -> Iterator[Callable[[], str]]:
    """Makes addresses of new databases without tables."""
    made: list[str] = []

    def make() -> str:
        made.append(registers.empty(server))
        return made[-1]

    yield make
    for address in made:
        registers.drop(server, address)


@pytest.fixture
def new_database(registers: Registers, server: str | None) -> Iterator[Callable[[], Database]]:
    """Makes fresh registers with all tables; close them."""
    made: list[str] = []

    def make() -> Database:
        made.append(registers.migrated(server))
        return Database(made[-1])

    yield make
    for address in made:
        registers.drop(server, address)


@pytest.fixture
def brief_database(
    registers: Registers, server: str | None
) -> Callable[[], AbstractContextManager[Database]]:
    """`with brief_database() as database:` a fresh register for the block: for tests that want
    one after the other."""

    @contextmanager
    def made() -> Iterator[Database]:
        address = registers.migrated(server)
        with closing(Database(address)) as database:
            yield database
        registers.drop(server, address)

    return made


@pytest.fixture
def database(new_database: Callable[[], Database]) -> Iterator[Database]:
    """A fresh register of this test."""
    with closing(new_database()) as database:
        yield database


@pytest.fixture
def stopped_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> SharedClock:
    """The shared clock of this test, standing at `NOON_US` until it is set."""
    path = tmp_path / "clock"
    monkeypatch.setenv("QALQAN_CLOCK", str(path))
    return SharedClock.create(path, NOON_US)


@pytest.fixture(scope="session")
def s3_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """The environment in which an S3-compatible server is found."""
    with served_s3(tmp_path_factory.mktemp("s3") / "log") as environment:
        yield environment


@pytest.fixture
def bucket(
    s3_server: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """Address of a lake in a bucket that is empty; the home, with its cache, is this test's."""
    for name, value in {**s3_server, "QALQAN_HOME": str(tmp_path / "home")}.items():
        monkeypatch.setenv(name, value)
    centre_settings.cache_clear()
    name = f"lake-{secrets.token_hex(4)}"
    from qalqan.lake.bucket import file_system

    file_system().mkdir(name)
    yield f"s3://{name}/centre"
    centre_settings.cache_clear()
