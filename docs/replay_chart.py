"""Draws `docs/reference/replay.svg` from `docs/reference/replay.json`, both simulated results."""

from __future__ import annotations

import json
from pathlib import Path

from qalqan.simulate.replay.chart import svg

REFERENCE = Path(__file__).parent / "reference"


def main() -> None:
    """Write the chart, in English, as the page beside it."""
    result = json.loads((REFERENCE / "replay.json").read_text(encoding="utf-8"))
    (REFERENCE / "replay.svg").write_text(svg(result, "en"), encoding="utf-8")


if __name__ == "__main__":
    main()
