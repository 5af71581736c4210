"""What a bulletin itself counts beside what its editor says (REQ-87).

Only what is told of the bulletin's own figures can be false so: a sum or count of its period and
population, worded as one of them (`words/own.toml`), that agrees with none of the figures shown. It
rather stays silent than accuse: numbers in brackets, of a named place, of a part, a mean or one
person, compared with others or of another period are left alone.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from functools import cache
from importlib.resources import files

from qalqan.bulletin import shown
from qalqan.bulletin.claims.checks.known import is_unsure
from qalqan.bulletin.claims.mention import Number, agrees, cut
from qalqan.bulletin.claims.problem import Kind, Problem
from qalqan.bulletin.claims.seen import Seen
from qalqan.bulletin.claims.sentence import Sentence
from qalqan.bulletin.claims.subject import leads, places, stems
from qalqan.bulletin.claims.words import word_pattern
from qalqan.bulletin.figures.book import OWN
from qalqan.model.figure import Figure
from qalqan.text.catalogue import LANGUAGES

DIFFERS = Kind("own.differs", "false", ("REQ-87",))
KINDS = (DIFFERS,)

_BUT = "but"
_MILLION = 1_000_000


def find(seen: Seen) -> Iterator[Problem]:
    """Numbers of the text that the bulletin's own figures contradict."""
    if not any(figure.source.name == OWN for figure in seen.known):
        return
    for sentence in seen.reading.sentences:
        for one in sentence.sizes:
            told = _of_period(seen, sentence, one)
            figure = _named(seen, sentence, one, told)
            if figure is not None and not any(_bears_out(one, f, figure.unit) for f in told):
                yield _problem(seen, one, figure)


def _of_period(seen: Seen, sentence: Sentence, one: Number) -> list[Figure]:
    """Everybody's figures of the days that the number is of; none if that is not sure."""
    span = _span(seen, sentence, one)
    named = {(when.first, when.last) for when in sentence.whens if when.first is not None}
    if is_unsure(sentence, one) or (named and span not in named):
        return []
    return [
        figure for figure in seen.known
        if figure.value is not None and figure.period is not None
        and figure.unit not in ("change", "share")
        and span == (figure.period.start, figure.period.last)
    ]  # fmt: skip


def _span(seen: Seen, sentence: Sentence, one: Number) -> tuple[date | None, date | None]:
    """First and last day of what the number is of: what the text is about, if it does not say.
    Nothing if sentences before it name several periods, or one that has no days."""
    when, about = seen.reading.when(one), seen.reading.about
    before = seen.reading.paragraphs[one.paragraph].sentences[: sentence.index]
    told = {(w.first, w.last) for other in before for w in other.whens}
    if not sentence.whens and told and (len(told) > 1 or (None, None) in told):
        return None, None
    if when is not None or about is None:
        return (when.first, when.last) if when else (None, None)
    return about.start, about.last


def _named(seen: Seen, sentence: Sentence, one: Number, known: Sequence[Figure]) -> Figure | None:
    """The figure of the whole population that the number is told of."""
    parted = any(one in (share.part, share.whole) for share in seen.shares)
    if parted or not leads(sentence, one) or places(seen.reading, sentence):
        return None
    language = sentence.words.language
    clause = sentence.cut(*sentence.clause(one))
    if _words(_BUT, language)[0].search(clause):
        return None
    told = _what(sentence, one, clause)
    wholes = (f for f in known if f.source.name == OWN and f.code in _table() and not f.by)
    alike = (f for f in wholes if _may_be(one, f))
    return next((f for f in alike if _is_worded(f.code, language, told, clause)), None)


def _may_be(one: Number, figure: Figure) -> bool:
    """Whether they measure alike; a sum of millions may come without its currency."""
    is_sum = figure.unit == "tiyn"
    return is_sum if one.kind == "money" else not is_sum or one.value >= _MILLION


def _is_worded(code: str, language: str, told: str, clause: str) -> bool:
    first, *others = _words(code, language)
    return bool(first.search(told)) and all(other.search(clause) for other in others)


def _what(sentence: Sentence, one: Number, clause: str) -> str:
    """The words that say what a number is of: a count's noun, where it has one."""
    noun = " ".join(one.noun)
    is_named = one.kind == "count" and stems(noun, sentence.words.language)
    return noun if is_named else clause


def _bears_out(one: Number, figure: Figure, unit: str) -> bool:
    if figure.unit != unit:
        return False
    value = Fraction(figure.value or 0) / (100 if unit == "tiyn" else 1)
    return agrees(one, value, value) or cut(one, value, value)


def _problem(seen: Seen, one: Number, figure: Figure) -> Problem:
    return DIFFERS.at(
        seen.reading, one, told=one,
        figure={each: shown.name(figure.code, each) for each in LANGUAGES},
        value={each: shown.value(figure, each) for each in LANGUAGES},
        period={each: shown.period(figure.period, each) for each in LANGUAGES},
    )  # fmt: skip


@cache
def _words(code: str, language: str) -> Sequence[re.Pattern[str]]:
    lists = _table()[code][language]
    return [re.compile("|".join(map(word_pattern, each))) for each in lists]


@cache
def _table() -> Mapping[str, Mapping[str, Sequence[Sequence[str]]]]:
    path = files("qalqan.bulletin.claims.words") / "own.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))
