"""A share against its part and its whole (REQ-4, 41)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from qalqan.bulletin.claims.claim import Share
from qalqan.bulletin.claims.mention import Number, agrees, cut
from qalqan.bulletin.claims.problem import Kind, Problem
from qalqan.bulletin.claims.seen import Seen

WRONG = Kind("share.wrong", "false", ("REQ-4", "REQ-86a"))
CUT = Kind("share.cut", "careless", ("REQ-4",))
LARGER = Kind("share.larger", "false", ("REQ-82",))
REST = Kind("share.rest", "unsound", ("REQ-41",))
KINDS = (WRONG, CUT, LARGER, REST)


def find(seen: Seen) -> Iterator[Problem]:
    """Shares that their own numbers refute."""
    for share in seen.shares:
        if share.part.low > share.whole.high:
            yield LARGER.at(
                seen.reading, share.part, share.whole, part=share.part, whole=share.whole
            )
        elif share.told is not None and share.whole.value:
            problem = _told(seen, share, share.told)
            if problem is not None:
                yield problem


def _told(seen: Seen, share: Share, told: Number) -> Problem | None:
    low, high, point = bounds(share)
    values: dict[str, Number | Fraction] = {
        "reckoned": point,
        "part": share.part,
        "whole": share.whole,
        "told": told,
    }
    marks = (told, share.part, share.whole)
    open_ended = share.rest and share.whole.exactness != "exact"
    if open_ended and told.exactness == "exact" and not agrees(told, point, point):
        return REST.at(seen.reading, *marks, **values)
    if agrees(told, low, high):
        return None
    return (CUT if cut(told, low, high) else WRONG).at(seen.reading, *marks, **values)


def bounds(share: Share) -> tuple[Fraction, Fraction, Fraction]:
    """The least and the most that the share can be, and what it is as written, in percent."""
    part, whole = share.part, share.whole
    low, high = part.low * 100 / whole.high, part.high * 100 / max(whole.low, Fraction(1, 100))
    point = part.value * 100 / whole.value
    return (100 - high, 100 - low, 100 - point) if share.rest else (low, high, point)
