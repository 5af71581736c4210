"""A million drawn cases: no unit is lost or made, no hold is above balance or claim (REQ-39, 44).

    .venv/bin/python soak/conservation.py [--cases 1000000] [--graphs 100000] [--minutes 60]

`--cases` graphs are followed by the compiled walk and held to the laws of money under each of the
four rules, with a hold plan over what it found. The first `--graphs` of them are followed by the
definition, too: the documents must be equal. Ends with status 1 at the first violation, and names
the seed; also if the time is over before all cases are through.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

TESTS = Path(__file__).parents[1] / "tests"
sys.path += [str(TESTS), str(TESTS / "trail"), str(TESTS / "trail" / "index")]

FIRST = 10_000_000
"""The first seed: no test uses these."""
A_PART = 2_000
PROCESSES = 2


def through(part: tuple[int, int, int]) -> tuple[int, list[str]]:
    """Seeds from, to; those below the third are put to the definition, too."""
    from compiled_walk import compiled, violations, walked
    from trail_questions import question

    from qalqan.trail.oracle import told_document

    first, last, defined = part
    for seed in range(first, last):
        asked = question(seed)
        if broken := violations(walked(asked)):
            return 0, [f"graph {seed}: {words}" for words in broken]
        if seed < defined:
            told = told_document(asked.facts, asked.coverages, *asked.rest)
            if compiled(asked) != told:
                return 0, [f"graph {seed}: the document is not the definition's"]
    return last - first, []


def parts(cases: int, graphs: int, until: float) -> Iterator[tuple[int, int, int]]:
    """Stretches of seeds, until all are named or the time is over."""
    for first in range(FIRST, FIRST + cases, A_PART):
        if time.monotonic() > until:
            return
        yield first, min(first + A_PART, FIRST + cases), FIRST + graphs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000)
    parser.add_argument("--graphs", type=int, default=100_000)
    parser.add_argument("--minutes", type=float, default=60)
    asked = parser.parse_args()
    began, done = time.monotonic(), 0
    until = began + asked.minutes * 60
    todo = parts(asked.cases, asked.graphs, until)
    with ProcessPoolExecutor(PROCESSES) as pool:
        while some := [part for _, part in zip(range(2 * PROCESSES), todo, strict=False)]:
            for n, broken in pool.map(through, some):
                if broken:
                    sys.exit("\n".join(broken))
                done += n
            print(f"{done} of {asked.cases} cases hold", file=sys.stderr, flush=True)
    equal = min(done, asked.graphs)
    spent = round(time.monotonic() - began)
    told = {"cases": done, "equal_to_the_definition": equal, "violations": 0, "seconds": spent}
    print(json.dumps(told))
    if done < asked.cases:
        sys.exit(f"time is over: {asked.cases - done} cases were not tried")


if __name__ == "__main__":
    main()
