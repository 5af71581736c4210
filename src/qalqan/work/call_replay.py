"""Calls of the past through the rules of today: what would have become of them (REQ-45).

A file of call records is read with the readers and mapping files of facts, numbers in clear, and
decided by whole columns; nothing is kept. Where a record tells the caller's place that is taken,
since the tables know today's alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from qalqan.clock import SECOND
from qalqan.lake.bulk import Done
from qalqan.lake.files import mapping_of, under_our_names
from qalqan.lake.readers import pieces
from qalqan.screening import call_columns
from qalqan.screening.call_columns import Columns, Decided
from qalqan.screening.calls.decisions import ANSWERS, code_of, codes_in
from qalqan.screening.calls.row import ROWS, Trunk
from qalqan.screening.calls.rules import Answer
from qalqan.screening.calls.screen import Tables

_CLASSES = {"international": Trunk.INTERNATIONAL, "domestic": Trunk.DOMESTIC, "voip": Trunk.VOIP,
            "access": Trunk.DOMESTIC}  # fmt: skip
_PLACES = {"home": call_columns.HOME_TOLD, "abroad": call_columns.ABROAD_TOLD,
           "unknown": call_columns.UNKNOWN_TOLD}  # fmt: skip


class Replayed(NamedTuple):
    """How a file came out."""

    calls: int
    verdicts: dict[str, int]
    """Answer → calls."""
    rules: dict[str, int]
    """Deciding rule → calls."""
    shadow: dict[str, int]
    """Rule in shadow → calls in which it holds."""
    policy: int
    tables: int
    """Version of the tables."""


class Counted:
    """Counts rows, of which there are not many, instead of calls."""

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.rows = np.zeros(ROWS, np.int64)

    def add(self, decided: Decided) -> None:
        """Count a batch."""
        self.rows += np.bincount(decided.row, minlength=ROWS)

    def told(self) -> Replayed:
        """All that was counted."""
        rules, shadow, verdicts = Counter[str](), Counter[str](), Counter[str]()
        rule, masks = self.tables.parts["rule"], self.tables.parts["shadow"]
        for row in np.flatnonzero(self.rows).tolist():
            count = int(self.rows[row])
            rules[code_of(rule[row])] += count
            verdicts[Answer(ANSWERS[rule[row]]).name.lower()] += count
            for code in codes_in(masks[row]):
                shadow[code] += count
        about = self.tables.about
        return Replayed(int(self.rows.sum()), dict(verdicts.most_common()),
                        dict(rules.most_common()), dict(shadow.most_common()),
                        about["policy"], about["version"])  # fmt: skip


def of_file(tables: Tables, path: Path, mapping: Path | None) -> Replayed:
    """Decide all call records of a file.

    Raises:
        InputRejected: it can't be read as calls.
    """
    counted = Counted(tables)
    for batch in _batches(path, mapping):
        counted.add(call_columns.decide(tables, columns(tables, batch)))
    return counted.told()


def _batches(path: Path, mapping: Path | None) -> Iterator[pa.Table]:
    ours = mapping_of(mapping, "call")
    with path.open("rb") as file:
        for given in under_our_names(pieces(file, path, "call", ours, (), Done()), ours, "call"):
            yield given.table


def columns(tables: Tables, facts: pa.Table) -> Columns:
    """Call records in the raw columns of the fact, as the rules read them."""
    classes = _coded(facts, "trunk_class", _CLASSES, Trunk.UNKNOWN)
    names = {name: place for place, name in enumerate(tables.about["trunks"]) if name}
    known = _coded(facts, "trunk", names, 0)
    trunk = np.where(known > 0, known, call_columns.OF_CLASS + classes)
    abroad = classes == Trunk.INTERNATIONAL
    network = _numbers(facts, "caller", abroad)
    presented = _numbers(facts, "presented", abroad)
    at = _column(facts, "at_us").cast(pa.string())
    whole = pc.fill_null(pc.match_substring_regex(at, "^[0-9]{1,18}$"), False)
    at_s = pc.divide(pc.if_else(whole, at, "0").cast(pa.int64()), SECOND)
    return Columns(
        trunk, network, np.where(presented == 0, network, presented),
        _numbers(facts, "callee", np.zeros(len(trunk), bool)), np.zeros(len(trunk), np.int64),
        np.asarray(at_s), _coded(facts, "caller_place", _PLACES, call_columns.UNTOLD),
    )  # fmt: skip


def _column(facts: pa.Table, name: str) -> pa.Array:
    if name not in facts.column_names:
        return pa.nulls(facts.num_rows, pa.string())
    column = facts[name].combine_chunks()
    return column.cast(column.type.value_type) if pa.types.is_dictionary(column.type) else column


def _coded(facts: pa.Table, name: str, codes: dict[str, Any], otherwise: int) -> Any:
    """A column of words as the numbers that stand for them."""
    words = pc.dictionary_encode(pc.fill_null(_column(facts, name).cast(pa.string()), ""))
    numbers = np.array([codes.get(w, otherwise) for w in words.dictionary.to_pylist()], np.int64)
    return numbers[np.asarray(words.indices)] if len(numbers) else np.zeros(0, np.int64)


def _numbers(facts: pa.Table, name: str, abroad: Any) -> Any:
    texts = _column(facts, name).cast(pa.string())
    if not abroad.any():
        return call_columns.numbers_of(texts, False)
    return np.where(
        abroad, call_columns.numbers_of(texts, True), call_columns.numbers_of(texts, False)
    )
