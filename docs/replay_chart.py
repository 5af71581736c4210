"""Draws `docs/reference/replay.svg` and writes the README's figures of the replay.

Both are made from `docs/reference/replay.json`, are simulated, and say so.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from qalqan.simulate.replay.chart import svg
from qalqan.text.catalogue import say

ROOT = Path(__file__).parent.parent
REFERENCE = ROOT / "docs" / "reference"
MARKS = re.compile(r"(<!-- replay -->\n).*?(<!-- /replay -->)", re.DOTALL)
TEXT = """\
## What it would stop, in a simulated world

![{alt}](docs/reference/replay.svg)

**Simulated, and no forecast**: {victims} made-up victims in a world of rings, banks and bystanders
whose numbers are partly judgement. Connected banks confirm by the peer's own clock (up to 30
minutes) and hold at once, as its receivers do; by statements only, clerks answer in minutes to
hours. *Bystanders'* is what was ever held of other people's money.

| reports after all delays | stopped, of stolen | bystanders', of held | drops' own, of held |
|---|--:|--:|--:|
{rows}

Wanted was twice the money of the MED-like policy at equal innocent holds: it is {feed:.2f} times
with feeds ({feed_met}) and {statements:.2f} times by statements ({statements_met}). Wanted was at
most 1 % of bystanders' money in what is held: {feed_innocent:.1f} % with feeds ({feed_spares}) and
{statements_innocent:.1f} % by statements ({statements_spares}). Late, the peer stops more,
because it also catches money of victims who have not reported yet; where a ring has one victim
alone, the difference is gone. [All figures, why, every assumption and what depends on
it](docs/reference/replay.md); [replay it](docs/how-to/replay.md): `qalqan replay`.
"""


def section(result: dict[str, Any]) -> str:
    """The README's part."""
    pooled = {row["policy"]: row for row in result["pooled"]}
    told: dict[str, Any] = {}
    for row in result["equal_innocent"]:
        if row["counted"] == "others":
            policy, of = row["policy"], pooled[row["policy"]]
            innocent = 100 * of["innocent_held"] / of["held"]
            told |= {
                policy: row["ratio"],
                f"{policy}_met": met(row["ratio"] >= 2 and row["fits"]),
                f"{policy}_innocent": innocent,
                f"{policy}_spares": met(innocent <= 1),
            }
    lines = (
        f"| {say(f'replay.policy.{policy}', 'en')} | {100 * row['stopped'] / row['stolen']:.1f} % "
        f"| {100 * row['innocent_held'] / row['held']:.1f} % "
        f"| {100 * row['own_held'] / row['held']:.1f} % |"
        for policy, row in pooled.items()
    )
    return TEXT.format(
        alt=say("replay.alt", "en"),
        victims=f"{result['victims']:,}".replace(",", " "),
        rows="\n".join(lines),
        **told,
    )


def met(is_met: bool) -> str:
    """In a word."""
    return "met" if is_met else "**missed**"


def main() -> None:
    """Write both, in English."""
    result = json.loads((REFERENCE / "replay.json").read_text(encoding="utf-8"))
    (REFERENCE / "replay.svg").write_text(svg(result, "en"), encoding="utf-8")
    readme = ROOT / "README.md"
    part = section(result)
    text = readme.read_text(encoding="utf-8")
    readme.write_text(MARKS.sub(lambda m: f"{m[1]}{part}{m[2]}", text), encoding="utf-8")


if __name__ == "__main__":
    main()
