"""Series by year or month that a text prints (REQ-1 to 3, 79)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qalqan.bulletin.claims.claim import Point, Series
from qalqan.bulletin.claims.marks import labelled_years
from qalqan.bulletin.claims.mention import Number, When
from qalqan.bulletin.claims.reading import Reading
from qalqan.bulletin.claims.sentence import Sentence

_MOST_WORDS = 6
_LEAST = 3


def series(reading: Reading) -> Iterator[Series]:
    """Every series of at least three labels with their values."""
    for sentence in reading.sentences:
        found = _labelled(sentence) or _alternating(sentence)
        if found is not None:
            yield found


def _labelled(sentence: Sentence) -> Series | None:
    """As in "2017 – 2 046, 2018 – 4 287, 2019 –": a label may lack its value."""
    for run in labelled_years(sentence.text):
        points = []
        for item in run:
            place = item.start(1) + sentence.offset
            when = next((w for w in sentence.whens if w.start == place), None)
            if when is None:
                return None
            at = item.start(2) + sentence.offset if item[2] else -1
            points.append(Point(when, next((n for n in sentence.figures if n.digits == at), None)))
        return Series(tuple(points), "year")
    return None


def _alternating(sentence: Sentence) -> Series | None:
    """Years (or months) and values in turn: "21,275 in 2021, 20,444 in 2022 and 21,637 in 2023"."""
    labels = [w for w in sentence.whens if w.kind in ("year", "month", "quarter")]
    for kind in ("year", "month", "quarter"):
        own = [w for w in labels if w.kind == kind]
        sizes = [n for n in sentence.sizes if own and n.end > own[0].start - 60]
        for first in (True, False):
            points = _in_turn(sentence, own, sizes, first)
            if (
                len(points) >= _LEAST
                and _ordered(points)
                and len({p.value.kind for p in points if p.value}) == 1
            ):
                return Series(tuple(points), kind)
    return None


def _in_turn(
    sentence: Sentence, labels: list[When], sizes: list[Number], label_first: bool
) -> list[Point]:
    points: list[Point] = []
    for at, label in enumerate(labels):
        following = (
            labels[at + 1].start if at + 1 < len(labels) else sentence.offset + len(sentence.text)
        )
        previous = labels[at - 1].end if at else sentence.offset
        if label_first:
            own = [n for n in sizes if label.end <= n.start and n.end <= following]
        else:
            own = [n for n in sizes if previous <= n.start and n.end <= label.start]
        if len(own) != 1:
            return []
        between = (
            sentence.cut(label.end, own[0].start)
            if label_first
            else sentence.cut(own[0].end, label.start)
        )
        if len(between.split()) > _MOST_WORDS or re.search(r"[;:]\s*\w.*[;:]", between):
            return []
        points.append(Point(label, own[0]))
    return points


def _ordered(points: list[Point]) -> bool:
    firsts = [p.label.first or p.label.month for p in points]
    same = all(isinstance(one, type(firsts[0])) for one in firsts)
    return (
        same
        and (firsts == sorted(firsts, key=str) or firsts == sorted(firsts, key=str, reverse=True))
        and len(set(firsts)) == len(firsts)
    )
