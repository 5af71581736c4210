"""A change against its two values, and its direction (REQ-7, 8, 9)."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from qalqan.bulletin.claims.claim import Change
from qalqan.bulletin.claims.mention import Number, agrees, cut
from qalqan.bulletin.claims.problem import Kind, Problem
from qalqan.bulletin.claims.reckon import change_bounds, change_fits, swapped
from qalqan.bulletin.claims.seen import Seen

WRONG = Kind("change.wrong", "false", ("REQ-7", "REQ-8"))
TIMES = Kind("change.times", "false", ("REQ-2", "REQ-7"))
BY = Kind("change.by", "false", ("REQ-7",))
WAY = Kind("change.direction", "false", ("REQ-7", "REQ-80"))
POINTS = Kind("change.points", "unsound", ("REQ-83",))
CUT = Kind("change.cut", "careless", ("REQ-7",))
KINDS = (WRONG, TIMES, BY, WAY, POINTS, CUT)


def find(seen: Seen) -> Iterator[Problem]:
    """Changes that their own numbers refute."""
    for change in seen.changes:
        if (problem := _announced(seen, change)) is not None:
            yield problem
            continue
        if not change.old.value or not change.new.value:
            continue
        problem = _size(seen, change, change.told) if change.told else _way(seen, change)
        if problem is not None:
            yield problem


def _size(seen: Seen, change: Change, told: Number) -> Problem | None:
    """The told size; a text that does not say which value is the old one may mean either."""
    ways = [change] if change.sure else [change, swapped(change)]
    if any(change_fits(told, way, way.direction) for way in ways):
        return None
    values = _values(change, told)
    if any(change_fits(told, way, -way.direction) for way in ways) and change.direction:
        return WAY.at(seen.reading, told, change.old, change.new, **values)
    if told.kind == "percent" and change.old.kind == "percent":
        gap = abs(change.new.value - change.old.value)
        if agrees(told, gap, gap):
            return POINTS.at(seen.reading, told, change.old, change.new, **values)
    low, high = change_bounds(told, change, change.direction)
    if told.kind == "percent" and cut(told, low, high):
        return CUT.at(seen.reading, told, change.old, change.new, **values)
    kind = {"percent": WRONG, "times": TIMES}.get(told.kind, BY)
    return kind.at(seen.reading, told, change.old, change.new, **values)


def _values(change: Change, told: Number) -> dict[str, Number | Fraction]:
    old, new = change.old.value, change.new.value
    if told.kind == "times":
        reckoned = max(old, new) / min(old, new)
    elif told.kind == "percent":
        reckoned = (new - old) * 100 / old
    else:
        reckoned = new - old
    return {"reckoned": reckoned, "old": change.old, "new": change.new, "told": told}


def _announced(seen: Seen, change: Change) -> Problem | None:
    """As in "Fewer grave crimes: 231 against 198": what is said before a colon, of the pair
    behind it."""
    sentence = seen.reading.sentence_of(change.new)
    head, colon, _ = sentence.text.partition(":")
    end = sentence.offset + len(head)
    if not colon or not change.sure or any(n.start < end for n in sentence.figures):
        return None
    rises, falls = (len(sentence.words.find(f"directions.{way}", head)) for way in ("rise", "fall"))
    way = (rises == 1) - (falls == 1) if rises + falls == 1 else 0
    plain = Change(change.old, change.new, None, way, change.sure)
    return _way(seen, plain) if way and sentence == seen.reading.sentence_of(change.old) else None


def _way(seen: Seen, change: Change) -> Problem | None:
    """A direction without a size: "fell from 1 602 to 1 871"."""
    if not change.sure or change.direction == 0:
        return None
    rose = change.new.low > change.old.high
    fell = change.new.high < change.old.low
    if (change.direction > 0 and fell) or (change.direction < 0 and rose):
        values: dict[str, Number | Fraction] = {
            "reckoned": change.new.value - change.old.value,
            "old": change.old,
            "new": change.new,
        }
        return WAY.at(seen.reading, change.old, change.new, told="", **values)
    return None
