"""Every form of Spark over a larger lake, and workers killed in mid-query at many places: the same
findings as on DuckDB each time, or the run fails. `python soak/spark.py [KILLS] [FACTS]`.

A driver of its own asks the slowest detector on a cluster of two workers; one of them is killed
(SIGKILL) when a drawn number of stages has gone by, and is replaced before the next trial. About
half a minute a kill on two idle cores. Without arguments it begins no trial after six minutes,
and says how many there were; whoever names KILLS gets them all.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
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

KILLS, FACTS = 6, 200_000
LAST_TRIAL_S = 360.0
LEAST = 2
"""Trials without which a run has shown nothing."""
MOST_STAGES = 6
DEFAULTS = {
    "spark.executor.memory": "1g",
    "spark.driver.memory": "1g",
    "spark.sql.shuffle.partitions": "16",
    "spark.sql.adaptive.coalescePartitions.enabled": "false",
    "spark.ui.enabled": "false",
}
SHORT_LIVES = {"JDK_JAVA_OPTIONS": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1"}
"""Each machine of Java here lives for seconds: compiling harder costs more than it gives."""


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


def main(kills: int, facts: int, last_trial_s: float) -> None:
    began_s = time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # not without ending Spark's daemons
    if shutil.which("java") is None:
        sys.exit("Spark needs Java")
    counts: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as name:
        folder, lake = Path(name), f"{name}/lake"
        generate(lake, facts)
        with closing(DuckEngine(lake)) as engine:
            wanted = json.loads(json.dumps(script.answers(engine)))
        told = environment(folder, DEFAULTS) | SHORT_LIVES
        compare(
            "local", asked(os.environ | SHORT_LIVES, lake, "local[2]")["answers"], wanted, counts
        )
        with connect_server(folder, told, "local[2]", memory="2g") as address:
            compare("Connect", asked(told, lake, address)["answers"], wanted, counts)
        with cluster(folder, told) as spark:
            compare("standalone", asked(told, lake, spark.master)["answers"], wanted, counts)
            with connect_server(folder, told, spark.master) as address:
                compare("Connect on it", asked(told, lake, address)["answers"], wanted, counts)
            for trial in range(kills):
                if trial >= LEAST and time.monotonic() - began_s > last_trial_s:
                    break
                kill(spark, told, lake, wanted[script.SLOW], counts)
                print(f"{trial + 1} of {kills}: {dict(counts)}", flush=True)
    print(json.dumps(counts))
    trials = counts["killed in mid-query"] + counts["too late to kill"]
    if counts["different"] or counts["killed in mid-query"] * 2 < trials:
        sys.exit(1)


if __name__ == "__main__":
    asked_for = [int(word) for word in sys.argv[1:3]]
    numbers = (*asked_for, *(KILLS, FACTS)[len(asked_for) :])
    main(*numbers, float("inf") if asked_for else LAST_TRIAL_S)
