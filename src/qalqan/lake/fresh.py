"""Facts that were sealed lately, read from the few files that hold them: for those who follow the
log closely an engine's query costs more than such facts are worth (REQ-44)."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as pads

from qalqan.lake.engine import frozen_files
from qalqan.lake.schemas import SCHEMAS
from qalqan.lake.storage import storage


def rows_after(
    lake_root: str, kind: str, columns: Sequence[str], after: int, up_to: int
) -> pa.Table | None:
    """These columns of all facts of a kind with `after < seal <= up_to`, in no promised order;
    None where no file may hold any."""
    files = frozen_files(lake_root, kind, after_seal=after)
    if not files:
        return None
    within = (pc.field("seal") > after) & (pc.field("seal") <= up_to)
    data = pads.dataset(
        [file.rpartition("://")[2] for file in files],
        schema=SCHEMAS[kind].ibis.to_pyarrow(),
        format="parquet",
        filesystem=storage(lake_root).reader(),
    )
    return data.to_table(columns=list(columns), filter=within, use_threads=False)
