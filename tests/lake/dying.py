"""Run by `test_death.py` as a process of its own: for each scenario it forks a child that does
real work on real files and is killed (SIGKILL) at one named instant."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from qalqan.exchange import parquet_table
from qalqan.lake import bulk, files, landing, runs, sealing, table
from qalqan.lake.hand_in import Centre
from qalqan.register.database import Database
from qalqan.trust.keys import Keys


def die(*_: Any, **__: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def after(work: Callable[..., Any]) -> Callable[..., Any]:
    def worked(*args: Any, **more: Any) -> Any:
        work(*args, **more)
        die()

    return worked


INSTANTS: dict[str, tuple[Any, str, bool]] = {
    "files written": (None, "write_files", False),
    "run written": (runs, "write", False),
    "staged, not committed": (landing, "stage", False),
    "staged": (table.Log, "commit", True),
    "in the log, not synced": (table.Log, "_sync", True),
    "in the log": (table.Log, "commit", False),
    "written down, not committed": (sealing, "_write_down", False),
    "sealed": (table.Log, "_again", True),
}


def prepare(work: str, instant: str) -> None:
    owner, name, before = INSTANTS[instant]
    if owner is None:  # each writes its files in a way of its own
        owner, name = {"seal": (sealing, name), "file": (bulk, "write_ordered")}[work]
    if instant == "sealed":  # the second piece or kind begins
        done = sealing.finish

        def finished(database: Database, lake_root: str, held: Any) -> None:
            done(database, lake_root, held)
            with database.session() as session:
                if sealing.newest_seal(session):
                    die()

        sealing.finish = finished
    else:
        setattr(owner, name, die if before else after(getattr(owner, name)))


def run(scenario: dict[str, str]) -> None:
    prepare(scenario["work"], scenario["instant"])
    sealing.LEASE_S = 0.2
    parquet_table.BATCH_ROWS = int(scenario["rows"])
    database = Database(scenario["register"])
    if scenario["work"] == "seal":
        sealing.seal(database, scenario["lake"])
    else:
        centre = Centre(database, Keys.load(Path(scenario["keys"])), scenario["lake"])
        files.take_file(centre, "payment", Path(scenario["file"]), source="bank-a")


def main() -> None:
    for scenario in json.loads(sys.stdin.read()):
        child = os.fork()
        if child == 0:
            run(scenario)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if not os.WIFSIGNALED(status):
            sys.exit(f"{scenario['instant']}: nothing killed it")


if __name__ == "__main__":
    main()
