"""What the collector of garbage may do in an owner: never walk through all that it knows.

An owner keeps hundreds of thousands of answers and windows for hours; a walk through them stops
every question for a quarter of a second (measured at 120,000 answers). Almost all is freed by
counting references; cycles come from finished tasks and sessions, and end young.
"""

from __future__ import annotations

import gc

_YOUNG = 5_000
"""New objects between two walks through them: a millisecond or two each."""
_SELDOM = 1_000


def settle_down() -> None:
    """At the start: what is imported stays, and is looked at no more."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _SELDOM, _SELDOM)


def keep() -> None:
    """Once a second: what has survived since the last time is looked at once, then no more."""
    gc.collect(1)
    gc.freeze()
