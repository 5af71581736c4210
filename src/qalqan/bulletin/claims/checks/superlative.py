"""What is called the most, against a larger number of the text itself (REQ-8)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from datetime import date

from qalqan.bulletin.claims.compared import is_by, is_old
from qalqan.bulletin.claims.mention import Number
from qalqan.bulletin.claims.problem import Kind, Problem
from qalqan.bulletin.claims.roles import is_from, is_of
from qalqan.bulletin.claims.seen import Seen
from qalqan.bulletin.claims.sentence import Sentence, same_kind

LARGER = Kind("superlative.larger", "false", ("REQ-8", "REQ-86a"))
FIRST = Kind("superlative.first", "false", ("REQ-8",))
KINDS = (LARGER, FIRST)

Period = tuple[date | None, date | None]


def find(seen: Seen) -> Iterator[Problem]:
    """Two different things each called the commonest; a list whose first is not the largest."""
    marked = [s for s in seen.reading.sentences if s.has("claims.superlative")]
    yield from _rivals(seen, [s for s in marked if s.has("claims.method")])
    for sentence in marked:
        yield from _first(seen, sentence)


def _rivals(seen: Seen, marked: Sequence[Sentence]) -> Iterator[Problem]:
    values = [(sentence, _values(seen, sentence)) for sentence in marked]
    for sentence, own in values:
        for other, theirs in values:
            if other == sentence or not _family(sentence) & _family(other):
                continue
            for period, value in own.items():
                rival = theirs.get(period)
                if rival is not None and same_kind(value, rival) and rival.low > value.high:
                    yield LARGER.at(seen.reading, value, value=value.value, rival=rival.value)


def _family(sentence: Sentence) -> set[str]:
    """What the sentence counts; crimes and frauds are one family."""
    return {"crime" if one in ("fraud", "internet_fraud") else one for one in sentence.concepts()}


def _values(seen: Seen, sentence: Sentence) -> dict[Period, Number]:
    """What stands for the commonest thing, by period: in the sentence, or in the note behind it."""
    reading = seen.reading
    own = list(_plain(seen, sentence))
    after = reading.paragraphs[sentence.paragraph].sentences[sentence.index + 1 :]
    if not own and not after and sentence.paragraph + 1 < len(reading.paragraphs):
        after = reading.paragraphs[sentence.paragraph + 1].sentences
        if not after or not after[0].words.begins(
            "claims.reference", after[0].text.lstrip(' \t-–(«"')
        ):
            after = ()
    if not own and after:
        own = list(_plain(seen, after[0]))
    found: dict[Period, Number] = {}
    for number in own:
        when = reading.when(number)
        if when is not None and when.first is not None:
            found.setdefault((when.first, when.last), number)
    return found


def _plain(seen: Seen, sentence: Sentence) -> Iterator[Number]:
    for number in sentence.sizes:
        if is_of(sentence, number) or is_by(sentence, number):
            continue
        changed = any(
            c.old.digits == number.digits and c.old.paragraph == number.paragraph
            for c in seen.changes
        )
        if not changed:
            yield number


def _first(seen: Seen, sentence: Sentence) -> Iterator[Problem]:
    """As in "Most often: A (530), B (741)"."""
    start = sentence.words.find("claims.superlative", sentence.text)[0][1] + sentence.offset
    rest = sentence.cut(start, sentence.offset + len(sentence.text))
    listed = [
        n
        for n in sentence.sizes
        if n.start >= start
        and not (
            is_of(sentence, n) or is_by(sentence, n) or is_old(sentence, n) or is_from(sentence, n)
        )
    ]
    if (
        len(listed) < 2
        or sentence.words.has("roles.total", rest)
        or any(
            n.digits in (c.old.digits, c.new.digits)
            for c in seen.changes
            for n in listed
            if c.new.paragraph == n.paragraph
        )
    ):
        return
    first = listed[0]
    if len(sentence.cut(start, first.start).split()) > 10 or sentence.has("roles.of_them"):
        return
    alike = [
        n
        for n in listed[1:]
        if same_kind(n, first)
        and not n.noun[:0]
        and sentence.inside(n.start) == sentence.inside(first.start)
    ]
    rows = all(
        "," in sentence.between(a, b)
        or " и " in sentence.between(a, b)
        or " and " in sentence.between(a, b)
        for a, b in itertools.pairwise(listed)
    )
    larger = [n for n in alike if n.low > first.high]
    if rows and larger and len(alike) == len(listed) - 1:
        yield FIRST.at(seen.reading, first, larger[0], value=first.value, rival=larger[0].value)
