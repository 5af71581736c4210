"""Many random graphs against the oracle: over the index, and over the lake on DuckDB and Spark.

    .venv/bin/python soak/trail.py [--indexed 100000] [--graphs 5000] [--spark 48] [--first 10000]

An index is written in several turns, its facts in any order, so that late ones and runs that are
merged are among them; whole documents, reach and origins must be the oracle's. Ends with status 1
at the first graph whose answers differ, and names its seed.
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
from random import Random
from typing import Any

sys.path.append(str(Path(__file__).parents[1] / "tests"))
sys.path.append(str(Path(__file__).parents[1] / "tests" / "trail"))
sys.path.append(str(Path(__file__).parents[1] / "tests" / "trail" / "index"))

from index_rows import write
from reach_questions import narrowed, sought
from trail_questions import Question, question, write_lake

from conftest import facts
from qalqan.lake.engine import DuckEngine, Engine
from qalqan.trail import document, follow, reach
from qalqan.trail.index import reach as indexed
from qalqan.trail.index.store import Index
from qalqan.trail.index.trails import followed
from qalqan.trail.lake_walk import bounds_of
from qalqan.trail.oracle import told_document
from qalqan.trail.oracle_reach import told_origins, told_reach, told_whole_reach

A_LAKE = 500
"""Graphs that share one lake, or one index."""
TURNS = 7
"""Seals in which an index comes to be."""


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


def indexed_difference(index: Index, asked: Question, seed: int) -> str | None:
    """What the index says otherwise than the oracle."""
    roots, policy, as_of_us, homes = asked.rest
    found = document(followed(index, roots, policy, as_of_us, TURNS, homes))
    told = told_document(asked.facts, asked.coverages, *asked.rest, seal=TURNS)
    differing = [key for key in told if told[key] != found[key]]
    sums = sought(asked, seed)
    for some in (policy, narrowed(asked, seed)):
        floor_us = min(root.at_us for root in roots) - some.lookback_us
        there = indexed.reach(index.view("KZT", floor_us, as_of_us, TURNS), roots, some, homes)
        if (there.hops, there.stopped) != told_whole_reach(
            asked.facts, roots, some, as_of_us, homes
        ):
            differing.append("reach")
        _, floor_us, last_us = bounds_of(sums, some)
        back = indexed.origins(index.view("KZT", floor_us, last_us, TURNS), sums, some, homes)
        if (back.hops, back.stopped) != told_origins(asked.facts, sums, some, homes):
            differing.append("origins")
    return ", ".join(differing) or None


def over_the_index(seeds: range, spent: dict[str, float]) -> None:
    """All graphs of these seeds in indexes of `A_LAKE`; exits at the first difference."""
    began = time.monotonic()
    for start in range(seeds.start, seeds.stop, A_LAKE):
        some = range(start, min(start + A_LAKE, seeds.stop))
        questions = [question(seed) for seed in some]
        told = [fact for asked in questions for fact in asked.facts]
        Random(start).shuffle(told)
        with tempfile.TemporaryDirectory(prefix="qalqan-soak-") as name:
            write(Path(name), told, [c for asked in questions for c in asked.coverages], TURNS)
            index = Index(Path(name))
            for seed, asked in zip(some, questions, strict=True):
                if (found := indexed_difference(index, asked, seed)) is not None:
                    sys.exit(f"graph {seed} over the index differs from the oracle in: {found}")
        print(f"index: graphs {some.start} to {some.stop - 1} agree", file=sys.stderr, flush=True)
    spent["index"] = time.monotonic() - began


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
    parser.add_argument("--indexed", type=int, default=100_000)
    parser.add_argument("--graphs", type=int, default=5000)
    parser.add_argument("--spark", type=int, default=48)
    parser.add_argument("--first", type=int, default=10_000, help="first seed")
    asked = parser.parse_args()
    spent: dict[str, float] = {}
    over_the_index(range(asked.first, asked.first + asked.indexed), spent)
    campaign(range(asked.first, asked.first + asked.graphs), DuckEngine, "duckdb", spent)
    campaign(range(asked.first, asked.first + asked.spark), spark, "spark", spent)
    counts = {
        "indexed": asked.indexed,
        "graphs": asked.graphs,
        "on_spark": asked.spark,
        "first_seed": asked.first,
    }
    print(
        json.dumps({**counts, "differences": 0, "seconds": {k: round(v) for k, v in spent.items()}})
    )


if __name__ == "__main__":
    main()
