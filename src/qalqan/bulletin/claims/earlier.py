"""Which of two values is the earlier one, by whatever word or period stands next to either."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qalqan.bulletin.claims.compared import is_old
from qalqan.bulletin.claims.mention import Number
from qalqan.bulletin.claims.roles import is_from, is_to
from qalqan.bulletin.claims.sentence import Sentence
from qalqan.bulletin.claims.values import Two

_NEAR = 45
"""Letters between a mark of time and the value that it surely goes with."""
_BESIDE = 2
"""Letters between the two where the mark stands right beside the value."""
_STOP = 25
"""Letters that a comma, dash or bracket on the way counts for."""
_BEFORE = ("last_year", "last_month", "same_before")
_AFTER = ("this_year", "this_month")

Mark = tuple[int, int, int]
"""Where a mark of time begins and ends, and whether it is of the past: -1, or of now: 1."""


def in_order(sentence: Sentence, one: Number, other: Number) -> Two:
    """The two values as old and new; not sure where nothing tells, or the marks disagree."""
    if is_from(sentence, one) and is_to(sentence, other):
        return Two(one, other, True)
    if is_to(sentence, one) and is_from(sentence, other):
        return Two(other, one, True)
    marked, gap = _by_marks(sentence, one, other)
    if gap <= _BESIDE:
        return marked
    old = [n for n in (one, other) if is_old(sentence, n)]
    if len(old) == 1:
        return Two(old[0], other if old[0] == one else one, True)
    return _by_dates(sentence, one, other) or marked


def _by_dates(sentence: Sentence, one: Number, other: Number) -> Two | None:
    """By two dated periods, each next to its value."""
    dated = [
        (w.first, w)
        for w in sentence.whens
        if w.first is not None and w.kind not in ("years", "last_n")
    ]
    if len(dated) != 2 or dated[0][0] == dated[1][0]:
        return None
    (first, when), (second, then) = dated
    mine = min((one, other), key=lambda n: _far(sentence, when.start, when.end, n))
    theirs = min((one, other), key=lambda n: _far(sentence, then.start, then.end, n))
    if mine == theirs:
        return None
    return Two(mine, theirs, True) if first < second else Two(theirs, mine, True)


def _by_marks(sentence: Sentence, one: Number, other: Number) -> tuple[Two, int]:
    """By the mark of time that stands nearest to either value, and how near."""
    found = [
        (_far(sentence, start, end, n), way, n)
        for start, end, way in _marks(sentence)
        for n in (one, other)
    ]
    if not found:
        return Two(one, other, False), _NEAR + 1
    gap, way, near = min(found, key=lambda told: told[0])
    far = other if near == one else one
    old, new = (near, far) if way < 0 else (far, near)
    return Two(old, new, gap <= _NEAR), gap


def _marks(sentence: Sentence) -> Iterator[Mark]:
    for group, way in (("roles.then", -1), ("roles.now", 1)):
        for start, end in sentence.words.find(group, sentence.text):
            yield start + sentence.offset, end + sentence.offset, way
    for when in sentence.whens:
        if when.kind in _BEFORE or when.kind in _AFTER:
            yield when.start, when.end, -1 if when.kind in _BEFORE else 1


def _far(sentence: Sentence, start: int, end: int, one: Number) -> int:
    """Letters from a mark to a value, more where a stop stands between."""
    between = sentence.cut(end, one.start) if end <= one.start else sentence.cut(one.end, start)
    return len(between) + _STOP * len(re.findall(r"[,;:()]|\s[–—]\s", between))
