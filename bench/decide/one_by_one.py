"""Microseconds a decision under whichever Python runs this: `one_by_one.py TABLES CALLS TURNS`,
with `screening` on its path. The standard library alone, as beside an edge."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from calls.screen import Screen  # type: ignore[import-not-found]


def main(tables: str, calls: str, turns: str) -> None:
    """`CALLS`: a line a call, caller and callee with a tab between them."""
    decide = Screen(Path(tables)).decide
    pairs = [line.split("\t") for line in Path(calls).read_text("ascii").splitlines()]
    for _ in range(int(turns)):
        begun = time.perf_counter()
        for caller, callee in pairs:
            decide("127.0.0.1", caller, caller, callee, None)
        print((time.perf_counter() - begun) / len(pairs) * 1e6)


if __name__ == "__main__":
    main(*sys.argv[1:])
