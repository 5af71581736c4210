"""What a share or a change can be, given its numbers, and whether the told one is a fair wording
of it (REQ-4, 7)."""

from __future__ import annotations

from fractions import Fraction

from qalqan.bulletin.claims.claim import Change, Share
from qalqan.bulletin.claims.mention import Number, agrees

Bounds = tuple[Fraction, Fraction]
_LEAST = Fraction(1, 100)


def share_bounds(share: Share) -> tuple[Fraction, Fraction, Fraction]:
    """The least and the most that the share can be, and what it is as written, in percent."""
    part, whole = share.part, share.whole
    low, high = part.low * 100 / whole.high, part.high * 100 / max(whole.low, _LEAST)
    point = part.value * 100 / whole.value
    return (100 - high, 100 - low, 100 - point) if share.rest else (low, high, point)


def change_fits(told: Number, change: Change, direction: int) -> bool:
    """Whether the told size is that of the change, in a direction; 0: in either."""
    if direction == 0:
        return change_fits(told, change, 1) or change_fits(told, change, -1)
    low, high = change_bounds(told, change, direction)
    if agrees(told, low, high):
        return high > 0
    return told.more and agrees(told, low - 1, high - 1)


def change_bounds(told: Number, change: Change, direction: int) -> Bounds:
    """The least and the most that the change can be, measured as told, in the told direction."""
    first, last = (change.old, change.new) if direction >= 0 else (change.new, change.old)
    if told.kind == "times":
        return last.low / max(first.high, _LEAST), last.high / max(first.low, _LEAST)
    low, high = last.low - first.high, last.high - first.low
    if told.kind != "percent":
        return low, high
    least, most = max(change.old.low, _LEAST), max(change.old.high, _LEAST)
    ratios = (low * 100 / least, low * 100 / most, high * 100 / least, high * 100 / most)
    return min(ratios[:2]), max(ratios[2:])


def swapped(change: Change) -> Change:
    """The same with its values the other way round."""
    return Change(change.new, change.old, change.told, change.direction, change.sure)
