"""A share against its part and its whole (REQ-4, 41)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from qalqan.bulletin.claims.claim import Share
from qalqan.bulletin.claims.mention import Number, agrees, cut
from qalqan.bulletin.claims.problem import Kind, Problem
from qalqan.bulletin.claims.reckon import share_bounds
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
    low, high, point = share_bounds(share)
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
