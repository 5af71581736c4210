"""Payments of the lake with their features and labels: what a model learns from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as csv
import pyarrow.parquet as pq
from ibis import _

from qalqan.clock import DAY
from qalqan.errors import InputRejected
from qalqan.lake.engine import Engine
from qalqan.learning import patterns
from qalqan.learning.windows import KEYS, between_accounts, window_features

Array = np.ndarray[Any, Any]

NAMED_BY = ("source", "id")
"""Columns by which labels name a payment."""
NO_LABELS = pa.table({name: pa.array([], pa.string()) for name in NAMED_BY})


class Span(NamedTuple):
    """An account and the time, half open in UTC microseconds, in which its payments are meant."""

    account: str
    from_us: int
    to_us: int


class Features(NamedTuple):
    """Transfers in order of time (`KEYS`), float32 [n, len(names)] beside them."""

    keys: pa.Table
    values: Array
    names: tuple[str, ...]

    @property
    def at(self) -> Array:
        """Instants, int64 µs, ascending."""
        return np.asarray(self.keys["at_us"].to_numpy(), np.int64)


def features_of(engine: Engine, up_to_seal: int | None = None, days: int | None = None) -> Features:
    """Every transfer between two accounts in the lake, with its window and graph features.

    With `days`, only those of so many days before the newest transfer, with the same features,
    which `keys` then hold exactly too.
    """
    payments = engine.table("payment", up_to_seal=up_to_seal)
    if days is None:
        table = patterns.in_order(engine.run(window_features(payments)))
        return _beside(table, patterns.graph_features(table), list(KEYS))
    keys = patterns.in_order(engine.run(between_accounts(payments)))
    newest = pc.max(keys["at_us"]).as_py()
    since_us = 0 if newest is None else max(0, newest + 1 - days * DAY)
    asked = window_features(payments).filter(_.at_us >= since_us)
    graph = patterns.graph_features(keys, since_us=since_us)
    table = patterns.in_order(engine.run(asked))
    return _beside(table, graph, table.column_names)


def _beside(table: pa.Table, graph: Array, keys: list[str]) -> Features:
    """Window features in order of time, with the graph's beside them; `keys` stay exact."""
    window = [name for name in table.column_names if name not in KEYS or name == "amount"]
    columns = [table[name].to_numpy().astype(np.float32) for name in window]
    values = np.hstack([np.column_stack(columns), graph])
    return Features(table.select(keys), values, (*window, *patterns.COLUMNS))


def read_labels(path: Path) -> pa.Table:
    """The payments of confirmed drops: a CSV or Parquet file with columns `source` and `id`.

    Raises InputRejected where the file can't be read as one, or lacks a column or a value.
    """
    try:
        if path.suffix == ".parquet":
            read = pq.read_table(path)
        else:
            kinds = dict.fromkeys(NAMED_BY, pa.string())
            text = csv.ConvertOptions(
                column_types=kinds, strings_can_be_null=True, null_values=[""]
            )
            read = csv.read_csv(path, convert_options=text)
    except pa.ArrowInvalid as error:
        raise InputRejected("labels", path.name, "labels.columns") from error
    if not set(NAMED_BY) <= set(read.column_names):
        raise InputRejected("labels", ", ".join(read.column_names), "labels.columns")
    named = pa.table({name: read[name].cast(pa.string()) for name in NAMED_BY})
    if any(column.null_count for column in named.columns):
        raise InputRejected("labels", None, "labels.columns")
    return named


def labels_of(features: Features, named: pa.Table) -> Array:
    """int8 [n]: 1 for a transfer that the labels name, else 0."""
    known = pc.is_in(_key(features.keys), value_set=_key(named).combine_chunks())
    return np.asarray(known.to_numpy(), np.int8)


def labels_of_accounts(features: Features, spans: Sequence[Span]) -> Array:
    """int8 [n]: 1 for a transfer to or from one of the accounts within its span, else 0."""
    wanted: dict[str, list[Span]] = defaultdict(list)
    for span in spans:
        wanted[span.account].append(span)
    labels = np.zeros(features.at.size, np.int8)
    for name in ("payer_account", "payee_account"):
        of_them = pc.is_in(features.keys[name], value_set=pa.array(list(wanted), pa.string()))
        for place in np.flatnonzero(of_them.to_numpy()):
            at = features.at[place]
            known = wanted[features.keys[name][place].as_py()]
            labels[place] |= any(one.from_us <= at < one.to_us for one in known)
    return labels


def _key(table: pa.Table) -> pa.ChunkedArray:
    parts = [pc.cast(table[name], pa.string()) for name in NAMED_BY]
    return pc.binary_join_element_wise(*parts, "\x1f")
