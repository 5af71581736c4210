"""What drops' payments are learnt from: many random graphs counted by hand, and both engines.

    .venv/bin/python soak/drops.py [--graphs 10000] [--payments 5000] [--spark 2]

Each graph's patterns must be those of a slow count, and stay the same when later payments are taken
away. Window features of each set of payments, half of them told by both banks, must be the same on
DuckDB and on Spark, to the last bit. Prints counts; ends with status 1 at the first that differs,
and names its seed. Without Java or PySpark the second part is named as not run.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import time
from pathlib import Path
from random import Random

import numpy as np
import pyarrow as pa

sys.path.append(str(Path(__file__).parents[1] / "tests"))

from learning import test_patterns as hand
from qalqan.clock import DAY, HOUR
from qalqan.lake.engine import DuckEngine
from qalqan.learning import patterns
from qalqan.learning.windows import READS, window_features


def graph(seed: int) -> hand.Rows:
    """Few accounts and many payments: circles and ways side by side abound."""
    dice = Random(seed)
    accounts = dice.randint(3, 7)
    rows = []
    for _ in range(dice.randint(1, 30)):
        payer, payee = dice.sample(range(accounts), 2)
        rows.append((dice.randint(0, 45), payer, payee, dice.randint(90, 110)))
    return sorted(rows)


def differs(rows: hand.Rows) -> str | None:
    """What is counted otherwise than by hand, if anything."""
    told = hand.found(rows)
    for i, (_, u, v, _) in enumerate(rows):
        known = hand.seen(rows, i, 30)
        by_hand = hand.fans(rows, i) | hand.cycles(known, u, v) | hand.ways(known, u, v)
        by_hand |= hand.strangers(rows, known, u, v)
        for name, value in by_hand.items():
            if told[i, name] != value:
                return f"{name} of payment {i} is {told[i, name]}, by hand {value}"
    until = rows[len(rows) // 2][0]
    part = hand.table([row for row in rows if row[0] <= until])
    whole = patterns.graph_features(hand.table(rows))[: part.num_rows]
    same = np.array_equal(whole, patterns.graph_features(part), equal_nan=True)
    return None if same else f"payments after day {until} change those before"


def payments(seed: int, n: int) -> pa.Table:
    """Payments of ninety days; of every second the other bank tells too, a little later."""
    dice = Random(seed)
    rows = []
    for number in range(n):
        payer, payee = dice.sample(range(n // 20), 2)
        at_us = dice.randrange(90 * 24) * HOUR
        told = {
            "id": f"p{number}", "source": "one", "side": "both" if number % 2 else "payer",
            "at_us": at_us, "payer_account": f"a{payer}",
            "payee_account": f"a{payee}", "amount": dice.choice((100, 995, 5_000_000)),
            "currency": dice.choice(("KZT", "KZT", "USD")), "payee_country": None,
            "instrument": dice.choice(("transfer", "card", "crypto")),
        }  # fmt: skip
        rows.append(told)
        if told["side"] == "payer":
            late = at_us - at_us % DAY + dice.randrange(24) * HOUR
            rows.append({**told, "source": "two", "side": "payee", "at_us": late})
    schema = pa.schema(
        [(name, pa.int64() if name in ("at_us", "amount") else pa.string()) for name in READS]
    )
    return pa.Table.from_pylist(rows, schema)


def by_hand(graphs: int) -> None:
    """The patterns of so many graphs."""
    start, counted = time.perf_counter(), 0
    for seed in range(graphs):
        rows = graph(seed)
        counted += len(rows)
        if found := differs(rows):
            raise SystemExit(f"graph {seed}: {found}")
    took = round(time.perf_counter() - start)
    print(json.dumps({"graphs": graphs, "payments": counted, "violations": 0, "s": took}))


def on_both(sets: int, n: int) -> None:
    """The window features of so many sets of payments."""
    from qalqan.lake.spark_engine import SparkEngine

    duck, spark = DuckEngine(""), SparkEngine("")
    for seed in range(sets):
        rows = payments(seed, n)
        told = [
            sorted(engine.run(window_features(engine.memtable(rows))).to_pylist(), key=str)
            for engine in (duck, spark)
        ]
        if [str(row) for row in told[0]] != [str(row) for row in told[1]]:
            raise SystemExit(f"payments of seed {seed}: Spark's features are others")
        counted = {"set": seed, "transfers": len(told[0]), "columns": len(told[0][0])}
        print(json.dumps({**counted, "violations": 0}), flush=True)


if __name__ == "__main__":
    asked = argparse.ArgumentParser()
    asked.add_argument("--graphs", type=int, default=10_000)
    asked.add_argument("--payments", type=int, default=5_000)
    asked.add_argument("--spark", type=int, default=2)
    given = asked.parse_args()
    by_hand(given.graphs)
    if shutil.which("java") and given.spark:
        on_both(given.spark, given.payments)
    elif given.spark:
        print("not run: Spark's part needs java")
