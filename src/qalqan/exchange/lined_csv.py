"""A small CSV file with named columns, as people keep it in a spreadsheet: bytes in, lines out."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Iterator, Mapping, Sequence

from qalqan.errors import InputRejected

MOST = 2_000
"""Lines of one file."""


def read(
    body: bytes, columns: Sequence[str], needed: Collection[str]
) -> Iterator[tuple[int, Mapping[str, str]]]:
    """Lines with their numbers; a header is the first; a column that is not there is not told.

    Raises:
        InputRejected: no text, other columns, or too many lines.
    """
    told = {"columns": ", ".join(columns), "needed": ", ".join(sorted(needed))}
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputRejected("file", "", "file.columns", **told) from None
    head = text.partition("\n")[0]
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=head.count))
    try:
        names = [name.strip().lower() for name in rows.fieldnames or []]
        if not set(needed) <= set(names) <= set(columns) or len(set(names)) < len(names):
            raise InputRejected("file", head[:80], "file.columns", **told)
        rows.fieldnames = names
        for number, row in enumerate(rows, 2):
            if number > MOST + 1:
                raise InputRejected("file", "", "file.lines", most=MOST)
            yield number, {name: (row.get(name) or "").strip() for name in names}
    except csv.Error:  # a field longer than the reader bears
        raise InputRejected("file", "", "file.csv") from None
