"""Complete statements and notices of an index: few, kept whole in small files (REQ-44)."""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa

from qalqan.trail.index.pool import Told
from qalqan.trail.index.runfile import Damaged
from qalqan.trail.semantics import Coverage

COLUMNS = (
    "id", "source", "seal", "account", "bank", "from_us", "to_us", "opening", "closing",
    "currency",
)  # fmt: skip
"""Columns of `statement` that an index keeps."""


def write(path: Path, rows: pa.Table) -> dict[str, Any]:
    """Keep the rows as one file; its line of the manifest."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, rows.schema) as out:
        out.write_table(rows)
    octets = sink.getvalue().to_pybytes()
    passing = path.with_suffix(".part")
    with passing.open("wb") as file:
        file.write(octets)
        file.flush()
        os.fsync(file.fileno())
    passing.rename(path)
    return {"name": path.name, "rows": len(rows), "size": len(octets), "crc": zlib.crc32(octets)}


def read(folder: Path, line: dict[str, Any]) -> pa.Table:
    """The rows of one file.

    Raises:
        Damaged: it is not the file that was written.
        FileNotFoundError: it has been merged into another one.
    """
    octets = (folder / str(line["name"])).read_bytes()
    if len(octets) != line["size"] or zlib.crc32(octets) != line["crc"]:
        raise Damaged(f"{line['name']} was changed")
    return pa.ipc.open_file(octets).read_all()


def told(tables: Iterable[pa.Table]) -> Iterator[Told]:
    """The statements, with their seals."""
    for table in tables:
        for row in table.select(COLUMNS).to_pylist():
            coverage = Coverage(
                row["account"], row["bank"], row["from_us"], row["to_us"], row["opening"],
                row["closing"], f"{row['source']}:{row['id']}", row["currency"],
            )  # fmt: skip
            yield coverage, row["seal"] or 0
