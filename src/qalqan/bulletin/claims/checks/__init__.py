"""The checks: one file a check, each a pure function from what was read to problems."""

from __future__ import annotations

from collections.abc import Iterator

from qalqan.bulletin.claims.checks import (
    base,
    cause,
    change,
    copies,
    definitions,
    known,
    letters,
    mean,
    own,
    period,
    remainder,
    series,
    share,
    sums,
    superlative,
    tables,
)
from qalqan.bulletin.claims.problem import Kind, Problem
from qalqan.bulletin.claims.seen import Seen

CHECKS = (
    share,
    change,
    sums,
    mean,
    series,
    superlative,
    copies,
    tables,
    period,
    base,
    definitions,
    cause,
    remainder,
    known,
    own,
    letters,
)

KINDS: dict[str, Kind] = {kind.code: kind for check in CHECKS for kind in check.KINDS}
"""Every code with its severity and requirements."""


def find(seen: Seen) -> Iterator[Problem]:
    """What every check finds."""
    for check in CHECKS:
        yield from check.find(seen)
