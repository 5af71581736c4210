"""Facts that were sealed lately, read from the few files that hold them: for those who follow the
log closely an engine's query costs more than such facts are worth (REQ-44).

File by file, by Parquet's own reader: Arrow's data sets, and Ibis, would have a process that only
follows the log load pandas, DuckDB's library and half a second's work.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from qalqan.lake.frozen import frozen_files
from qalqan.lake.schemas import SCHEMAS
from qalqan.lake.storage import storage


def rows_after(
    lake_root: str, kind: str, columns: Sequence[str], after: int, up_to: int
) -> pa.Table | None:
    """These columns of all facts of a kind with `after < seal <= up_to`, in no promised order;
    None where no file may hold any. `day` stands in the files' names alone: ask the engine."""
    files = frozen_files(lake_root, kind, after_seal=after)
    if not files:
        return None
    schema = SCHEMAS[kind].arrow
    wanted = pa.schema([schema.field(name).with_nullable(True) for name in columns])
    reader = storage(lake_root).reader()
    return pa.concat_tables([_rows(path, wanted, after, up_to, reader) for path in files])


def _rows(path: str, wanted: pa.Schema, after: int, up_to: int, reader: Any) -> pa.Table:
    """Of one file; a column that it lacks is null."""
    with pq.ParquetFile(path.rpartition("://")[2], filesystem=reader) as file:
        here = [name for name in wanted.names if name in file.schema_arrow.names]
        found = file.read(columns=[*dict.fromkeys((*here, "seal"))], use_threads=False)
    seals = found["seal"]
    found = found.filter(pc.and_(pc.greater(seals, after), pc.less_equal(seals, up_to)))
    return pa.table(
        [
            found[field.name].cast(field.type)
            if field.name in here
            else pa.nulls(len(found), field.type)
            for field in wanted
        ],
        schema=wanted,
    )
