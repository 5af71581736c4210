"""Two values of one thing that the words mark as before and after."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from qalqan.bulletin.claims.compared import is_by, is_old
from qalqan.bulletin.claims.mention import Number, When
from qalqan.bulletin.claims.periods import apart
from qalqan.bulletin.claims.roles import is_from, is_of, is_to, previous_figure
from qalqan.bulletin.claims.sentence import Sentence, same_kind

_GOAL = re.compile(r"\s+дейін$|^до\s+", re.IGNORECASE)


_MOST_APART = 12
"""Words between the two values, at most."""


@dataclass(frozen=True)
class Two:
    """Two values of one thing."""

    old: Number
    new: Number
    sure: bool


def two_values(sentence: Sentence) -> list[Two]:
    """Pairs of values that the words mark as before and after."""
    figures = [n for n in sentence.figures if n.kind in ("count", "money", "percent")]
    measured = [n for n in sentence.numbers if n.kind in ("count", "money", "percent", "span")]
    found: dict[frozenset[int], Two] = {}
    for two in (
        *_from_to(sentence, measured), *_by_label(sentence, figures), *_against(sentence, figures),
        *_bracketed(sentence, figures),
    ):  # fmt: skip
        places = frozenset((two.old.start, two.new.start))
        if not any(places & other for other in found):
            found[places] = two
    return list(found.values())


def _bracketed(sentence: Sentence, figures: Sequence[Number]) -> Iterator[Two]:
    """As in "увеличилось на 120 и составило 1 320 (в декабре — 1 200)": what a bracket gives for
    another
    period, where the sentence tells of a change."""
    if not any(is_by(sentence, n) for n in sentence.figures):
        return
    for first, second in itertools.pairwise(figures):
        if (
            sentence.inside(first.start)
            or sentence.inside(second.start) != 1
            or not same_kind(first, second)
        ):
            continue
        head = sentence.between(first, second)
        start = second.start - len(head.rpartition("(")[2])
        told = [
            n
            for n in sentence.figures
            if first.end <= n.start and n.end <= second.start and is_by(sentence, n)
        ]
        start = told[-1].end if told else start
        dated = any(start <= w.start and w.end <= second.start for w in sentence.whens)
        if dated and not is_by(sentence, first) and not is_of(sentence, second):
            yield Two(second, first, False)


def _from_to(sentence: Sentence, figures: Sequence[Number]) -> Iterator[Two]:
    for first, second in _neighbours(figures):
        if not same_kind(first, second) or re.search(r"[;:]", sentence.between(first, second)):
            continue
        if len(sentence.between(first, second).split()) > _MOST_APART:
            continue
        if is_from(sentence, first) and is_to(sentence, second) and not is_of(sentence, first):
            yield Two(exact(first), exact(second), True)
        elif (
            sentence.words.language != "kk" and is_to(sentence, first) and is_from(sentence, second)
        ):
            yield Two(second, exact(first), True)
        elif _was_and_is(sentence, first, second) or _ARROW.fullmatch(
            sentence.between(first, second)
        ):
            yield Two(first, second, True)


_ARROW = re.compile(r"\s*(?:→|->|⟶|=>|➝)\s*")


_WAS = re.compile(r"(?<!\w)(?:было|был|была|были|was|were|stood at|had been)\s*$")


_IS = re.compile(
    r"(?<!\w)(?:стало|стал|стала|стали|теперь|сейчас|now|became|it is|is now|енді|қазір)\s*$"
)


def _was_and_is(sentence: Sentence, first: Number, second: Number) -> bool:
    """As in "было 8 988, стало 9 962"."""
    between = sentence.cut(first.end, second.start)
    return _IS.search(between) is not None and _WAS.search(sentence.before(first)) is not None


def _neighbours(figures: Sequence[Number]) -> Iterator[tuple[Number, Number]]:
    """Each number with the next, and with the next but one if what stands between is a change."""
    for at, first in enumerate(figures):
        for second in figures[at + 1 : at + 3]:
            yield first, second


def exact(number: Number) -> Number:
    """A value reached: "До 4 460" and "4460-қа дейін" are no upper bounds here."""
    if number.exactness != "up_to":
        return number
    return number.moved(exactness="exact", text=_GOAL.sub("", number.text))


def _by_label(sentence: Sentence, figures: Sequence[Number]) -> Iterator[Two]:
    """As in "(2022 – 6 471, 2023 – 4 460)", "in 2022 … 6,471, in 2023 … 4,460": two years, two
    values."""
    plain = [n for n in figures if not is_by(sentence, n)]
    labelled = [(n, when) for n in plain if (when := _label(sentence, n)) is not None]
    for (first, one), (second, other) in itertools.pairwise(labelled):
        if not same_kind(first, second) or not apart(one, other) or len(labelled) > 2:
            continue
        if first.kind == "percent" or is_of(sentence, first) or is_of(sentence, second):
            continue
        if len(sentence.between(first, second).split()) > _MOST_APART or one.kind != other.kind:
            continue
        later = one.first is not None and other.first is not None and one.first > other.first
        yield Two(second, first, True) if later else Two(first, second, True)


def _label(sentence: Sentence, one: Number) -> When | None:
    """The period that directly labels a number: "2022 – 6 471", "6 471 (2022)"."""
    for when in sentence.whens:
        if when.first is None or when.kind not in ("year", "month", "quarter", "half"):
            continue
        if when.end <= one.start and re.fullmatch(
            r"(?:-?(?:го|м|й))?\s*(?:жылы|жылғы|жыл|ж\.?|года|году|год|г\.?"
            r"|ішінде)?\s*[–—:-]?\s*(?:there were|было|болды)?\s*",
            sentence.cut(when.end, one.start),
        ):
            return when
        if one.end <= when.start and re.fullmatch(
            r"\s*(?:[^\W\d_]+\s+){0,2}?(?:in|в|за|\()\s*", sentence.cut(one.end, when.start)
        ):
            return when
    return None


def _against(sentence: Sentence, figures: Sequence[Number]) -> Iterator[Two]:
    """As in "1 871 против 1 602", "1,871, 16.8 % more than a year earlier (1,602)"."""
    for old in figures:
        if not (is_old(sentence, old) or _percent_from(sentence, old)) or is_by(sentence, old):
            continue
        fitting = [
            n for n in figures
            if n != old and same_kind(n, old) and not is_by(sentence, n) and not is_old(sentence, n)
            and not is_of(sentence, n)
        ]  # fmt: skip
        before = [n for n in fitting if n.end <= old.start and ";" not in sentence.between(n, old)]
        after = [
            n
            for n in fitting
            if n.start >= old.end and (len(fitting) == 1 or ";" not in sentence.between(n, old))
        ]
        own = [n for n in before if sentence.clause(n) == sentence.clause(old)] or before
        if own and len(sentence.between(own[-1], old).split()) <= 2 * _MOST_APART:
            yield Two(old, _main(sentence, own), len(own) == 1)
        elif after and not before and len(sentence.between(old, after[0]).split()) <= _MOST_APART:
            yield Two(old, after[0], len(after) == 1)


def _percent_from(sentence: Sentence, old: Number) -> bool:
    """As in "having risen 13.6 % from 1,071": the old value right behind the size of its change."""
    before = previous_figure(sentence, old)
    if before is None or before.kind not in ("percent", "times") or sentence.words.language == "kk":
        return False
    return re.fullmatch(r"\s*(?:from|с|от уровня)\s*", sentence.between(before, old)) is not None


def _main(sentence: Sentence, sizes: Sequence[Number]) -> Number:
    """Of several values before the old one, the last that stands outside brackets."""
    return next((n for n in reversed(sizes) if sentence.inside(n.start) == 0), sizes[-1])
