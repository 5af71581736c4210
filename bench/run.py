"""Runs every script of this folder and publishes what they printed.

Each script prints one JSON object a line: name, unit, ours, peer, peer_value, ratio, n, notes.
`make bench` writes `docs/reference/benchmarks.json` and renders `benchmarks.md` beside it.
A folder with outside data may be given as the only argument; scripts that need it say so.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
REFERENCE = HERE.parent / "docs" / "reference"
COLUMNS = ("name", "unit", "ours", "peer", "peer_value", "ratio", "n", "notes")


def measured(script: Path, data: list[str]) -> list[dict[str, object]]:
    """The JSON lines that one script printed; raises if it fails."""
    print(f"{script.name} …", file=sys.stderr, flush=True)
    run = subprocess.run(
        [sys.executable, str(script), *data], check=True, stdout=subprocess.PIPE, text=True
    )
    return [json.loads(line) for line in run.stdout.splitlines() if line.startswith("{")]


def page(rows: list[dict[str, object]]) -> str:
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


def main(data: list[str]) -> None:
    """Measure, write, render."""
    scripts = sorted(path for path in HERE.glob("*.py") if path.name != "run.py")
    rows = [row for script in scripts for row in measured(script, data)]
    (REFERENCE / "benchmarks.json").write_text(
        "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8"
    )
    (REFERENCE / "benchmarks.md").write_text(page(rows), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:2])
