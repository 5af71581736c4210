"""Runs every script of this folder and publishes what they printed.

Each script prints one JSON object a line: name, unit, ours, peer, peer_value, ratio, n, notes.
`make bench` writes `docs/reference/benchmarks.json` and renders `benchmarks.md` beside it, after
each script; one that fails keeps the lines of its last run out, and fails the whole at the end.
`python bench/run.py [DATA] [SCRIPT.py …]`: DATA is a folder with outside data, for the scripts
that need it; scripts that are named are measured anew, the lines of the others stay.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
REFERENCE = HERE.parent / "docs" / "reference"
COLUMNS = ("name", "unit", "ours", "peer", "peer_value", "ratio", "n", "notes")

Rows = list[dict[str, Any]]


def measured(script: Path, data: list[str]) -> Rows | None:
    """The JSON lines that one script printed; None if it failed."""
    print(f"{script.name} …", file=sys.stderr, flush=True)
    command = [sys.executable, str(script), *data]
    run = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)
    if run.returncode:
        return None
    rows = [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]
    return [{"script": script.name, **row} for row in rows]


def page(rows: Rows) -> str:
    """The figures as a table."""
    lines = [
        "# Benchmarks",
        "",
        "Made by `make bench` on one machine of 2 cores; the peer ran beside us in the same run,",
        "on the same data. Machines are noisy: trust the ratios.",
        "",
        "| " + " | ".join(COLUMNS) + " |",
        "|" + "---|" * len(COLUMNS),
    ]
    lines += ["| " + " | ".join(str(row.get(c, "")) for c in COLUMNS) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def publish(rows: Rows) -> None:
    """Write both files."""
    told = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (REFERENCE / "benchmarks.json").write_text(told, encoding="utf-8")
    (REFERENCE / "benchmarks.md").write_text(page(rows), encoding="utf-8")


def before() -> Rows:
    """The lines of the last run."""
    path = REFERENCE / "benchmarks.json"
    return (
        [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []
    )


def main(given: list[str]) -> None:
    """Measure, write, render."""
    named = {one for one in given if one.endswith(".py")}
    data = [one for one in given if one not in named]
    scripts = sorted(path for path in HERE.glob("*.py") if path.name != "run.py")
    failed, rows = [], before()
    for script in scripts:
        if named and script.name not in named:
            continue
        found = measured(script, data)
        failed += [script.name] if found is None else []
        rows = [row for row in rows if row["script"] != script.name] + (found or [])
        publish(sorted(rows, key=lambda row: row["script"]))
    if failed:
        raise SystemExit(f"failed: {', '.join(failed)}")


if __name__ == "__main__":
    main(sys.argv[1:])
