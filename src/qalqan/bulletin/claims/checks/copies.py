"""The same thing told twice with other numbers (REQ-81)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from qalqan.bulletin.claims.mention import Number
from qalqan.bulletin.claims.problem import Kind, Problem
from qalqan.bulletin.claims.reading import Paragraph, Reading
from qalqan.bulletin.claims.seen import Seen
from qalqan.bulletin.claims.sentence import Sentence, content, same_kind
from qalqan.bulletin.claims.subject import concept, leads, places, segment, stems, subject

FIGURE = Kind("copy.figure", "false", ("REQ-81",))
PARAGRAPH = Kind("copy.paragraph", "unsound", ("REQ-81",))
ELSEWHERE = Kind("copy.elsewhere", "unsound", ("REQ-81",))
KINDS = (FIGURE, PARAGRAPH, ELSEWHERE)

LEAST_STEMS = 14
"""Words that a paragraph has at least before likeness means anything."""
NEAR = Fraction(4, 3)
"""So many times another, a value may be an older count of the same."""
_HEAD = 4
"""Letters that two forms of one word share."""
MOST_EXTRA = 4
"""Words that one of two tellings may have beside the other's."""
ALIKE = 0.5
"""Words in common, of all of both paragraphs, from which one is a copy of the other."""


@dataclass(frozen=True)
class Told:
    """A number with what it is of."""

    number: Number
    sentence: Sentence
    subject: frozenset[str]
    period: object
    places: frozenset[str]
    lone: bool
    """The only value between its commas."""


def find(seen: Seen) -> Iterator[Problem]:
    """Figures, then paragraphs, that contradict an earlier copy of themselves."""
    groups: dict[object, list[Told]] = {}
    for sentence in seen.reading.sentences:
        for one in _told(seen.reading, sentence):
            groups.setdefault((one.period, one.places, one.number.kind), []).append(one)
    done: set[tuple[int, int]] = set()
    for first, second in (two for told in groups.values() for two in combinations(told, 2)):
        if _contradict(first, second):
            done.add((second.number.paragraph, second.number.digits))
            yield FIGURE.at(
                seen.reading, second.number, first=first.number, second=second.number,
                place=first.number.paragraph + 1,
            )  # fmt: skip
    yield from _paragraphs(seen, {paragraph for paragraph, _ in done})


def _told(reading: Reading, sentence: Sentence) -> Iterator[Told]:
    for one in sentence.sizes:
        if not leads(sentence, one):
            continue
        when = reading.when(one)
        if when is not None and when.kind in ("one_month", "this_month") and reading.titled:
            when = reading.titled[0]
        period = (when.first, when.last, when.kind if when.first is None else "") if when else None
        start, end = segment(sentence, one)
        lone = sum(start <= n.start < end and leads(sentence, n) for n in sentence.sizes) == 1
        yield Told(one, sentence, subject(sentence, one), period, places(reading, sentence), lone)


def _contradict(first: Told, second: Told) -> bool:
    one, other = first.number, second.number
    if first.sentence == second.sentence or not same_kind(one, other):
        return False
    if first.period != second.period or first.places != second.places:
        return False
    return _same(first, second) and not (one.low <= other.high and other.low <= one.high)


def _same(first: Told, second: Told) -> bool:
    """Whether the words say that both are of one thing."""
    if not first.lone or not second.lone or _of_others(first) != _of_others(second):
        return False
    short, long = sorted((first.subject, second.subject), key=len)
    if not all(_in(stem, long) for stem in short):
        return False
    extra = frozenset(stem for stem in long if not _in(stem, short))
    if not extra:
        named = any(concept(stem) for stem in short)
        return named or len(short) >= 2
    if not _near(first.number, second.number):
        return False
    longer = first if first.subject == long else second
    few = len(extra) == 1 and len(short) >= 3
    return (few or _anchored(first, second)) and _beside(
        longer, extra, _topic(first) & _topic(second)
    )


def _of_others(told: Told) -> bool:
    """Whether words say that it is of others, or of what is not: "another bank", "without"."""
    sentence = told.sentence
    return sentence.words.has("roles.other", sentence.cut(*segment(sentence, told.number)))


