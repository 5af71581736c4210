"""Shares and changes whose wording is not known, by structure and arithmetic: a ratio with just
two values of one unit beside it is the one's share of the other, or the change between them.

Such a claim is made only where something corroborates it: a word for shares or directions, a mark
of time, a bracket or "of", or that it nearly holds."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from fractions import Fraction

from qalqan.bulletin.claims.claim import Change, Share
from qalqan.bulletin.claims.compared import is_by
from qalqan.bulletin.claims.earlier import in_order
from qalqan.bulletin.claims.joint import with_the_one_before
from qalqan.bulletin.claims.mention import Number, agrees
from qalqan.bulletin.claims.reading import Reading
from qalqan.bulletin.claims.reckon import change_bounds, change_fits, share_bounds, swapped
from qalqan.bulletin.claims.roles import is_of, is_to
from qalqan.bulletin.claims.sentence import Sentence, same_kind
from qalqan.bulletin.claims.values import Two, exact

_NEARLY = 12
"""Percent points by which a ratio that was meant may miss."""
_OF = re.compile(r"\s*/\s*|\s*(?:из|of|out of|from|при|against)\s+(?:\S+\s+){0,4}$")
_OF_WHAT = re.compile(r"\s*(?:of|out of|от|из)(?!\w)")
_OR = re.compile(r"\s[–—]\s$|(?:или|or|яғни|это|бұл|немесе)\s*$")

Place = tuple[int, int]


def ratios(reading: Reading, tied: Collection[Place]) -> Iterator[Share | Change]:
    """Every ratio that no known wording ties, with its two values."""
    for sentence in reading.sentences:
        for told in sentence.figures:
            if told.kind not in ("percent", "times") or (told.paragraph, told.digits) in tied:
                continue
            own = list(_beside(sentence, told, tied))
            joint = with_the_one_before(reading, sentence)
            scope = sentence
            if not own and joint is not None and len(sentence.sizes) <= 1:
                scope, own = joint, _of_two_sentences(joint, told, tied)
            for one, other in own:
                claim = _claim(scope, told, one, other)
                if claim is not None:
                    yield claim


def _beside(
    sentence: Sentence, told: Number, tied: Collection[Place]
) -> Iterator[tuple[Number, Number]]:
    """The only two values of one unit in the narrowest stretch around a ratio that has two."""
    for start, end in _stretches(sentence, told):
        inner = [n for n in sentence.figures if start <= n.start < end]
        sizes = [n for n in inner if n.kind in ("count", "money") and not _small(sentence, n)]
        if len(sizes) < 2:
            continue
        rivals = [
            n for n in inner
            if n.kind == told.kind and n != told and (n.paragraph, n.digits) not in tied
        ]  # fmt: skip
        alike = [n for n in sizes if sum(same_kind(n, other) for other in sizes) == 2]
        free = any((n.paragraph, n.digits) not in tied for n in alike)
        if len(alike) == 2 and not rivals and free:
            yield alike[0], alike[1]
        return


def _of_two_sentences(
    joint: Sentence, told: Number, tied: Collection[Place]
) -> list[tuple[Number, Number]]:
    """The only two values of two sentences that have no other ratio, nor a third value."""
    if any(n.kind == told.kind and n != told for n in joint.figures) or len(joint.sizes) != 2:
        return []
    one, other = joint.sizes
    used = [n for n in joint.sizes if (n.paragraph, n.digits) in tied]
    return [(one, other)] if same_kind(one, other) and not used else []


def _small(sentence: Sentence, one: Number) -> bool:
    """Whether a count is the size of a change, or one of a few things named beside."""
    by = is_by(sentence, one) and sentence.direction(one) != 0
    return by or (one.kind == "count" and one.value < 10 and one.size == 1)


def _stretches(sentence: Sentence, told: Number) -> Iterator[tuple[int, int]]:
    """The bracket that a ratio stands in, its piece of a list, its clause, the sentence."""
    last = sentence.offset + len(sentence.text)
    if sentence.inside(told.start):
        head, tail = sentence.cut(sentence.offset, told.start), sentence.cut(told.end, last)
        closing = tail.find(")")
        yield sentence.offset + head.rfind("("), told.end + closing if closing >= 0 else last
    at = sentence.offset
    for piece in re.split(r"(?<=;)", sentence.text):
        if at <= told.start < at + len(piece):
            yield at, at + len(piece)
        at += len(piece)
    yield sentence.clause(told)
    yield sentence.offset, last


def _claim(sentence: Sentence, told: Number, one: Number, other: Number) -> Share | Change | None:
    """What the ratio is of the two values, if anything says so."""
    one, other = (exact(n) if is_to(sentence, n) else n for n in (one, other))
    two = in_order(sentence, one, other)
    way = sentence.direction(told)
    change = Change(two.old, two.new, told, way, two.sure)
    part, whole = sorted((one, other), key=lambda n: n.value)
    share = Share(part, whole, told)
    if not part.value:
        return None
    if told.kind == "times":
        return change if way or two.sure else None
    if _holds(share) and not told.sign:
        return share
    if told.sign or (two.sure and (way or not _shares(sentence))):
        return change
    if any(change_fits(told, c, way) for c in (change, swapped(change))) and not _shares(sentence):
        return change
    if way and not _shares(sentence):
        return change if _nearly_changed(told, two) else None
    return share if _corroborated(sentence, share, one, other) else None


def _shares(sentence: Sentence) -> bool:
    return sentence.has("claims.shares")


def _holds(share: Share) -> bool:
    assert share.told is not None
    low, high, _ = share_bounds(share)
    return agrees(share.told, low, high)


def _nearly_changed(told: Number, two: Two) -> bool:
    """Whether the change is about as large as told, whichever value is the old one."""
    for old, new in ((two.old, two.new), (two.new, two.old)):
        for way in (1, -1):
            low, high = change_bounds(told, Change(old, new, told, way, True), way)
            if low - _NEARLY <= told.value <= high + _NEARLY:
                return True
    return False


def _corroborated(sentence: Sentence, share: Share, one: Number, other: Number) -> bool:
    """Whether words or form make a share of two values, and it is one or nearly."""
    told = share.told
    assert told is not None
    between = sentence.between(one, other)
    if _OF.fullmatch(between):
        return True
    _, _, point = share_bounds(share)
    gap = abs(point - told.value)
    said = (
        _shares(sentence) or share.part.case == "poss" or is_of(sentence, share.whole)
        or _OF.search(between) is not None or _OF_WHAT.match(sentence.after(told)) is not None
    )  # fmt: skip
    if said:
        return gap <= max(Fraction(_NEARLY), told.value / 2)
    formed = sentence.inside(told.start) > 0 or sentence.has("roles.sums")
    formed = formed or _OR.search(sentence.before(told)) is not None
    start, end = sentence.clause(told)
    return formed and gap <= _NEARLY and any(start <= n.start < end for n in (one, other))
