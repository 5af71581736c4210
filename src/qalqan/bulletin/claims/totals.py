"""Totals with their listed parts (REQ-72)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence

from qalqan.bulletin.claims.claim import Total
from qalqan.bulletin.claims.compared import is_by, is_old
from qalqan.bulletin.claims.mention import Number
from qalqan.bulletin.claims.reading import Paragraph, Reading
from qalqan.bulletin.claims.roles import is_of
from qalqan.bulletin.claims.sentence import Sentence, same_kind

_MOST_WORDS = 14
_ABOVE = frozenset({"person", "call", "resource", "material", "crime", "internet_fraud", "fraud"})


def totals(reading: Reading) -> Iterator[Total]:
    """Every total whose parts the text lists."""
    for sentence in reading.sentences:
        found = _in_sentence(sentence) or _summed_behind(sentence)
        if found is not None:
            yield found
    yield from _in_lists(reading)


def _in_sentence(sentence: Sentence) -> Total | None:
    """As in "4 000 sites: 2 500 phishing and 1 500 pyramids"; "1 871, including 741 … and 1 130
    …"."""
    mark = _mark(sentence)
    if mark is None:
        return None
    place, end, complete = mark
    wholes = [n for n in sentence.sizes if n.end <= place and sentence.inside(n.start) == 0]
    wholes = [n for n in wholes if not (is_old(sentence, n) or is_by(sentence, n))]
    if not wholes or len(sentence.cut(wholes[-1].end, place).split()) > _MOST_WORDS:
        return None
    whole = wholes[-1]
    if whole.kind == "count" and whole.step < 1:
        return None  # nothing is counted in tenths
    if not sentence.cut(whole.end, place).strip() and sentence.cut(place, end).strip(" (:"):
        return None  # "1 422 of them": itself a part
    parts = _listed(sentence, whole, end)
    if len(parts) < 2:
        return None
    tail = sentence.cut(place, parts[-1].end + 40)
    if sentence.words.has("roles.open_list", sentence.text):
        return Total(whole, tuple(parts), False) if _exceeds(parts, whole) else None
    complete = complete or sentence.words.has("roles.whole_list", tail)
    return Total(whole, tuple(parts), complete)


def _exceeds(parts: Sequence[Number], whole: Number) -> bool:
    return sum(p.low for p in parts) > whole.high


def _mark(sentence: Sentence) -> tuple[int, int, bool] | None:
    """Where a list of parts begins: place, end of the mark, whether all parts are promised."""
    marks = [
        (s + sentence.offset, e + sentence.offset, False)
        for s, e in sentence.words.find("roles.including", sentence.text)
    ]
    marks += [
        (s + sentence.offset, e + sentence.offset, True)
        for s, e in sentence.words.find("roles.made_of", sentence.text)
    ]
    for found in re.finditer(r":\s|\s\(", sentence.text):
        at = found.start() + sentence.offset
        if any(n.end <= at for n in sentence.sizes):
            marks.append((at, found.end() + sentence.offset, found[0][0] == ":"))
    marks = [m for m in marks if any(n.end <= m[0] for n in sentence.sizes)]
    for mark in sorted(marks):
        if len([n for n in sentence.sizes if n.start >= mark[1]]) >= 2 and (
            mark[2]
            or "(" not in sentence.cut(mark[0], mark[1])
            or _bracket_lists(sentence, mark[1])
        ):
            return mark
    return None


def _bracket_lists(sentence: Sentence, start: int) -> bool:
    """Whether a bracket holds at least two labelled values of one kind and nothing else."""
    text = sentence.cut(start, sentence.offset + len(sentence.text))
    end = start + (text.find(")") if ")" in text else 0)
    inner = [n for n in sentence.figures if start <= n.start < end]
    return (
        len(inner) >= 2
        and all(n.kind == inner[0].kind for n in inner)
        and not any(is_of(sentence, n) or is_old(sentence, n) or is_by(sentence, n) for n in inner)
        and not any(start <= w.start < end for w in sentence.whens)
    )