def _in(stem: str, stems_of: frozenset[str]) -> bool:
    """Whether a stem, or one cut shorter or longer by its ending, is among others."""
    return any(stem.startswith(other) or other.startswith(stem) for other in stems_of)


def _topic(told: Told) -> frozenset[str]:
    """What the number counts: the words right behind it, or else those before."""
    language = told.sentence.words.language
    start, _ = segment(told.sentence, told.number)
    behind = stems(" ".join(told.number.noun), language)
    return behind or stems(told.sentence.cut(start, told.number.start), language)


def _anchored(first: Told, second: Told) -> bool:
    """Whether both say of what they count the same thing beside: "pending", "учтены"."""
    topic = _topic(first) & _topic(second)
    heads = [
        {
            word[:_HEAD].replace("ё", "е")
            for word in content(told.sentence.cut(*segment(told.sentence, told.number)))
            if len(word) > _HEAD - 1 and not stems(word, told.sentence.words.language) & topic
        }
        for told in (first, second)
    ]
    return bool(topic) and bool(heads[0] & heads[1])


def _near(one: Number, other: Number) -> bool:
    """Whether one value may be a stale copy of the other."""
    return bool(one.value) and 1 / NEAR <= other.value / one.value <= NEAR


def _beside(told: Told, extra: frozenset[str], topic: frozenset[str]) -> bool:
    """Whether the words that only one of the two has stand beside its subject, and none narrows
    it: no other deed, nothing behind a preposition, no word right before the subject. Behind a
    word that is none of these, a predicate has begun, and what follows says nothing of it."""
    language = told.sentence.words.language
    if len(extra) > MOST_EXTRA or any(concept(stem) for stem in extra):
        return False
    start, end = segment(told.sentence, told.number)
    found = content(told.sentence.cut(start, end))
    head = len(content(told.sentence.cut(start, told.number.start)))
    for at, word in enumerate(found):
        if stems(word, language) & extra:
            if _narrows(told.sentence, found, at, topic) or at == head - 1:
                return False
            if at >= head:
                return True
    return True


def _narrows(sentence: Sentence, found: Sequence[str], at: int, topic: frozenset[str]) -> bool:
    """Whether a word makes it another thing: a deed, behind a preposition, before the subject."""
    words = sentence.words
    if words.has("claims.flow", found[at]):
        return True
    if at and words.has("roles.narrowing", found[at - 1]):
        return True
    return at + 1 < len(found) and bool(stems(found[at + 1], words.language) & topic)


def _paragraphs(seen: Seen, told: set[int]) -> Iterator[Problem]:
    reading = seen.reading
    long = [(p, stems(p.clean.plain, p.language)) for p in reading.paragraphs if p.sentences]
    long = [(p, s) for p, s in long if len(s) >= LEAST_STEMS]
    for (first, mine), (second, theirs) in combinations(long, 2):
        if len(mine & theirs) < ALIKE * len(mine | theirs) or second.index in told:
            continue
        ours, others = _sizes(first), _sizes(second)
        differ = {n.value for n in ours} ^ {n.value for n in others}
        if not ours or not others or not differ or _apart(reading, first, second):
            continue
        a = next((n for n in ours if n.value in differ and n.exactness == "exact"), ours[0])
        b = next((n for n in others if n.value in differ), others[0])
        same = next(
            (
                n
                for n in reading.numbers
                if n.value == b.value and n.paragraph not in (first.index, second.index)
            ),
            None,
        )
        values: dict[str, Number | int] = {"first": a, "second": b, "place": first.index + 1}
        if same is not None:
            yield ELSEWHERE.at(reading, b, other=same.paragraph + 1, **values)
        else:
            yield PARAGRAPH.at(reading, b, **values)


def _sizes(paragraph: Paragraph) -> list[Number]:
    return [n for s in paragraph.sentences for n in s.sizes]


def _apart(reading: Reading, first: Paragraph, second: Paragraph) -> bool:
    """Whether the paragraphs speak of different places or periods."""
    one, other = first.sentences[-1], second.sentences[-1]
    if places(reading, one) != places(reading, other):
        return True
    return {(w.first, w.kind) for w in first.whens} != {(w.first, w.kind) for w in second.whens}
