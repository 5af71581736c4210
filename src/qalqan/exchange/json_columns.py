"""JSON lines straight to columns, where that gives exactly what reading each line gives.

pyarrow's reader takes a million lines a second, but reads some things its own way: texts that look
like moments, whole numbers beyond 64 bits, NaN, two objects in one line. A batch in which any
of that stands, or a line that is no object of plain values, is left to `json_lines`.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.json as pajson

_EXACT = 2**53
_SAME = (pa.types.is_null, pa.types.is_boolean, pa.types.is_int64, pa.types.is_string)


def read(lines: Sequence[bytes]) -> pa.Table | None:
    """The objects of these lines (none of them empty) as a table; None where line by line might
    give another one."""
    data = b"".join(line if line.endswith(b"\n") else line + b"\n" for line in lines)
    try:
        table = _parsed(data, [])
        moments = [one.name for one in table.schema if pa.types.is_timestamp(one.type)]
        if moments:
            table = _parsed(data, moments)
        table.validate(full=True)
        names = table.column_names
    except (pa.ArrowException, UnicodeDecodeError):
        return None
    alike = all(_is_alike(table[name]) for name in names)
    return table if names and table.num_rows == len(lines) and alike else None


def _parsed(data: bytes, texts: list[str]) -> pa.Table:
    return pajson.read_json(
        io.BytesIO(data),
        read_options=pajson.ReadOptions(use_threads=False, block_size=len(data) + 1),
        parse_options=pajson.ParseOptions(
            explicit_schema=pa.schema([(name, pa.string()) for name in texts])
        ),
    )


def _is_alike(values: pa.ChunkedArray) -> bool:
    if pa.types.is_float64(values.type):
        held = values.combine_chunks().drop_null().to_numpy(zero_copy_only=False)
        return bool((np.abs(held) < _EXACT).all())  # NaN is not
    return any(is_one(values.type) for is_one in _SAME)
