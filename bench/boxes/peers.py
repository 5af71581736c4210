"""The plain rule of the literature, and LightGBM, over what each card did."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from boxes.country import Country, Found, country
from qalqan.lake.engine import DUCKDB_MEMORY, DUCKDB_THREADS
from qalqan.learning.library import lightgbm

OTHER_SEEDS = (4_601, 4_602, 4_603)
FEATURES = Path(__file__).with_name("cards.sql").read_text("utf-8")
GRID = tuple(itertools.product((2, 5, 10, 20, 50), (5, 10, 20, 30, 50, 100), (1, 2, 3, 5, 1_000)))
"""Borders that the plain rule may take: outgoing to incoming, numbers rung, cells."""
SETTINGS = {
    "objective": "binary", "num_leaves": 31, "min_data_in_leaf": 50, "deterministic": True,
    "force_row_wise": True, "num_threads": 2, "seed": 1, "verbose": -1,
}  # fmt: skip


def features(calls: pa.Table) -> pa.Table:
    """What each card did, a row each."""
    config = {"threads": DUCKDB_THREADS, "memory_limit": DUCKDB_MEMORY}
    with duckdb.connect(config=config) as con:
        con.register("calls", calls)
        return con.execute(FEATURES).to_arrow_table()


def matrix(table: pa.Table) -> np.ndarray[Any, Any]:
    return np.column_stack([column.to_numpy() for column in table.columns[1:]])


def plain(table: pa.Table, borders: tuple[int, int, int]) -> Found:
    """Numbers beyond the borders: the rule of the literature."""
    ratio, called, cells = borders
    rule = pc.and_(
        pc.greater_equal(
            table["calls"], pc.multiply(pc.max_element_wise(table["taken"], 1), ratio)
        ),
        pc.and_(pc.greater_equal(table["called"], called), pc.less_equal(table["cells"], cells)),
    )
    return set(table["number"].filter(rule).to_pylist())


class Peers:
    """The plain rule and a model, as they are after three seeds that nobody is judged by."""

    def __init__(self, subscribers: int) -> None:
        *learn, choose = (country(seed, subscribers) for seed in OTHER_SEEDS)
        seen = [(features(one.calls), one.box) for one in choose.snapshots()]
        self.model = self._learnt(learn)
        scored = [(one["number"].to_numpy(), self._scores(one)) for one, _ in seen]
        wrong = {n: 0.0 for names, _ in scored for n in names}
        for names, scores in scored:
            for number, score in zip(names, scores, strict=True):
                wrong[number] = max(wrong[number], score)
        innocent = sorted((s for n, s in wrong.items() if n not in choose.guilty), reverse=True)
        self.threshold = innocent[int(choose.person_days)]
        self.borders = max(GRID, key=lambda borders: self._worth(borders, seen, choose))

    def _learnt(self, learn: list[Country]) -> Any:
        seen = [(features(one.calls), place) for place in learn for one in place.snapshots()]
        labels = [np.isin(one["number"].to_numpy(), list(place.guilty)) for one, place in seen]
        x = np.vstack([matrix(one) for one, _ in seen])
        return lightgbm().train(SETTINGS, lightgbm().Dataset(x, np.concatenate(labels)), 200)

    def _scores(self, table: pa.Table) -> np.ndarray[Any, Any]:
        scores: np.ndarray[Any, Any] = self.model.predict(matrix(table), num_threads=2)
        return scores

    def learnt(self, table: pa.Table) -> Found:
        """Numbers that the model finds."""
        return set(table["number"].to_numpy()[self._scores(table) > self.threshold])

    @staticmethod
    def _worth(borders: tuple[int, int, int], seen: Any, choose: Country) -> tuple[bool, float]:
        """Whether it keeps to one false alarm, and then how many boxes it finds in time."""
        named = [(plain(table, borders), box) for table, box in seen]
        wrong = set().union(*(numbers for numbers, _ in named)) - choose.guilty
        early = sum(bool(numbers & set(box.numbers)) for numbers, box in named if box)
        fits = len(wrong - set(choose.permitted)) <= choose.person_days
        return fits, early if fits else -len(wrong)
