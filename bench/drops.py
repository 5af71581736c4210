"""Finding launderers' payments in IBM AMLSim's data: our graph patterns beside Snap ML's.

Prints one JSON object a line, after some eight minutes on two free cores;
`python bench/drops.py [DATA]`, DATA holding payments/amlsim.parquet (its transfers with `isSAR`,
simulated). Both sides learn from the same causal window features with the same learner and split
(60/20/20 by time, all of the last part tested), ours with the patterns of `learning.patterns`, the
peer's with Snap ML's GraphFeaturePreprocessor in a window of 30 days. With and without the
columns by which a simulator betrays itself; ours count first payments between two accounts too,
which are such columns. Several seeds: each draws other negatives to learn from; mean and spread
are told. By accounts: each by the highest score of a payment that it made or got, against those of
labelled payments. The rate of graph features is told for one thread (on the first part) and two.
"""

from __future__ import annotations

import itertools
import json
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from qalqan.clock import DAY
from qalqan.learning import measures, patterns, training, windows
from qalqan.learning.library import lightgbm

os.environ.setdefault("OMP_WAIT_POLICY", "passive")
"""Threads that wait don't spin: this machine has two cores, which others may use as well."""
SEEDS = (1, 2)
ALONE = 200_000
"""Payments by which one thread is timed."""
BINS = [2, 3, 4, 5, 6, 8, 10, 15, 20, 30]
Array = np.ndarray[Any, Any]
Figures = dict[str, float]
Sets = dict[str, tuple[Array, list[str]]]


def payments(table: pa.Table) -> pa.Table:
    """The set's rows as the columns that features see; its day is ours, its unit a tenge."""
    n = table.num_rows
    same = {"source": "amlsim", "side": "both", "currency": "KZT", "instrument": "transfer"}
    return pa.table(
        {
            "id": pc.cast(pa.array(np.arange(n)), pa.string()),
            "at_us": pc.multiply(table["step"], DAY),
            "payer_account": pc.cast(table["nameOrig"], pa.string()),
            "payee_account": pc.cast(table["nameDest"], pa.string()),
            "amount": pc.cast(pc.round(pc.multiply(table["amount"], 100)), pa.int64()),
            "payee_country": pa.nulls(n, pa.string()),
            **{name: pa.array([value] * n) for name, value in same.items()},
        }
    )


