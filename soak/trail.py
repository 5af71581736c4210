"""Thousands of random graphs: the walk over the lake against the oracle, on DuckDB and Spark.

    .venv/bin/python soak/trail.py [--graphs 5000] [--spark 48] [--first 10000]

Ends with status 1 at the first graph whose two documents differ, and names its seed.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1] / "tests"))
sys.path.append(str(Path(__file__).parents[1] / "tests" / "trail"))

from trail_questions import Question, question, write_lake

from conftest import facts
from qalqan.lake.engine import DuckEngine, Engine
from qalqan.trail import document, follow, reach
from qalqan.trail.oracle import told_document
from qalqan.trail.oracle_reach import told_reach

A_LAKE = 500
"""Graphs that share one lake."""


def difference(engine: Engine, asked: Question) -> str | None:
    """What the walk says otherwise than the oracle."""
    roots, policy, as_of_us, homes = asked.rest
    walked = document(follow(engine, roots, policy, as_of_us, home_banks=homes))
    told = told_document(asked.facts, asked.coverages, *asked.rest)
    differing = [key for key in told if key != "seal" and told[key] != walked[key]]
    if reach(engine, roots, policy, as_of_us, home_banks=homes) != told_reach(
        asked.facts, *asked.rest
    ):
        differing.append("reach")
    return ", ".join(differing) or None


def campaign(
    seeds: range, open_engine: Callable[[str], Any], name: str, spent: dict[str, float]
) -> None:
    """All graphs of these seeds in lakes of `A_LAKE`; exits at the first difference."""
    for start in range(seeds.start, seeds.stop, A_LAKE):
        some = range(start, min(start + A_LAKE, seeds.stop))
        root = tempfile.mkdtemp(prefix="qalqan-soak-")
        questions = [question(seed) for seed in some]
        write_lake(root, questions, facts)
        engine = open_engine(root)
        began = time.monotonic()
        for seed, asked in zip(some, questions, strict=True):
            if (found := difference(engine, asked)) is not None:
                sys.exit(f"graph {seed} on {name} differs from the oracle in: {found}")
        engine.close()
        shutil.rmtree(root)
        spent[name] = spent.get(name, 0) + time.monotonic() - began
        print(f"{name}: graphs {some.start} to {some.stop - 1} agree", file=sys.stderr, flush=True)


def spark(root: str) -> Any:
    from qalqan.lake.spark_engine import SparkEngine

    return SparkEngine(root)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--graphs", type=int, default=5000)
    parser.add_argument("--spark", type=int, default=48)
    parser.add_argument("--first", type=int, default=10_000, help="first seed")
    asked = parser.parse_args()
    spent: dict[str, float] = {}
    campaign(range(asked.first, asked.first + asked.graphs), DuckEngine, "duckdb", spent)
    campaign(range(asked.first, asked.first + asked.spark), spark, "spark", spent)
    counts = {"graphs": asked.graphs, "on_spark": asked.spark, "first_seed": asked.first}
    print(
        json.dumps({**counts, "differences": 0, "seconds": {k: round(v) for k, v in spent.items()}})
    )


if __name__ == "__main__":
    main()