def _listed(sentence: Sentence, whole: Number, start: int) -> list[Number]:
    """The parts of a list, as far as it goes on in one manner."""
    parts: list[Number] = []
    depth = -1
    for one in sentence.sizes:
        if one.start < start:
            continue
        if depth < 0:
            depth = sentence.inside(one.start)
        if sentence.inside(one.start) != depth:
            continue
        if not same_kind(one, whole) or _other(sentence, whole, one) or is_of(sentence, one):
            break
        if is_by(sentence, one) or is_old(sentence, one):
            break
        between = sentence.cut(parts[-1].end if parts else start, one.start)
        if len(between.split()) > _MOST_WORDS or (parts and not _continues(sentence, between)):
            break
        parts.append(one)
    return parts


def _continues(sentence: Sentence, between: str) -> bool:
    """Whether a list goes on: a comma, "and", a bracket, and no new "including" or full clause."""
    if sentence.words.has("roles.including", between):
        return False
    return (
        re.search(r"[,;)–—]|(?<!\w)(?:and|и|а|мен|пен|бен|және|ал|with)(?!\w)", between) is not None
    )


def _other(sentence: Sentence, whole: Number, part: Number) -> bool:
    """Whether a part counts something else than the whole does: people of crimes."""
    mine, theirs = sentence.noun_concepts(whole) & _ABOVE, sentence.noun_concepts(part) & _ABOVE
    return (
        bool(mine)
        and bool(theirs)
        and not mine & theirs
        and not {*mine, *theirs} <= {"crime", "internet_fraud", "fraud"}
    )


def _summed_behind(sentence: Sentence) -> Total | None:
    """As in "8 thousand in the media and 12 thousand on networks, 20 thousand in all"."""
    spans = sentence.words.find("roles.total", sentence.text)
    for start, end in spans:
        place = start + sentence.offset
        before = [n for n in sentence.sizes if n.end <= place]
        near = [
            n
            for n in sentence.sizes
            if (0 <= place - n.end <= 14 and "," not in sentence.cut(n.end, place))
            or 0 <= n.start - end - sentence.offset <= 12
        ]
        whole = near[-1] if near else None
        if whole is None:
            continue
        parts = [
            n
            for n in before
            if n != whole and same_kind(n, whole) and sentence.inside(n.start) == 0
        ]
        plain = all(
            not (is_of(sentence, n) or is_by(sentence, n) or is_old(sentence, n)) for n in parts
        )
        if len(parts) < 2 or not plain or any(n.start > whole.start for n in parts):
            continue
        if not all(
            _continues(sentence, sentence.between(a, b)) for a, b in itertools.pairwise(parts)
        ):
            continue
        if any(_other(sentence, whole, n) for n in parts) or whole.value < max(
            n.value for n in parts
        ):
            continue
        return Total(whole, tuple(parts), True)
    return None


def _in_lists(reading: Reading) -> Iterator[Total]:
    """A sentence that ends with a colon, and the items below it, one value each."""
    for at, paragraph in enumerate(reading.paragraphs):
        if not paragraph.clean.plain.rstrip().endswith(":") or not paragraph.sentences:
            continue
        head = paragraph.sentences[-1]
        wholes = [
            n for n in head.sizes if not (is_old(head, n) or is_by(head, n) or is_of(head, n))
        ]
        if len(wholes) != 1:
            continue
        parts = _items(reading.paragraphs[at + 1 :], wholes[0])
        if len(parts) >= 2:
            yield Total(
                wholes[0],
                tuple(parts),
                not head.has("roles.open_list") and not head.has("roles.including"),
            )


def _items(paragraphs: Sequence[Paragraph], whole: Number) -> list[Number]:
    parts: list[Number] = []
    for paragraph in paragraphs:
        if not paragraph.listed or len(paragraph.sentences) != 1:
            break
        sentence = paragraph.sentences[0]
        sizes = [n for n in sentence.sizes if same_kind(n, whole) and sentence.inside(n.start) == 0]
        if len(sizes) != 1 or is_by(sentence, sizes[0]):
            return []
        parts.append(sizes[0])
        if paragraph.clean.plain.rstrip().endswith("."):
            break
    return parts
