"""The decision on a call, one by one and by columns, beside phonenumbers on the same numbers.

The tables hold 200,000 ported numbers and 20,000 abroad; callers are Kazakh mobiles and foreign
numbers in turn, drawn anew, so that no table stays warm. The peer parses both numbers and asks
their region and type, which is less than a decision needs. One by one, it is decided under the
Python that Kamailio embeds (Debian's, if it is there) and under ours.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np
import phonenumbers

from calls_edge import mixed, our_tables
from qalqan.screening import call_columns
from qalqan.screening.calls.screen import Screen

CALLS, ROWS, TURNS = 50_000, 5_000_000, 7
HERE = Path(__file__).parent
EMBEDDED = "/usr/bin/python3"


def pythons() -> list[str]:
    """Ours, and the one that Kamailio embeds."""
    return [sys.executable, *([EMBEDDED] if Path(EMBEDDED).exists() else [])]


def one_by_one(python: str, tables: Path, calls: Path) -> list[float]:
    """Microseconds a call, of each turn but the first."""
    command = [python, str(HERE / "decide" / "one_by_one.py"), str(tables), str(calls)]
    path = str(HERE.parent / "src" / "qalqan" / "screening")
    ran = subprocess.run([*command, str(TURNS + 1)], env={"PYTHONPATH": path}, check=True,
                         capture_output=True, text=True)  # fmt: skip
    return [float(line) for line in ran.stdout.split()[1:]]


def theirs(calls: list[tuple[str, str]]) -> float:
    begun = time.perf_counter()
    for pair in calls:
        for text in pair:
            number = phonenumbers.parse(text)
            phonenumbers.region_code_for_number(number)
            phonenumbers.number_type(number)
    return (time.perf_counter() - begun) / len(calls) * 1e6


def columns(seed: int) -> call_columns.Columns:
    draw = np.random.default_rng(seed)
    caller = np.where(draw.random(ROWS) < 0.5, 77_010_000_000 + draw.integers(0, 10**8, ROWS),
                      442_000_000_000 + draw.integers(0, 10**8, ROWS))  # fmt: skip
    none = np.zeros(ROWS, np.int64)
    callee = 77_010_000_000 + draw.integers(0, 10**8, ROWS)
    return call_columns.Columns(none + 1, caller, caller, callee, none,
                                none + int(time.time()), none)  # fmt: skip


def line(name: str, unit: str, ours: float, peer: str, value: float, n: int, notes: str) -> None:
    print(json.dumps({
        "name": name, "unit": unit, "ours": round(ours, 2), "peer": peer,
        "peer_value": round(value, 2), "ratio": round(ours / value, 3), "n": n, "notes": notes,
    }, ensure_ascii=False))  # fmt: skip


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "calls.tables"
        our_tables(path)
        calls = list(mixed(CALLS))
        random.Random(1).shuffle(calls)
        written = Path(folder) / "calls"
        written.write_text("".join(f"{caller}\t{callee}\n" for caller, callee in calls))
        took = {python: one_by_one(python, path, written) for python in pythons()}
        peer = median(theirs(calls[:3_000]) for _ in range(TURNS))
        for python, turns in took.items():
            whose = "ours" if python == sys.executable else "Kamailio embeds it"
            line(f"decision on a call, one by one ({whose})", "µs", median(turns),
                 "phonenumbers: parse, region, type of both", peer, CALLS,
                 f"Python alone; median of {TURNS} turns, best {min(turns):.2f}")  # fmt: skip
        screen, batch = Screen(path), columns(1)
        call_columns.decide(screen.tables, batch)
        begun, rounds = time.perf_counter(), 3
        for _ in range(rounds):
            call_columns.decide(screen.tables, batch)
        rate = rounds * ROWS / (time.perf_counter() - begun) / 1e6
        line("decisions by columns", "M a second", rate, "ours one by one",
             1 / median(took[sys.executable]), ROWS, "warm, two cores")  # fmt: skip


if __name__ == "__main__":
    main()
