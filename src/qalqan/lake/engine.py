"""One question, two engines: a frozen set of lake files as Ibis tables on DuckDB or Spark.

Plain reads of the same files do not give the same table on both engines, so `Engine.table`
promises more than they do: exactly the columns of the kind's schema, in its order and types,
`day` included although Delta keeps it in the path, an empty table where nothing has been
sealed yet, and no file that was added after the call. Time is UTC on both.
"""

from __future__ import annotations

import hashlib
import secrets
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import date
from functools import reduce
from typing import Protocol

import ibis
import pyarrow as pa

from qalqan.errors import ContractBroken
from qalqan.lake.frozen import frozen_files as frozen_files
from qalqan.lake.frozen import has_after as has_after
from qalqan.lake.frozen import table_address as table_address
from qalqan.lake.schemas import SCHEMAS
from qalqan.lake.storage import storage
from qalqan.settings import Settings

DUCKDB_THREADS = 2
DUCKDB_MEMORY = "6GB"
"""Peak of the measured pass-through run over 20 million payments was 4.6 GB."""
HELD_ROWS = 15_000_000
"""Facts that are held for several questions: ten million calls take 3.9 GB (measured)."""


class Engine(Protocol):
    """What detectors, trails and figures ask questions of. Not shared between threads."""

    lake_root: str
    """Where the facts lie."""

    def table(
        self,
        kind: str,
        first_day: date | None = None,
        last_day: date | None = None,
        up_to_seal: int | None = None,
        after_seal: int = 0,
    ) -> ibis.Table:
        """Facts of one kind whose UTC day lies in the closed range and whose seal is at most
        `up_to_seal` and above `after_seal`; columns exactly as `SCHEMAS[kind]`."""

    def holding(
        self, wanted: Mapping[str, Sequence[str]], up_to_seal: int
    ) -> AbstractContextManager[None]:
        """Many questions follow about these columns of facts (by kind) as known at a seal: an
        engine in one machine reads the files once for all of them."""

    def held(self, kind: str, columns: Sequence[str], up_to_seal: int) -> ibis.Table:
        """These columns of `table`, from what is held if it is."""

    def has_after(self, kind: str, after_seal: int) -> bool:
        """Whether any facts of this kind were sealed after this position of the log."""

    def memtable(self, rows: pa.Table) -> ibis.Table:
        """Rows of the caller, to be joined with the lake's; nulls stay nulls."""

    def run(self, expr: ibis.Table) -> pa.Table:
        """The rows of an expression built on this engine's tables, in no promised order."""

    def close(self) -> None:
        """Give back what the engine holds."""


class DuckEngine:
    """DuckDB inside this process."""

    name = "duckdb"

    def __init__(self, lake_root: str) -> None:
        self.lake_root = lake_root
        self.connection = ibis.duckdb.connect(
            threads=DUCKDB_THREADS,
            memory_limit=DUCKDB_MEMORY,
            temp_directory=f"{tempfile.gettempdir()}/qalqan-duckdb-{secrets.token_hex(8)}",
            autoinstall_known_extensions=False,
        )
        self.connection.settings["enable_progress_bar"] = False
        self._held: dict[tuple[str, int], ibis.Table] = {}
        if (reader := storage(lake_root).reader()) is not None:
            self.connection.con.register_filesystem(reader)

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
        found = self.connection.read_parquet(
            files, table_name=view_name(kind, files), hive_partitioning=True, union_by_name=True
        )
        return narrowed(as_promised(found, schema), first_day, last_day, up_to_seal, after_seal)

    @contextmanager
    def holding(self, wanted: Mapping[str, Sequence[str]], up_to_seal: int) -> Iterator[None]:
        """In memory, and on the disk for temporary files where that is too little; what is more
        than `HELD_ROWS` is left where it lies."""
        try:
            for kind, columns in wanted.items():
                self._hold(kind, columns, up_to_seal)
            yield
        finally:
            for facts in self._held.values():
                self.connection.con.execute(f"DROP TABLE {facts.get_name()}")
            self._held.clear()

    def _hold(self, kind: str, columns: Sequence[str], seal: int) -> None:
        facts, there = self.table(kind, up_to_seal=seal), list(self._held.values())
        rows = [self.run(one.agg(n=one.count()))["n"][0].as_py() for one in (facts, *there)]
        if sum(rows) > HELD_ROWS:
            return
        name = f"held_{kind}_{secrets.token_hex(4)}"
        self._held[kind, seal] = self.connection.create_table(
            name, facts.select(*columns), temp=True
        )

    def held(self, kind: str, columns: Sequence[str], up_to_seal: int) -> ibis.Table:
        kept = self._held.get((kind, up_to_seal))
        if kept is None or not set(columns) <= set(kept.columns):
            kept = self.table(kind, up_to_seal=up_to_seal)
        return kept.select(*columns)

    def has_after(self, kind: str, after_seal: int) -> bool:
        return has_after(self.lake_root, kind, after_seal)

    def memtable(self, rows: pa.Table) -> ibis.Table:
        return ibis.memtable(rows)

    def run(self, expr: ibis.Table) -> pa.Table:
        return self.connection.to_pyarrow(expr).cast(expr.schema().to_pyarrow())

    def close(self) -> None:
        self.connection.disconnect()


def open_engine(settings: Settings) -> Engine:
    """The engine the settings name; raises `Unavailable` if its extra is not installed."""
    if settings.engine == "duckdb":
        return DuckEngine(settings.lake_root)
    from qalqan.lake.spark_engine import SparkEngine

    return SparkEngine(settings.lake_root, settings.spark_master)


def schema_of(kind: str) -> ibis.Schema:
    """Columns that a table of this kind has on every engine."""
    if kind not in SCHEMAS:
        raise ContractBroken(f"no kind of fact {kind!r}; there are {', '.join(SCHEMAS)}")
    return SCHEMAS[kind].ibis


def view_name(kind: str, files: list[str]) -> str:
    """One name for one frozen set of files, so that asking again adds no second view."""
    return f"{kind}_{hashlib.sha256('|'.join(files).encode()).hexdigest()[:16]}"


def as_promised(found: ibis.Table, schema: ibis.Schema) -> ibis.Table:
    """Columns in the schema's order and types; one that no file has yet is null."""
    return found.select(
        **{
            name: found[name].cast(kind) if name in found.columns else ibis.null(kind)
            for name, kind in schema.items()
        }
    )


def narrowed(
    table: ibis.Table,
    first_day: date | None,
    last_day: date | None,
    up_to_seal: int | None,
    after_seal: int,
) -> ibis.Table:
    """The table within days and seals."""
    bounds = [table.day >= first_day] if first_day else []
    bounds += [table.day <= last_day] if last_day else []
    bounds += [table.seal <= up_to_seal] if up_to_seal is not None else []
    bounds += [table.seal > after_seal] if after_seal else []
    return reduce(lambda rows, bound: rows.filter(bound), bounds, table)
