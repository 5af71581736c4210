"""What detectors answer over one lake on one engine, all of them or those that `DETECTORS`
names; as a script, on the engine that the settings name:
`python tests/detectors/answers.py OUT.json [PID [STAGES]]`.

A process has one Spark for its whole life, so each form of Spark gets a process. With a PID one
detector is asked once more, and that process, one of the cluster's workers, is killed as soon as
that many stages (one) have gone by and the next is under way: its finished pieces are lost.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pyarrow as pa

from qalqan.detectors import registry
from qalqan.lake.engine import open_engine
from qalqan.settings import settings

Rows = list[dict[str, Any]]
SLOW = "payments.passes_through"
"""A detector that asks Spark for many stages, one after the other."""
FEW = (SLOW, "subscriptions.many_numbers_one_holder", "loans.several_within_an_hour")
"""One of each kind of question, where local Spark answers all of them already."""


def identity(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["subject_kind"], row["subject"], row["window_from_us"], row["window_to_us"]


def ordered(table: pa.Table) -> Rows:
    return sorted(table.to_pylist(), key=identity)


def answer(engine: Any, code: str) -> Rows:
    """A detector's findings, in order."""
    one = registry.get(code)
    return ordered(engine.run(one.ask({kind: engine.table(kind) for kind in one.reads})))


def answers(engine: Any) -> dict[str, Rows]:
    """Findings by detector."""
    asked = os.environ.get("DETECTORS", "").split() or registry.all_detectors()
    return {code: answer(engine, code) for code in asked}


def callers_rows(engine: Any) -> Rows:
    """The caller's own rows, with nulls and a last unit beyond 2^53, joined with the lake's."""
    some = engine.run(engine.table("payment").order_by("id").limit(2))["id"].to_pylist()
    limits = pa.array([2**53 + 1, None, 1], pa.int64())
    mine = engine.memtable(pa.table({"id": [*some, None], "limit_minor": limits}))
    joined = engine.table("payment").join(mine, "id").select("id", "limit_minor")
    found = engine.run(joined).to_pylist()
    return sorted(found, key=lambda row: str(row["id"]))


def kill_in_mid_query(engine: Any, pid: int, stages: int) -> list[int]:
    """Watch from beside; what is answered is filled with the stage that was under way."""
    killed: list[int] = []
    seen: set[int] = set()
    tracker = engine.session.sparkContext.statusTracker()

    def watch() -> None:
        while not killed:
            for stage in tracker.getActiveStageIds():
                seen.add(stage)
                about = tracker.getStageInfo(stage)
                if about and about.numActiveTasks and len(seen) > stages:
                    os.kill(pid, signal.SIGKILL)
                    killed.append(stage)
                    return
            time.sleep(0.001)

    threading.Thread(target=watch, daemon=True).start()
    return killed


def main(out: Path, pid: int | None = None, stages: int = 1) -> None:
    engine = open_engine(settings())
    told: dict[str, Any] = {"answers": answers(engine), "caller's": callers_rows(engine)}
    if pid is not None:
        killed = kill_in_mid_query(engine, pid, stages)
        told["after a death"] = answer(engine, SLOW)
        told["killed in stage"] = killed
    out.write_text(json.dumps(told, ensure_ascii=False))


if __name__ == "__main__":
    main(Path(sys.argv[1]), *map(int, sys.argv[2:]))
