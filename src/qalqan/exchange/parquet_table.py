"""Parquet as a stream of batches, columns in their own types."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from qalqan.errors import InputRejected
from qalqan.exchange.given import BATCH_ROWS, Given, Places


def read(source: BinaryIO | pa.NativeFile) -> Iterator[Given]:
    """Batches of the file's rows.

    Raises:
        InputRejected: it is no Parquet, or a part of it is damaged.
    """
    first = 1
    try:
        for batch in pq.ParquetFile(source).iter_batches(BATCH_ROWS):
            yield Given(pa.table(batch), Places("[{}]", first))
            first += batch.num_rows
    except (pa.ArrowException, OSError) as error:
        raise InputRejected("file", "", "file.parquet") from error


def rows(source: BinaryIO) -> int:
    """How many rows the file says it has; leaves the file at its start. Raises as `read`."""
    try:
        counted = pq.read_metadata(source).num_rows
    except (pa.ArrowException, OSError) as error:
        raise InputRejected("file", "", "file.parquet") from error
    source.seek(0)
    return int(counted)
