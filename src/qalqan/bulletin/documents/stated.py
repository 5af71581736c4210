"""The sections that rest on what others stated, each figure with its source (REQ-1 to 16, 87)."""

from __future__ import annotations

from collections.abc import Sequence

from qalqan.bulletin.claims.bound import Claim, make
from qalqan.bulletin.documents.frame import Frame, against
from qalqan.bulletin.documents.parts import Cell, Label, Picture, Section, Table
from qalqan.bulletin.figures.book import ALL_BUT
from qalqan.bulletin.figures.definitions import definitions
from qalqan.bulletin.figures.official import disagreeing
from qalqan.errors import InputRejected
from qalqan.model.figure import Figure
from qalqan.model.period import Period, parse

FIRST_YEAR = 2017
"""The official series begins here (REQ-1)."""
_SERIES = "internet_fraud.registered"
_LEFT_OUT = frozenset({"population"})


def official(frame: Frame) -> Section:
    """What others stated for this period and for a year before, and what follows from it."""
    now, then = _of(frame, frame.period), _of(frame, frame.before)
    old = {(f.code, tuple(sorted(f.by.items()))): f for f in then}
    rows = tuple((_label(f), _row(frame, f, old.get(_key(f)))) for f in (*now, *_means(frame)))
    heads = (
        Label("period", frame.period.code), Label("period", frame.before.code),
        against(frame.before), Label("key", "bulletin.column.share"),
        Label("key", "bulletin.column.source"),
    )  # fmt: skip
    claims = tuple(c for f in now if (c := _claim(f, old.get(_key(f)))) is not None)
    notes = ["bulletin.note.official"]
    notes += ["bulletin.note.sources_differ"] if disagreeing(now) else []
    return Section("official", claims, None, Table(heads, rows), tuple(notes))


def yearly(frame: Frame) -> Section:
    """The official yearly series up to this year; a year without a figure is shown as one."""
    last = frame.period.end.year if frame.period.kind != "year" else frame.period.start.year + 1
    years = [parse(str(year)) for year in range(FIRST_YEAR, last)]
    series = [frame.book.figure(_SERIES, year) for year in years]
    told = [f for f in series if f.value is not None]
    rows = tuple(
        (Label("period", f.period.code), (frame.cell(f), _change(frame, series, i)))
        for i, f in enumerate(series)
        if f.period is not None
    )
    claims: tuple[Claim, ...] = ()
    if len(told) > 1:
        claims = (make("series", *told), make("change", told[-1], told[0]))
    picture = Picture("years", tuple(series)) if told else None
    table = Table((Label("figure", _SERIES), Label("key", "bulletin.column.change_on_year")), rows)
    return Section("yearly", claims, picture, table, ("bulletin.note.official",))


def without_period(frame: Frame) -> Section:
    """What has been stated without a period: shown, and compared with nothing (REQ-84)."""
    found = [f for f in frame.book.stated if f.period is None]
    heads = Label("key", "bulletin.column.value"), Label("key", "bulletin.column.source")
    rows = tuple((_label(f), (frame.cell(f), frame.cell(f))) for f in found)
    return Section("undated", (), None, Table(heads, rows), ("bulletin.note.no_period",))


def displacement(frame: Frame) -> Section | None:
    """The methods of REQ-8 against all others: a fall of one beside what rose meanwhile."""
    now, then = frame.period, frame.before
    parts: tuple[dict[str, str], ...] = ({"method": "28, 31"}, {"method": f"{ALL_BUT}28, 31"}, {})
    pairs = [[frame.book.figure(_SERIES, p, by) for p in (now, then)] for by in parts]
    if any(f.value is None for pair in pairs for f in pair):
        return None
    rows = tuple(
        (_label(a), (*map(frame.cell, (a, b)), frame.cell(frame.book.change(a, b))))
        for a, b in pairs
    )
    heads = Label("period", now.code), Label("period", then.code), against(then)
    claims = tuple(make("change", a, b) for a, b in pairs)
    return Section("displacement", claims, None, Table(heads, rows), (
        "bulletin.note.displacement", "bulletin.note.no_comparison_group",
    ))  # fmt: skip


def _of(frame: Frame, period: Period) -> list[Figure]:
    """What was stated for exactly this period, in the order of the definitions."""
    order = list(definitions())
    found = [
        f for f in frame.book.stated if f.period == period and f.code not in _LEFT_OUT
        and (not frame.region or f.by.get("region") == frame.region)
    ]  # fmt: skip
    return sorted(found, key=lambda f: (order.index(f.code), f.key))


def _means(frame: Frame) -> list[Figure]:
    """What follows from stated figures and is no share: a mean."""
    means = (of for of in definitions().values() if of.kind == "ratio" and of.unit != "share")
    stated = (of for of in means if definitions()[of.part].kind == "stated")
    found = (frame.book.figure(of.code, frame.period) for of in stated)
    return [f for f in found if f.value is not None and not frame.region]


def _row(frame: Frame, figure: Figure, before: Figure | None) -> tuple[Cell, ...]:
    change = frame.book.change(figure, before) if before else None
    shown = (figure, before, change, _share(frame, figure), figure)
    return tuple(frame.cell(each) for each in shown)


def _share(frame: Frame, figure: Figure) -> Figure | None:
    """The share that a stated figure makes of its whole: solved of registered, a method of all."""
    for of in definitions().values():
        is_share = of.kind == "ratio" and of.unit == "share" and of.part == figure.code
        if is_share and of.of_all == bool(figure.by):
            whole = frame.book.figure(of.whole, figure.period, {} if of.of_all else figure.by)
            return frame.book.ratio(of, figure, whole) if whole.value else None
    return None


def _claim(figure: Figure, before: Figure | None) -> Claim | None:
    if before is None or figure.exactness != "exact" or figure.by:
        return None
    try:
        return make("change", figure, before)
    except InputRejected:
        return None


def _change(frame: Frame, series: Sequence[Figure], at: int) -> Cell:
    return frame.cell(frame.book.change(series[at], series[at - 1]) if at else None)


def _label(figure: Figure) -> Label:
    if figure.by:
        column, code = next(iter(figure.by.items()))
        return Label("part", f"{figure.code}|{column}={code}")
    return Label("figure", figure.code)


def _key(figure: Figure) -> tuple[str, tuple[tuple[str, str], ...]]:
    return figure.code, tuple(sorted(figure.by.items()))
