"""The benchmarks of the record run, and print what `make bench` publishes: short forms, of which
only the shape is looked at.

`.venv/bin/python soak/benches.py`; `posts.py` needs wrk.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).parents[1] / "bench"
COLUMNS = {"name", "unit", "ours", "peer", "peer_value", "ratio", "n", "notes"}
SHORT = (("ingest.py", "--rows", "20000"), ("upkeep.py", "20"), ("posts.py", "1"))


def checked(script: str, *given: str) -> int:
    """How many lines a short form printed.

    Raises:
        SystemExit: it failed, printed nothing, or a line of another shape.
    """
    run = subprocess.run(
        [sys.executable, BENCH / script, *given], capture_output=True, text=True, check=False
    )
    lines = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
    if run.returncode != 0 or not lines:
        raise SystemExit(f"{script}: {run.stderr}")
    if wrong := [line for line in lines if set(line) != COLUMNS or not line["ours"]]:
        raise SystemExit(f"{script}: {wrong[0]}")
    return len(lines)


if __name__ == "__main__":
    for script, *given in SHORT:
        print(f"{script}: {checked(script, *given)} lines", flush=True)
