"""Months of crimes, as tests write them."""

from __future__ import annotations

from collections.abc import Sequence

from qalqan.bulletin.effects.series import Month
from qalqan.model.period import Period, month_of, parse


def periods(first: str, n: int) -> list[Period]:
    found = [parse(first)]
    while len(found) < n:
        found.append(month_of(found[-1].end))
    return found


def months(first: str, counts: Sequence[int]) -> list[Month]:
    return [
        Month(month, count)
        for month, count in zip(periods(first, len(counts)), counts, strict=True)
    ]
