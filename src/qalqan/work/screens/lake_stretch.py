"""A stretch of the log as the engine reads it: apart, since loading an engine's library takes half
a second and fifty megabytes, which an owner that follows the log does not need."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import ibis
import pyarrow as pa
from ibis import _

from qalqan.clock import SECOND
from qalqan.lake.engine import Engine
from qalqan.work.screens.stretch import Groups, in_rows, needed


@dataclass(frozen=True)
class LakeStretch:
    """Facts of a stretch; `only`: payments that name one of these accounts and happened before
    the moment, for a single question."""

    engine: Engine
    after: int
    up_to: int
    now_us: int
    only: tuple[str, ...] | None = None

    def groups(self, since_us: int, asked: Groups) -> pa.Table | None:
        table = self._since(since_us, asked.kind)
        if table is None:
            return None
        for name in needed(asked):
            table = table.filter(table[name].notnull())
        if asked.among is not None:
            table = table.filter(table[asked.among[0]].isin(asked.among[1]))
        sums = {"n": _.count(), "first_us": _.at_us.min(), "last_us": _.at_us.max()}
        if asked.kind == "payment":
            sums["ln"] = _.amount.cast("float64").ln().sum()
        if asked.greatest is not None:
            sums[asked.greatest] = table[asked.greatest].max()
        return self.engine.run(table.group_by(asked.by).agg(**sums))

    def rows(self, since_us: int, kind: str, *columns: str) -> Iterator[tuple[Any, ...]]:
        table = self._since(since_us, kind)
        if table is not None:
            yield from in_rows(self.engine.run(table.select(*columns)), columns)

    def _since(self, since_us: int, kind: str) -> ibis.Table | None:
        if not self.engine.has_after(kind, self.after):
            return None
        first = datetime.fromtimestamp(max(0, since_us) // SECOND, UTC).date()
        last = datetime.fromtimestamp(self.now_us // SECOND, UTC).date() if self.only else None
        found = self.engine.table(kind, first, last, self.up_to, self.after)
        found = found.filter(found.at_us >= since_us)
        if self.only is None:
            return found
        found = found.filter(found.at_us < self.now_us)
        if kind != "payment":
            return found
        return found.filter(
            found.payer_account.isin(self.only) | found.payee_account.isin(self.only)
        )