def peers(graph: patterns.Graph, threads: int) -> tuple[Array, float]:
    """Snap ML's features of each payment, a day's payments at a time, and payments a second."""
    from snapml import GraphFeaturePreprocessor

    known = GraphFeaturePreprocessor()
    wanted: dict[str, Any] = {"num_threads": threads, "time_window": 30, "vertex_stats": False}
    for name in ("fan", "degree", "scatter-gather", "temp-cycle"):
        wanted |= {name: True, f"{name}_tw": 30, f"{name}_bins": BINS}
    known.set_params({**wanted, "lc-cycle": False})
    day = (graph.at // DAY).astype(np.float64)
    n = day.size
    edges = np.column_stack([np.arange(n), graph.payer, graph.payee, day, graph.amount])
    edges = np.ascontiguousarray(edges, np.float64)
    cuts = [0, *(np.flatnonzero(np.diff(day)) + 1), n]
    start = time.perf_counter()
    found = [
        known.transform(edges[a:z])[:, 5:].astype(np.float32) for a, z in itertools.pairwise(cuts)
    ]
    return np.vstack(found), n / (time.perf_counter() - start)


def ours(graph: patterns.Graph, threads: int) -> tuple[Array, float]:
    """Our patterns of each payment and payments a second, the loops being compiled."""
    start = time.perf_counter()
    found = patterns.counted(graph, threads)
    return found, graph.at.size / (time.perf_counter() - start)


def first_of(graph: patterns.Graph, n: int) -> patterns.Graph:
    """The first payments alone: enough to time one thread by."""
    accounts = graph.out_from.size - 1
    payer, payee = graph.payer[:n], graph.payee[:n]
    ends = (*patterns.by(payer, accounts), *patterns.by(payee, accounts))
    return patterns.Graph(payer, payee, graph.at[:n], graph.amount[:n], *ends, graph.fresh[:n])


def tell(name: str, unit: str, mine: float, theirs: float, n: int, notes: str) -> None:
    """One line of figures."""
    row = {
        "name": name, "unit": unit, "ours": round(mine, 4), "peer": "snapml",
        "peer_value": round(theirs, 4), "ratio": round(mine / theirs, 3), "n": n, "notes": notes,
    }  # fmt: skip
    print(json.dumps(row), flush=True)


def spread(values: list[float]) -> str:
    """Mean and spread, as people write them."""
    return f"{statistics.mean(values):.3f}±{statistics.stdev(values):.3f}"


def learnt(x: Array, labels: Array, at: Array, names: list[str], seed: int, ends: Array) -> Figures:
    """Figures of one model on the last part, of payments and of their accounts."""
    model = training.learn(x, labels, at, names, seed=seed)
    test = training.split(at).test
    scores = lightgbm().Booster(model_str=model.text).predict(x[test], num_threads=2)
    best, marked = np.zeros(ends.max() + 1), np.zeros(ends.max() + 1)
    for end in ends:
        np.maximum.at(best, end[test], scores)
        np.maximum.at(marked, end[test], labels[test])
    seen = np.unique(ends[:, test])
    by_account = measures.average_precision(marked[seen], best[seen])
    return {**model.figures, "account_average_precision": by_account}


def compare(sets: Sets, labels: Array, at: Array, ends: Array, what: str) -> None:
    """Learn from each set with each seed; one line a figure."""
    got: dict[str, list[Figures]] = {
        side: [learnt(x, labels, at, names, seed, ends) for seed in SEEDS]
        for side, (x, names) in sets.items()
    }
    test = training.split(at).test
    tested, accounts = int(test.sum()), int(np.unique(ends[:, test]).size)
    for figure in ("average_precision", "account_average_precision", "f1", "roc_auc"):
        each = {side: [one[figure] for one in found] for side, found in got.items()}
        told = ", ".join(f"{side} {spread(found)}" for side, found in each.items())
        mean = {side: statistics.mean(found) for side, found in each.items()}
        notes = f"{told}; {len(SEEDS)} seeds; simulated"
        n = accounts if figure.startswith("account") else tested
        tell(f"drops_{figure}_{what}", "share", mean["ours"], mean["snapml"], n, notes)


def main(data: Path) -> None:
    """Features once, then every comparison."""
    raw = pq.read_table(data / "payments" / "amlsim.parquet")
    sql = ibis.duckdb.connect(threads=2)
    table = sql.to_pyarrow(windows.window_features(ibis.memtable(payments(raw))))
    table = patterns.in_order(table)
    labels = raw["isSAR"].to_numpy()[table["id"].to_numpy().astype(np.int64)]
    at = table["at_us"].to_numpy()
    names = [n for n in table.column_names if n not in windows.KEYS or n == "amount"]
    seen = np.column_stack([table[name].to_numpy().astype(np.float32) for name in names])
    graph = patterns.graph_of(table)
    del raw, table
    some = first_of(graph, ALONE)
    ours(some, 1)  # compiled
    for threads, known in ((1, some), (2, graph)):
        mine, rate = ours(known, threads)
        theirs, their_rate = peers(known, threads)
        notes = f"threads: {threads} each; 30 days; the peer gets a day's payments at a time"
        tell(f"graph_features_rate_{threads}", "payments/s", rate, their_rate, len(mine), notes)
    gfp, own = [f"gfp_{k}" for k in range(theirs.shape[1])], patterns.COLUMNS
    for what in ("with_artefacts", "without_artefacts"):
        out = training.ARTEFACTS if what == "without_artefacts" else frozenset[str]()
        kept = [k for k, name in enumerate(names) if name not in out]
        left = [k for k, name in enumerate(own) if name not in out]
        window, told = seen[:, kept], [names[k] for k in kept]
        sets = {
            "window": (window, told),
            "ours": (np.hstack([window, mine[:, left]]), [*told, *(own[k] for k in left)]),
            "snapml": (np.hstack([window, theirs]), [*told, *gfp]),
        }
        compare(sets, labels, at, np.stack([graph.payer, graph.payee]), what)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("../shared/data"))
