"""Parts against their total (REQ-72)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from qalqan.bulletin.claims.claim import Total
from qalqan.bulletin.claims.mention import Number
from qalqan.bulletin.claims.problem import Kind, Problem
from qalqan.bulletin.claims.seen import Seen

MORE = Kind("sum.more", "false", ("REQ-72",))
WRONG = Kind("sum.wrong", "false", ("REQ-72",))
REST = Kind("sum.rest", "unsound", ("REQ-72",))
KINDS = (MORE, WRONG, REST)

SMALL_REST = Fraction(12, 100)
"""A list after "including" that leaves so little untold most likely meant to tell all."""


def find(seen: Seen) -> Iterator[Problem]:
    """Totals that their parts don't give."""
    for total in seen.totals:
        low, high = sum(p.low for p in total.parts), sum(p.high for p in total.parts)
        kind = _kind(total, Fraction(low), Fraction(high))
        if kind is not None:
            reckoned = sum((p.value for p in total.parts), Fraction(0))
            gap = abs(total.whole.value - reckoned)
            yield kind.at(
                seen.reading, total.whole, *total.parts, reckoned=reckoned, whole=total.whole,
                n=len(total.parts), gap=gap,
            )  # fmt: skip


def _kind(total: Total, low: Fraction, high: Fraction) -> Kind | None:
    if low > _most(total.whole):
        return MORE
    if high >= total.whole.low:
        return None
    if total.complete:
        return WRONG
    return REST if total.whole.low - high <= total.whole.value * SMALL_REST else None


def _most(whole: Number) -> Fraction:
    return whole.high
