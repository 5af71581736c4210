"""Changes from one value to another, and by how much the text says they are (REQ-7, 8, 9)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from qalqan.bulletin.claims.claim import Change, Series
from qalqan.bulletin.claims.compared import is_by, is_old
from qalqan.bulletin.claims.mention import Number
from qalqan.bulletin.claims.reading import Reading, nearest
from qalqan.bulletin.claims.roles import is_of
from qalqan.bulletin.claims.sentence import Sentence, same_kind
from qalqan.bulletin.claims.series import series
from qalqan.bulletin.claims.shares import antecedent
from qalqan.bulletin.claims.values import Two, two_values


def changes(reading: Reading) -> Iterator[Change]:
    """Every change that the text's words tie to its two values."""
    listed = tuple(series(reading))
    for sentence in reading.sentences:
        twos = two_values(sentence)
        used: set[Two] = set()
        for told in sentence.figures:
            if not is_by(sentence, told) or (told.kind == "money" and not sentence.direction(told)):
                continue
            tied = _in_brackets(sentence, told) or _tied(reading, sentence, told, twos)
            tied = tied or _in_series(listed, sentence, told)
            tied = tied or _earlier_alone(reading, sentence, told)
            if tied is not None:
                used.add(tied)
                yield Change(tied.old, tied.new, told, sentence.direction(told), tied.sure)
        for two in twos:
            if two not in used:
                yield Change(two.old, two.new, None, _way(sentence, two), two.sure)


def _in_brackets(sentence: Sentence, told: Number) -> Two | None:
    """As in "1,871, up 16.8 % (January 2023: 1,602)": the old value stands in brackets behind its
    period."""
    depth = sentence.inside(told.start)
    new = [n for n in sentence.sizes if n.end <= told.start and sentence.inside(n.start) == depth]
    old = next((n for n in sentence.sizes if n.start > told.end), None)
    if old is None or not new or sentence.inside(old.start) != depth + 1 or told.kind == "points":
        return None
    between = sentence.text[told.end - sentence.offset : old.start - sentence.offset].strip()
    is_labelled = any(told.end <= when.start < old.start for when in sentence.whens)
    if not (between.startswith("(") and between.endswith(":") and is_labelled):
        return None
    return Two(old, new[-1], True) if same_kind(old, new[-1]) else None


def _tied(reading: Reading, sentence: Sentence, told: Number, twos: Sequence[Two]) -> Two | None:
    """The two values that a change is between."""
    fitting = [two for two in twos if told not in (two.old, two.new) and _measures(told, two)]
    own = [two for two in fitting if _same_clause(sentence, told, two)]
    if not own and not _sizes_in_clause(sentence, told):
        own = [two for two in fitting if max(two.old.end, two.new.end) <= told.start]
    if own:
        near = min(own, key=lambda two: _gap(told, two))
        rivals = [
            n
            for n in sentence.figures
            if n.kind == told.kind
            and n != told
            and is_by(sentence, n)
            and _gap(n, near) < _gap(told, near)
        ]
        return None if rivals or _parted(sentence, told, near) else near
    return _of_sentence_before(reading, sentence, told)


def _parted(sentence: Sentence, told: Number, two: Two) -> bool:
    """Whether another value stands between the change and its two values."""
    edges = sorted((two.old, two.new, told), key=lambda n: n.start)
    inner = [n for n in sentence.sizes if edges[0].end <= n.start and n.end <= edges[-1].start]
    return (
        any(
            n not in (two.old, two.new, told)
            and sentence.inside(n.start) == 0
            and not is_by(sentence, n)
            and not is_of(sentence, n)
            for n in inner
        )
        and not two.sure
    )


def _measures(told: Number, two: Two) -> bool:
    if told.kind == "points":
        return two.old.kind == "percent"
    if told.kind in ("percent", "times"):
        return two.old.kind != "percent" or told.kind == "percent"
    return same_kind(told, two.old)


def _same_clause(sentence: Sentence, told: Number, two: Two) -> bool:
    start, end = sentence.clause(told)
    return any(start <= n.start < end for n in (two.old, two.new))


def _sizes_in_clause(sentence: Sentence, told: Number) -> bool:
    start, end = sentence.clause(told)
    return any(start <= n.start < end and n != told for n in sentence.sizes)


def _gap(told: Number, two: Two) -> int:
    return min(
        abs(told.start - n.end) if n.end <= told.start else abs(n.start - told.end)
        for n in (two.old, two.new)
    )


def _of_sentence_before(reading: Reading, sentence: Sentence, told: Number) -> Two | None:
    """As in "That is 16.8 % more than a year before (1,602).": the new value stands in the sentence
    before."""
    start, end = sentence.clause(told)
    sizes = [
        n for n in sentence.sizes if n != told and start <= n.start < end and not is_by(sentence, n)
    ]
    if len(sizes) != 1 or not is_old(sentence, sizes[0]) or told.kind == "points":
        return None
    text = sentence.text.lstrip(' «"(–-')
    begins = any(
        sentence.words.begins(group, text)
        for group in ("roles.this", "periods.last_year", "periods.last_month", "roles.against")
    )
    if not begins or len(sentence.sizes) - sum(is_by(sentence, n) for n in sentence.sizes) != 1:
        return None
    new = antecedent(reading, sentence, sizes[0])
    return Two(sizes[0], new, True) if new is not None else None


def _earlier_alone(reading: Reading, sentence: Sentence, told: Number) -> Two | None:
    """As in "In March there had been 279 thousand such calls, so the figure fell by 9.7 %.": the
    new value
    is the main one of the sentence before, of a later month."""
    sizes = [n for n in sentence.sizes if n != told and not is_by(sentence, n)]
    if (
        len(sizes) != 1
        or told.kind != "percent"
        or sizes[0].end > told.start
        or is_of(sentence, sizes[0])
    ):
        return None
    new = antecedent(reading, sentence, sizes[0])
    own, later = nearest(sentence, sizes[0]), reading.when(new) if new is not None else None
    if new is None or own is None or later is None or own.first is None or later.first is None:
        return None
    before = reading.before(sentence)
    assert before is not None
    alike = before.noun_concepts(new) == sentence.noun_concepts(
        sizes[0]
    ) or not sentence.noun_concepts(sizes[0])
    same_length = own.kind.partition("_")[0] == later.kind.partition("_")[0]
    return Two(sizes[0], new, True) if alike and same_length and own.first < later.first else None


def _in_series(listed: Sequence[Series], sentence: Sentence, told: Number) -> Two | None:
    """As in "2024 жылғы өсім 15,1 % болды" behind a series with 2023 and 2024."""
    start, end = sentence.clause(told)
    years = [w.year for w in sentence.whens if w.kind == "year" and start <= w.start < end]
    if told.kind not in ("percent", "count") or len(years) != 1:
        return None
    if any(start <= n.start < end and n != told for n in sentence.sizes):
        return None
    for one in listed:
        points = {p.label.year: p.value for p in one.points if p.value is not None}
        near = one.kind == "year" and one.points[0].label.paragraph == sentence.paragraph
        old, new = points.get(years[0] - 1), points.get(years[0])
        if near and old is not None and new is not None:
            return Two(old, new, True)
    return None


def _way(sentence: Sentence, two: Two) -> int:
    """The direction told of two values: of the words nearest to either, if they agree."""
    ways = {sentence.direction(two.old), sentence.direction(two.new)} - {0}
    return ways.pop() if len(ways) == 1 else 0
