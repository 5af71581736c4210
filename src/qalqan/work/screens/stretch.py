"""A stretch of the log, `after < seal <= up_to`, as the screens read it: groups, and rows.

Two readers promise the same. `lake_stretch` asks the engine, which groups months of a nation's
facts without bringing them here; `FreshFacts` has read a few new files into memory and groups
them there, since an engine's query costs more than such a second's facts are worth.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from qalqan.lake.fresh import rows_after
from qalqan.work.screens import notes


class Groups(NamedTuple):
    """Which facts are summed up, and by what; a fact that lacks a key is left out."""

    kind: str
    by: tuple[str, ...]
    among: tuple[str, tuple[str, ...]] | None = None
    """A column, and the values of it that count."""
    greatest: str | None = None
    """A column of which each group keeps the greatest value; a fact without it is left out."""


class Stretch(Protocol):
    """Facts of a stretch, as seen at the moment `now_us`."""

    @property
    def now_us(self) -> int: ...

    def groups(self, since_us: int, asked: Groups) -> pa.Table | None:
        """A row a group; None where there are none. Of each: how many (`n`), the first time and the
        last (`first_us`, `last_us`); of payments also `ln`, the sum of the logarithms of their
        minor units."""

    def rows(self, since_us: int, kind: str, *columns: str) -> Iterator[tuple[Any, ...]]:
        """The columns of each fact from a time on, in no promised order."""


@dataclass(frozen=True)
class FreshFacts:
    """A few facts in memory: by kind, the columns in `COLUMNS`."""

    facts: Mapping[str, pa.Table]
    now_us: int

    def groups(self, since_us: int, asked: Groups) -> pa.Table | None:
        table = self._since(since_us, asked.kind)
        if table is None:
            return None
        kept = pc.field("at_us").is_valid()
        for name in needed(asked):
            kept &= pc.field(name).is_valid()
        if asked.among is not None:
            kept &= pc.field(asked.among[0]).isin(pa.array(asked.among[1]))
        table = table.filter(kept)
        sums = [("at_us", "count"), ("at_us", "min"), ("at_us", "max")]
        if asked.kind == "payment":
            table = table.append_column("ln", pc.ln(table["amount"].cast(pa.float64())))
            sums.append(("ln", "sum"))
        if asked.greatest is not None:
            sums.append((asked.greatest, "max"))
        found = table.group_by(list(asked.by), use_threads=False).aggregate(sums)
        named = {"at_us_count": "n", "at_us_min": "first_us", "at_us_max": "last_us",
                 "ln_sum": "ln", f"{asked.greatest}_max": asked.greatest}  # fmt: skip
        return found.rename_columns([named.get(name, name) for name in found.column_names])

    def rows(self, since_us: int, kind: str, *columns: str) -> Iterator[tuple[Any, ...]]:
        table = self._since(since_us, kind)
        if table is not None:
            yield from in_rows(table, columns)

    def _since(self, since_us: int, kind: str) -> pa.Table | None:
        table = self.facts.get(kind)
        return None if table is None else table.filter(pc.field("at_us") >= since_us)


COLUMNS: Mapping[str, tuple[str, ...]] = {
    **notes.COLUMNS,
    "payment": (*notes.COLUMNS["payment"], "payer_holder"),
    "session": (*notes.COLUMNS["session"], "device", "outcome"),
    "loan": (*notes.COLUMNS["loan"], "device"),
}
"""What the screens look at of each kind; the other kinds teach them nothing."""


def read_fresh(
    lake_root: str, kinds: Iterable[str], after: int, up_to: int, now_us: int
) -> FreshFacts:
    """The facts of a short stretch, read from the files that may hold them."""
    found = {kind: rows_after(lake_root, kind, COLUMNS[kind], after, up_to) for kind in kinds}
    return FreshFacts({kind: rows for kind, rows in found.items() if rows is not None}, now_us)


def needed(asked: Groups) -> tuple[str, ...]:
    """Columns without which a fact is left out."""
    return asked.by if asked.greatest is None else (*asked.by, asked.greatest)


def in_rows(found: pa.Table, columns: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
    """A table row by row."""
    return zip(*(found[name].to_pylist() for name in columns), strict=True)
