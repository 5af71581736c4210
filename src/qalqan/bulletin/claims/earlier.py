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
"""Letters that a comma or bracket on the way counts for."""
_LABEL = 6
"""Letters that a dash or colon counts for, which joins a label to its value."""
_MOST = 90
"""Letters from which a mark says nothing of a value any more."""
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
    if gap <= _BESIDE and marked.sure:
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
    """By the marks of time nearest to either value, and how near: of both ways to deal the marks
    out, the one with the shorter ways from mark to value."""
    found = [mark for mark in _marks(sentence) if not _heads(sentence, mark, one, other)]
    if not found:
        return Two(one, other, False), _NEAR + 1
    beside = [
        m for m in found if min(_far(sentence, m[0], m[1], n) for n in (one, other)) <= _BESIDE
    ]
    found = beside or found
    costs = []
    for old, new in ((one, other), (other, one)):
        gaps = [_far(sentence, start, end, old if way < 0 else new) for start, end, way in found]
        costs.append((sum(min(gap, _MOST) for gap in gaps), min(gaps), old, new))
    (cost, gap, old, new), (rival, *_) = sorted(costs, key=lambda told: told[:2])
    past = any(way < 0 for *_, way in found)
    return Two(old, new, past and gap <= _NEAR and cost < rival), gap if cost < rival else _NEAR


def _heads(sentence: Sentence, mark: Mark, one: Number, other: Number) -> bool:
    """Whether a mark only heads both values: "as against last year's: 500 and 600"."""
    first = min(one, other, key=lambda n: n.start)
    joined = re.fullmatch(r"[^,;]*(?<!\w)(?:и|and|және|мен)\s*", sentence.between(one, other))
    return (
        joined is not None and mark[1] <= first.start and ":" in sentence.cut(mark[1], first.start)
    )


def _marks(sentence: Sentence) -> Iterator[Mark]:
    periods = [w for w in sentence.whens if w.kind in _BEFORE or w.kind in _AFTER]
    for when in periods:
        yield when.start, when.end, -1 if when.kind in _BEFORE else 1
    for group, way in (("roles.then", -1), ("roles.now", 1)):
        for start, end in sentence.words.find(group, sentence.text):
            left, right = start + sentence.offset, end + sentence.offset
            if not any(w.start < right and left < w.end for w in periods):
                yield left, right, way


def _far(sentence: Sentence, start: int, end: int, one: Number) -> int:
    """Letters from a mark to a value, more where a stop stands between."""
    between = sentence.cut(end, one.start) if end <= one.start else sentence.cut(one.end, start)
    stops = len(re.findall(r"[,;()]", between))
    labels = len(re.findall(r":|\s[–—]\s", between))
    return len(between) + _STOP * stops + _LABEL * labels
