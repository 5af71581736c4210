"""One figure with everything behind it, ready for the page."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from qalqan.bulletin import shown
from qalqan.bulletin.figures import cells, kept, official, tell
from qalqan.bulletin.figures.definitions import Definition, definition
from qalqan.model.figure import Figure
from qalqan.model.period import Period, parse
from qalqan.text import show
from qalqan.web.console.reader import Reader


@dataclass(frozen=True)
class Line:
    """One value that was shown, or stated by somebody."""

    value: str
    what: str
    """Its period and part, or who stated it."""
    when: str
    seal: int | None = None
    exact: str = ""


@dataclass(frozen=True)
class Shown:
    """The page."""

    code: str
    name: str
    counts: str
    of: str
    """Period and part in words; empty: none was asked for."""
    newest: Line | None
    is_hidden: bool
    interval: str
    base: str
    n: str
    older: tuple[Line, ...]
    stated: tuple[Line, ...]
    query: str
    kind: str
    whole: tuple[tuple[str, str], ...]
    """Code and name of what a ratio is made of."""
    req: tuple[int, ...]


def view(session: Session, reader: Reader, of: Definition, period: str, part: str) -> Shown:
    """The figure of a period and part, with its history; without a period its definition alone."""
    language = reader.language
    found = kept.history(session, of.code, period, part) if period else []
    newest = found[0].figure if found else None
    is_hidden = newest is not None and _is_hidden(session, newest)
    lines = tuple(_line(k, reader) for k in found)
    when = parse(period) if period else None
    by = "".join(sorted({column for k in found[:1] for column in k.figure.by}))
    return Shown(
        of.code, shown.name(of.code, language), shown.counts(of.code, language),
        _of(when, part, language) if when else "",
        lines[0] if lines and not is_hidden else None, is_hidden,
        _interval(newest, language), _base(of, newest, language),
        str(newest.n) if newest is not None and newest.n is not None else "",
        lines[1:] if not is_hidden else (),
        tuple(_stated(f, reader) for f in official.stated(session) if f.code == of.code),
        tell.query_of(of.code, when, by) if when and of.kind != "stated" else "",
        of.kind, tuple((c, shown.name(c, language)) for c in (of.part, of.whole) if c), of.req,
    )  # fmt: skip


def _is_hidden(session: Session, figure: Figure) -> bool:
    """Whether it is a part that is hidden in the table of its figure, or of the reports."""
    if not figure.by or figure.period is None:
        return False
    told = kept.of(session, {figure.code, "thefts.reported"}, [figure.period.code])
    for code in (figure.code, "thefts.reported"):
        same = (k.figure for k in told if k.figure.code == code)
        table = [f for f in same if set(f.by) == set(figure.by)]
        if any(dict(part) == dict(figure.by) for _, part, _ in cells.hidden(table)):
            return True
    return False


def _line(of: kept.Kept, reader: Reader) -> Line:
    figure = of.figure
    what = _of(figure.period, kept.part_of(figure.by), reader.language)
    exact = "" if figure.value is None else str(figure.value)
    value = shown.value(figure, reader.language)
    return Line(value, what, reader.when(of.as_of_us), of.seal, exact)


def _stated(figure: Figure, reader: Reader) -> Line:
    known = official.sources().get(figure.source.name)
    who = str(known[reader.language]) if known else figure.source.name
    day = show.day(figure.source.stated, reader.language) if figure.source.stated else ""
    what = _of(figure.period, kept.part_of(figure.by), reader.language)
    return Line(shown.value(figure, reader.language), what, day, None, who)


def _of(period: Period | None, part: str, language: str) -> str:
    told = [shown.part(c, v, language) for c, v in kept.by_of(part).items()]
    return " · ".join([shown.period(period, language), *told])


def _interval(figure: Figure | None, language: str) -> str:
    if figure is None or figure.low is None or figure.high is None:
        return ""
    low, high = (shown.number(each, "share", language) for each in (figure.low, figure.high))
    return f"{low} – {high}"


def _base(of: Definition, figure: Figure | None, language: str) -> str:
    if figure is None or figure.base is None or not of.whole:
        return ""
    return shown.number(figure.base, definition(of.whole).unit, language)
