"""The same questions on Apache Spark: `local[n]`, `spark://host:port` or Connect `sc://…`.

Ibis carries tables to and from Spark through pandas, where a nullable integer becomes a
float: a sum beyond 2^53 would lose its last units. Both ways go through Arrow here.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import ibis
import pyarrow as pa

from qalqan.errors import Unavailable
from qalqan.lake.engine import (
    frozen_files,
    has_after,
    narrowed,
    schema_of,
    table_address,
    view_name,
)

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

try:
    from ibis.backends.pyspark import Backend
    from ibis.backends.pyspark.datatypes import PySparkSchema
    from pyspark.errors import PySparkRuntimeError
    from pyspark.sql import SparkSession as _SparkSession
except ModuleNotFoundError as missing:
    raise Unavailable(
        f"engine spark lacks {missing.name}: install the extra, pip install 'qalqan[spark]'",
        "engine.spark",
        name=missing.name,
    ) from missing

_UTC = ("spark.sql.session.timeZone", "UTC")
_ANY = {
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.extraJavaOptions": "-Duser.timezone=UTC",
    "spark.sql.warehouse.dir": str(Path(tempfile.gettempdir()) / "qalqan-spark"),
}
_LOCAL = {
    "spark.driver.memory": "3g",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "8",
}
"""What a cluster's own `spark-defaults.conf` says for a cluster."""


class _ArrowBackend(Backend):  # type: ignore[misc]
    """Ibis on Spark without the way round by pandas."""

    def _register_in_memory_table(self, op: Any) -> None:
        rows = op.data.to_pyarrow(op.schema).cast(op.schema.to_pyarrow())
        frame = self._session.createDataFrame(rows, PySparkSchema.from_ibis(op.schema))
        frame.createOrReplaceTempView(op.name)

    def to_pyarrow(self, expr: Any, /, **_: Any) -> pa.Table:
        self._run_pre_execute_hooks(expr)
        rows = self._session.sql(self.compile(expr)).toArrow()
        return rows.cast(expr.schema().to_pyarrow())


class SparkEngine:
    """Spark, in this machine or on a cluster that sees the lake under the same path."""

    name = "spark"

    def __init__(self, lake_root: str, master: str = "local[2]") -> None:
        self.lake_root = lake_root
        self.session = _session(master)
        _ArrowBackend.register_options()
        self.connection = _ArrowBackend().connect(self.session)

    def table(
        self,
        kind: str,
        first_day: date | None = None,
        last_day: date | None = None,
        up_to_seal: int | None = None,
        after_seal: int = 0,
    ) -> ibis.Table:
        schema = schema_of(kind)
        files = frozen_files(self.lake_root, kind, first_day, last_day, after_seal)
        if not files:
            return self.memtable(schema.to_pyarrow().empty_table())
        view = view_name(kind, files)
        frame = (
            self.session.read.schema(PySparkSchema.from_ibis(schema))
            .option("basePath", unquote(table_address(self.lake_root, kind)))
            .parquet(*files)
        )
        frame.select(*schema.names).createOrReplaceTempView(view)
        return narrowed(self.connection.table(view), first_day, last_day, up_to_seal, after_seal)

    def holding(
        self, wanted: Mapping[str, Sequence[str]], up_to_seal: int
    ) -> AbstractContextManager[None]:
        """Nothing is held: each executor reads its part of the files, and years would not fit."""
        return nullcontext()

    def held(self, kind: str, columns: Sequence[str], up_to_seal: int) -> ibis.Table:
        return self.table(kind, up_to_seal=up_to_seal).select(*columns)

    def has_after(self, kind: str, after_seal: int) -> bool:
        return has_after(self.lake_root, kind, after_seal)

    def memtable(self, rows: pa.Table) -> ibis.Table:
        return ibis.memtable(rows)

    def run(self, expr: ibis.Table) -> pa.Table:
        return self.connection.to_pyarrow(expr)

    def close(self) -> None:
        """Leave the session: it belongs to the process, and other engines may share it."""
        self.session.catalog.clearCache()


def _session(master: str) -> SparkSession:
    builder = _SparkSession.builder.appName("qalqan")
    if master.startswith("sc://"):
        session = builder.remote(master).getOrCreate()
    else:
        session = _own(builder, master)
    session.conf.set(*_UTC)  # whatever a server's default is
    return session


def _own(builder: Any, master: str) -> SparkSession:
    """A session whose driver is this process: threads of its own, or a cluster's executors."""
    told = dict(_ANY)
    if master.startswith("local"):
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        told |= _LOCAL
    for name, value in told.items():
        builder = builder.config(name, value)
    try:
        session: SparkSession = builder.master(master).getOrCreate()
    except PySparkRuntimeError as error:  # its launcher found no Java, or one too old
        raise Unavailable("engine spark does not start", "engine.java") from error
    session.sparkContext.setLogLevel("ERROR")
    return session
