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
    period: str
    of: str
    """Period and part in words; empty: none was asked for."""
    newest: Line | None
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
    """The figure of a period and part, with its history; without a period its definition alone.
    Of a part only the newest value is told: the steps between are small."""
    language = reader.language
    found = kept.history(session, of.code, period, part) if period else []
    if found and not _may_show(session, found[0].figure, reader.now_us):
        found = []
    newest = found[0].figure if found else None
    lines = tuple(_line(k, reader) for k in found)
    when = parse(period) if period else None
    by = ",".join(sorted(kept.by_of(part)))
    return Shown(
        of.code, shown.name(of.code, language), shown.counts(of.code, language),
        period, _of(when, part, language) if when else "",
        lines[0] if lines else None,
        _interval(newest, language), _base(of, newest, language),
        str(newest.n) if newest is not None and newest.n is not None else "",
        lines[1:] if not part else (),
        tuple(_stated(f, reader) for f in official.stated(session) if f.code == of.code),
        tell.query_of(of.code, when, by) if when and of.kind != "stated" else "",
        of.kind, tuple((c, shown.name(c, language)) for c in (of.part, of.whole) if c), of.req,
    )  # fmt: skip


def _may_show(session: Session, figure: Figure, now_us: int) -> bool:
    """Whether it is of the whole, or of a part that no table hides."""
    if not figure.by or figure.period is None:
        return True
    told = (k.figure for k in kept.of(session, [figure.code], [figure.period.code]))
    table = [f for f in told if set(f.by) == set(figure.by)]
    is_hidden = figure.key in cells.hidden(table)
    return cells.may_split(figure.period, now_us, figure.simulated) and not is_hidden


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
