"""Totals and means whose wording is not known: values of one unit of which the largest is, or
nearly is, the others added up; or a mean times its days (REQ-46, 72)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise

from qalqan.bulletin.claims.claim import Mean, Total
from qalqan.bulletin.claims.compared import is_by, is_old
from qalqan.bulletin.claims.joint import with_the_one_before
from qalqan.bulletin.claims.means import PER
from qalqan.bulletin.claims.mention import Number
from qalqan.bulletin.claims.reading import Reading
from qalqan.bulletin.claims.sentence import Sentence, same_kind

_NEARLY = Fraction(12, 100)
"""Of the total: a larger gap is no slip but another relation."""
_MOST_WORDS = 9
"""Words between two values of a list."""
_MOST_WORDS_BEFORE = 4
"""Words with which a sentence that adds up the one before it begins."""
_TIMES = (Fraction(1, 2), Fraction(2))
"""How far a mean may miss and still be meant as one."""
_GOES_ON = re.compile(r"[,;+()–—:]|(?<!\w)(?:and|и|а|мен|пен|бен|және|ал)(?!\w)")

Place = tuple[int, int]


def totals_by_sum(reading: Reading, told: Collection[Place]) -> Iterator[Total]:
    """Totals in sentences for which no known wording gives one: `told` are their places."""
    for sentence in reading.sentences:
        if (sentence.paragraph, sentence.index) not in told:
            found = _total(sentence) or _of_sentence_before(reading, sentence)
            found = found or _of_them(reading, sentence)
            if found is not None:
                yield found


def _total(sentence: Sentence) -> Total | None:
    sizes = sentence.sizes
    if len(sizes) < 3 or len(sizes) != len(sentence.figures):
        return None
    alike = all(same_kind(n, sizes[0]) for n in sizes)
    if not alike or any(is_by(sentence, n) or is_old(sentence, n) for n in sizes):
        return None
    if sentence.has("roles.open_list") or not _listed(sentence):
        return None
    whole = max(sizes, key=lambda n: n.value)
    parts = tuple(n for n in sizes if n != whole)
    return Total(whole, parts, True) if _adds_up(parts, whole) and _apart(sentence, whole) else None


def _adds_up(parts: Sequence[Number], whole: Number) -> bool:
    """Whether the parts give the whole, or nearly."""
    gap = abs(sum((n.value for n in parts), Fraction(0)) - whole.value)
    return gap <= _NEARLY * whole.value


def _of_sentence_before(reading: Reading, sentence: Sentence) -> Total | None:
    """As in "In the north 5, in the south 7, in the west 8. In all, 20."."""
    before = reading.before(sentence)
    if before is None or len(sentence.sizes) != 1 or len(sentence.figures) != 1:
        return None
    head = " ".join(sentence.text.split()[:_MOST_WORDS_BEFORE])
    parts, whole = before.sizes, sentence.sizes[0]
    if len(parts) < 3 or len(parts) != len(before.figures) or not _listed(before):
        return None
    alike = all(same_kind(n, whole) for n in parts)
    if not alike or not sentence.words.has("roles.sums", head) or not _adds_up(parts, whole):
        return None
    return Total(whole, parts, True)


def _of_them(reading: Reading, sentence: Sentence) -> Total | None:
    """As in "12 frauds. Of these: 3 by men, 4 by women, 5 by firms."."""
    joint = with_the_one_before(reading, sentence)
    if joint is None or len(sentence.sizes) < 3 or len(joint.sizes) != len(sentence.sizes) + 1:
        return None
    head = " ".join(sentence.text.split()[:_MOST_WORDS_BEFORE])
    return _total(joint) if sentence.words.has("roles.including", head) else None


def _listed(sentence: Sentence) -> bool:
    """Whether the values follow each other as in a list."""
    between = [sentence.between(one, other) for one, other in pairwise(sentence.sizes)]
    goes = sum(_GOES_ON.search(piece) is not None for piece in between)
    return all(len(p.split()) <= _MOST_WORDS for p in between) and goes >= len(between) - 1


def _apart(sentence: Sentence, whole: Number) -> bool:
    """Whether something sets the largest value apart from the others: a word for totals, or, at
    the head of three and more, a colon, a bracket, or that only they are labelled."""
    said = ("roles.sums", "roles.made_of", "claims.thus")
    if any(sentence.has(group) for group in said):
        return whole in (sentence.sizes[0], sentence.sizes[-1])
    if len(sentence.sizes) < 4:
        return False
    if whole != sentence.sizes[0]:
        return False
    if re.search(r"[:(]", sentence.between(whole, sentence.sizes[1])):
        return True
    labels = [sentence.before(n).rstrip().endswith(("–", "—")) for n in sentence.sizes]
    return not labels[0] and all(labels[1:])


def means_by_days(reading: Reading) -> Iterator[Mean]:
    """Means in sentences that give two values and a number of days, weeks or months."""
    for sentence in reading.sentences:
        spans = [
            n for n in sentence.numbers if n.kind == "span" and n.unit in ("day", "week", "month")
        ]
        if len(spans) != 1 or len(sentence.sizes) != 2 or len(sentence.figures) != 2:
            continue
        if spans[0].value < 2:
            continue
        mean, total = sorted(sentence.sizes, key=lambda n: n.value)
        reckoned = mean.value * spans[0].value
        per = dict(PER[sentence.words.language])[spans[0].unit]
        if (
            not same_kind(mean, total)
            or re.search(rf"(?<!\w)(?:{per})(?!\w)", sentence.text) is None
        ):
            continue
        if _TIMES[0] * total.value <= reckoned <= _TIMES[1] * total.value:
            yield Mean(mean, spans[0].unit, total, spans[0], reading.when(total))
