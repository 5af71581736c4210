"""Means with what they are of (REQ-46)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from qalqan.bulletin.claims.claim import Mean
from qalqan.bulletin.claims.compared import is_by, is_old
from qalqan.bulletin.claims.mention import Number
from qalqan.bulletin.claims.reading import Reading
from qalqan.bulletin.claims.roles import is_of
from qalqan.bulletin.claims.sentence import Sentence, same_kind

PER: Mapping[str, tuple[tuple[str, str], ...]] = {
    "kk": (
        (
            "day",
            r"тәулігіне|күніне|күнделікті|тәуліктік|күндік|(?:бір\s+)?күн(?:де|дегі)|(?:күн|тәулік)\s+сайын",
        ),
        ("week", r"аптасына|апталық|апта\s+сайын"),
        ("month", r"айына|айлық|ай\s+сайын"),
    ),
    "ru": (
        (
            "day",
            r"(?:в|за|каждые|каждый)\s+(?:одни\s+|один\s+)?(?:сутки|день)|ежедневн\w*|ежесуточн\w*"
            r"|\w*суточн\w*|\w*дневн\w*|на\s+(?:день|сутки)",
        ),
        ("week", r"(?:в|за|каждую)\s+неделю|\w*недельн\w*"),
        ("month", r"(?:в|за|каждый)\s+месяц|\w*месячн\w*"),
    ),
    "en": (
        ("day", r"(?:a|per|each|every|any\s+given)\s+day|daily"),
        ("week", r"(?:a|per|each|every)\s+week|weekly"),
        ("month", r"(?:a|per|each|every)\s+month|monthly"),
    ),
}
"""Words by which a mean is so much a day, week or month."""


def means(reading: Reading) -> Iterator[Mean]:
    """Every mean that stands beside what it is the mean of."""
    for sentence in reading.sentences:
        for one in sentence.sizes:
            if not averaged(sentence, one):
                continue
            per = _per(sentence, one) or ("each" if one.kind == "money" else None)
            if per is None:
                continue
            found = (
                _each(reading, sentence, one)
                if per == "each"
                else _daily(reading, sentence, one, per)
            )
            if found is not None:
                yield found


def averaged(sentence: Sentence, one: Number) -> bool:
    """Whether the word for a mean stands next to this number."""
    near = []
    for start, end in sentence.words.find("roles.mean", sentence.text):
        left, right = start + sentence.offset, end + sentence.offset
        near.append(min(abs(one.start - right), abs(left - one.end)))
        if any(
            n
            for n in sentence.figures
            if n != one and min(abs(n.start - right), abs(left - n.end)) < near[-1]
        ):
            near.pop()
    return bool(near) and min(near) <= 45


def _per(sentence: Sentence, one: Number) -> str | None:
    around = sentence.cut(one.start - 45, one.end + 45)
    for per, pattern in PER[sentence.words.language]:
        if re.search(rf"(?<!\w)(?:{pattern})(?!\w)", around):
            return per
    return "each" if sentence.words.has("roles.each", around) else None


def _daily(reading: Reading, sentence: Sentence, one: Number, per: str) -> Mean | None:
    others = [
        n
        for n in sentence.sizes
        if n != one
        and same_kind(n, one)
        and n.value > one.value
        and not is_by(sentence, n)
        and not is_old(sentence, n)
        and not is_of(sentence, n)
    ]
    if not others and (before := antecedent_total(reading, sentence, one)) is not None:
        others = [before]
    if len(others) != 1 or sentence.noun_concepts(one) - sentence.noun_concepts(others[0]):
        return None
    spans = [n for n in sentence.numbers if n.kind == "span" and n.unit == per]
    return Mean(one, per, others[0], spans[0] if len(spans) == 1 else None, reading.when(others[0]))


def antecedent_total(reading: Reading, sentence: Sentence, one: Number) -> Number | None:
    """The only value of the sentence before."""
    before = reading.before(sentence)
    if before is None:
        return None
    sizes = [n for n in before.sizes if same_kind(n, one)]
    return sizes[0] if len(sizes) == 1 and sizes[0].value > one.value else None


def _each(reading: Reading, sentence: Sentence, one: Number) -> Mean | None:
    """A mean per crime or victim: the sum and the number of them stand in the sentence."""
    if one.kind != "money":
        return None
    sums = [n for n in sentence.sizes if n != one and same_kind(n, one) and n.value > one.value]
    counts = [n for n in sentence.sizes if n.kind == "count" and n.value > 1]
    if len(sums) == 1 and len(counts) == 1:
        return Mean(one, "each", sums[0], counts[0].moved(exactness="exact"))
    return None
