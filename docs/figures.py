"""Writes the figures of a demo into the README, between its marks.

`qalqan demo --json > demo.json`, then `python docs/figures.py demo.json`. All of them are
simulated, and the README says so beside them.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

from qalqan.cli.story import PARTS
from qalqan.text.catalogue import say
from qalqan.text.show import money, share

README = Path(__file__).parent.parent / "README.md"
MARKS = re.compile(r"(<!-- demo -->\n).*?(<!-- /demo -->)", re.DOTALL)


def table(body: dict[str, Any]) -> str:
    """Ours, the truth and the range over all rules, part by part."""
    rules = [body, *body["other_rules"].values()]
    stolen = body["stolen_tiyn"]
    lines = ["| where | ours | of stolen | truth | over all rules |", "|---|--:|--:|--:|--:|"]
    for name in (*PARTS, "stolen_tiyn"):
        low, high = min(rule[name] for rule in rules), max(rule[name] for rule in rules)
        spread = "" if low == high else f"{tenge(low)} – {tenge(high)}"
        where = say(f"cli.story.{name}", "en")
        cells = (where, tenge(body[name]), share(body[name], stolen, "en"))
        lines.append(f"| {' | '.join((*cells, tenge(body['truth'][name]), spread))} |")
    counts = ("facts", "reports", "orders", "answers", "findings")
    told = ", ".join(f"{body[name]:,} {name}".replace(",", " ", 1) for name in counts)
    return (
        f"One run of the simulated town (`qalqan demo`): {told}. *Truth* is what the rings meant, "
        f"which our rules never see; sums are rounded to tenge. **Simulated:** most of its victims "
        f"report sooner than real ones ([the country](docs/reference/country.md)): no forecast.\n\n"
        + "\n".join(lines)
        + "\n"
    )


def tenge(tiyn: int) -> str:
    """A sum in whole tenge: a README needs no tiyn."""
    return money(round(tiyn, -2), "KZT", "en")


if __name__ == "__main__":
    figures = table(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    text = README.read_text(encoding="utf-8")
    README.write_text(MARKS.sub(lambda m: m[1] + figures + m[2], text), encoding="utf-8")
