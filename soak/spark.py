"""Every form of Spark over a larger lake, and workers killed in mid-query at many places: the same
findings as on DuckDB each time, or the run fails. `python soak/spark.py [KILLS] [FACTS]`.

A driver of its own asks the slowest detector on a cluster of two workers; one of them is killed
(SIGKILL) when a drawn number of stages has gone by, and is replaced before the next trial. About
half a minute a kill.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

sys.path.append(str(Path(__file__).parents[1] / "tests"))
sys.path.append(str(Path(__file__).parents[1] / "bench"))

from detect import generate
from detectors import answers as script
from peers.spark import Cluster, cluster, connect_server, environment
from qalqan.lake.engine import DuckEngine

KILLS, FACTS = 8, 300_000
MOST_STAGES = 6
DEFAULTS = {
    "spark.executor.memory": "1g",
    "spark.driver.memory": "1g",
    "spark.sql.shuffle.partitions": "16",
    "spark.sql.adaptive.coalescePartitions.enabled": "false",
    "spark.ui.enabled": "false",
}


def asked(told: Mapping[str, str], lake: str, master: str, *more: str) -> dict[str, Any]:
    """What a driver of its own was answered."""
    settings = {"QALQAN_ENGINE": "spark", "QALQAN_SPARK_MASTER": master, "QALQAN_LAKE": lake}
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        command = [sys.executable, str(script.__file__), out.name, *more]
        subprocess.run(
            command, env={**told, **settings}, check=True, stderr=subprocess.DEVNULL, timeout=900
        )
        found: dict[str, Any] = json.loads(Path(out.name).read_text())
        return found


def compare(form: str, found: Any, wanted: Any, counts: Counter[str]) -> None:
    """Count an answer; say where it differs."""
    same = found == wanted
    counts["equal" if same else "different"] += 1
    if not same:
        print(f"{form}: the findings differ from DuckDB's", flush=True)


def kill(
    spark: Cluster, told: Mapping[str, str], lake: str, wanted: Any, counts: Counter[str]
) -> None:
    """One trial: ask, kill, compare, replace."""
    victim = spark.workers.pop(random.randrange(len(spark.workers)))
    stages = random.randint(1, MOST_STAGES)
    found = asked(told, lake, spark.master, str(victim), str(stages))
    counts["killed in mid-query" if found["killed in stage"] else "too late to kill"] += 1
    compare(f"killed after {stages} stages", found["after a death"], wanted, counts)
    spark.workers.append(spark.add_worker())


def main(kills: int, facts: int) -> None:
    if shutil.which("java") is None:
        sys.exit("Spark needs Java")
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        folder, lake = Path(name), f"{name}/lake"
        generate(lake, facts)
        with closing(DuckEngine(lake)) as engine:
            wanted = json.loads(json.dumps(script.answers(engine)))
        told = environment(folder, DEFAULTS)
        compare("local", asked(dict(os.environ), lake, "local[2]")["answers"], wanted, counts)
        with connect_server(folder, told, "local[2]", memory="2g") as address:
            compare("Connect", asked(told, lake, address)["answers"], wanted, counts)
        with cluster(folder, told) as spark:
            compare("standalone", asked(told, lake, spark.master)["answers"], wanted, counts)
            with connect_server(folder, told, spark.master) as address:
                compare("Connect on it", asked(told, lake, address)["answers"], wanted, counts)
            for trial in range(kills):
                kill(spark, told, lake, wanted[script.SLOW], counts)
                print(f"{trial + 1} of {kills}: {dict(counts)}", flush=True)
    print(json.dumps(counts))
    if counts["different"] or counts["killed in mid-query"] * 2 < kills:
        sys.exit(1)


if __name__ == "__main__":
    asked_for = [int(word) for word in sys.argv[1:3]]
    main(*asked_for, *(KILLS, FACTS)[len(asked_for) :])
