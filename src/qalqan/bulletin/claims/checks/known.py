"""What others state officially beside what the text says (REQ-87)."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Any

from qalqan.bulletin import shown
from qalqan.bulletin.claims.mention import Number, When
from qalqan.bulletin.claims.problem import Kind, Problem
from qalqan.bulletin.claims.seen import Seen
from qalqan.bulletin.claims.sentence import Sentence
from qalqan.bulletin.claims.subject import leads, places
from qalqan.bulletin.figures.official import sources
from qalqan.model.figure import Figure
from qalqan.text.catalogue import LANGUAGES

DIFFERS = Kind("known.differs", "unsound", ("REQ-87",))
KINDS = (DIFFERS,)

_ROOM = Fraction(1, 1000)


def find(seen: Seen) -> Iterator[Problem]:
    """Numbers of the text that an official figure of the same thing and period contradicts."""
    for figure in seen.known:
        if (
            figure.by
            or figure.period is None
            or figure.value is None
            or figure.code not in _named()
            or figure.unit in ("change", "share")
        ):
            continue
        for sentence in seen.reading.sentences:
            for one in sentence.sizes:
                if _contradicts(seen, sentence, one, figure):
                    yield _problem(seen, one, figure)


def _contradicts(seen: Seen, sentence: Sentence, one: Number, figure: Figure) -> bool:
    if not _same(seen, sentence, one, figure) or not _differs(one, figure):
        return False
    return not _is_of_a_part(seen, one, figure) and not is_unsure(sentence, one)


def is_unsure(sentence: Sentence, one: Number) -> bool:
    """Whether the sentence names several periods, none of them on the number's own side of the
    brackets: which is whose is not sure enough to accuse."""
    told = [when for when in sentence.whens if when.first is not None]
    depth = sentence.inside(one.start)
    beside = any(sentence.inside(when.start) == depth for when in told)
    return len({(when.first, when.last) for when in told}) > 1 and not beside


def _is_of_a_part(seen: Seen, one: Number, figure: Figure) -> bool:
    """Whether the number is known as a part's, such as one method's."""
    return any(
        known.by and (known.code, known.period) == (figure.code, figure.period)
        and known.value is not None and _value(known) == one.value
        for known in seen.known
    )  # fmt: skip


def _problem(seen: Seen, one: Number, figure: Figure) -> Problem:
    source = figure.source
    return DIFFERS.at(
        seen.reading, one, told=one, stated=source.stated.isoformat() if source.stated else "—",
        value={each: shown.value(figure, each) for each in LANGUAGES},
        source={each: sources().get(source.name, {}).get(each, source.name) for each in LANGUAGES},
        period={each: shown.period(figure.period, each) for each in LANGUAGES},
    )  # fmt: skip


def _value(figure: Figure) -> Fraction:
    return Fraction(figure.value or 0) / (100 if figure.unit == "tiyn" else 1)


def _same(seen: Seen, sentence: Sentence, one: Number, figure: Figure) -> bool:
    if (one.kind == "money") != (figure.unit == "tiyn") or not leads(sentence, one):
        return False
    asked = _named()[figure.code]
    start, end = sentence.clause(one)
    told = sentence.concepts(sentence.cut(start, end))
    if not set(asked["all"]) <= told or told & set(asked["none"]) or places(seen.reading, sentence):
        return False
    when = seen.reading.when(one)
    parted = any(one in (s.part, s.whole) for s in seen.shares)
    return when is not None and _covers(when, figure) and not parted


def _covers(when: When, figure: Figure) -> bool:
    assert figure.period is not None
    return (when.first, when.last) == (figure.period.start, figure.period.last)


def _differs(one: Number, figure: Figure) -> bool:
    """Bounds of one manner differ if they are not the same; else ranges that don't meet."""
    value = _value(figure)
    if one.exactness == figure.exactness != "about":
        return abs(one.value - value) > max(one.step / 2, value * _ROOM)
    if figure.exactness == "over":
        return one.high < value
    if figure.exactness == "up_to":
        return one.low > value
    return not one.low - one.step / 2 <= value <= one.high + one.step / 2


@cache
def _named() -> Mapping[str, Mapping[str, Any]]:
    path = files("qalqan.bulletin.claims.words") / "known.toml"
    table = tomllib.loads(path.read_text(encoding="utf-8"))
    return {f"{group}.{name}": asked for group, own in table.items() for name, asked in own.items()}
