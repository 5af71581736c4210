"""The charts by kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

import altair as alt

from qalqan.bulletin import shown
from qalqan.bulletin.charts import Marks
from qalqan.bulletin.charts.render import HATCH, INK, QUIET, svg_of
from qalqan.bulletin.charts.tiles import tiles
from qalqan.model.figure import Figure
from qalqan.text.catalogue import say

Draw = Callable[[Sequence[Figure], Marks, str], str]
LOST, HELD, RETURNED, CAP = "#CFCDC4", "#00617A", "#A9C9A2", "#857F6E"
WIDTH, NARROW = 640, 460
_COLOURS = {"loss.reported": LOST, "held.sum": HELD, "returned.sum": RETURNED}
_MILLION = 100_000_000
"""Tiyn."""


def _plain(value: Fraction | int | None, by: int = 1) -> float | None:
    return None if value is None else float(Fraction(value) / by)


def money(figures: Sequence[Figure], marks: Marks, language: str) -> str:
    """Lost, held and returned in each day or month: bars that begin at zero and overlap."""
    codes = [code for code in _COLOURS if any(f.code == code for f in figures)]
    names = [shown.name(code, language) for code in codes]
    order = [
        shown.short_period(f.period, language) for f in figures if f.code == codes[0] and f.period
    ]
    rows = [
        {
            "when": shown.short_period(f.period, language), "sum": _plain(f.value, _MILLION),
            "what": shown.name(f.code, language), "order": codes.index(f.code),
            "new": f.code == codes[0] and f.period.code in marks.provisional,
            "mark": _mark(f, codes[0], marks, language),
        }
        for f in figures
        if f.period
    ]  # fmt: skip
    scale = alt.Scale(domain=names, range=[_COLOURS[code] for code in codes])
    every = max(1, len(order) // 8)
    axis = alt.Axis(title=None, labelAngle=0, values=order[::every], ticks=False, labelPadding=8)
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X("when:O", sort=order, axis=axis, scale=alt.Scale(paddingInner=0.25)),
        y=alt.Y("sum:Q", stack=None, axis=_y(say("bulletin.axis.millions", language), language)),
    )
    colour = alt.Color("what:N", scale=scale, legend=alt.Legend(symbolType="square"))
    layers = [
        base.transform_filter(f"datum.order == {i} && !datum.new").mark_bar().encode(color=colour)
        for i in range(len(codes))
    ]
    new = base.transform_filter("datum.new").mark_bar(color=HATCH)
    text = base.mark_text(dy=-7, fontSize=11, color=INK).encode(text="mark:N")
    drawn = alt.layer(layers[0], new, *layers[1:], text)
    return svg_of(drawn.properties(width=WIDTH, height=220))


def _mark(figure: Figure, code: str, marks: Marks, language: str) -> str:
    """The letter over a bar that was revised."""
    is_revised = figure.code == code and figure.period and figure.period.code in marks.revised
    return say("bulletin.letter.revised", language) if is_revised else ""


def bars(figures: Sequence[Figure], marks: Marks, language: str) -> str:
    """Parts of a whole, the largest first, with their numbers."""
    rows = []
    for f in figures:
        column, code = next(
            iter((c, v) for c, v in f.by.items() if c != "region" or len(f.by) == 1)
        )
        is_hidden = code in marks.hidden
        rows.append({
            "part": shown.part(column, code, language), "hidden": is_hidden,
            "n": 2.5 if is_hidden else _plain(f.value),
            "text": say("bulletin.hidden", language) if is_hidden else shown.value(f, language),
        })  # fmt: skip
    base = alt.Chart(alt.Data(values=rows)).encode(
        y=alt.Y("part:N", sort=None, axis=alt.Axis(title=None, ticks=False, domain=False)),
        x=alt.X("n:Q", axis=None),
    )
    fill = alt.condition("datum.hidden", alt.value(HATCH), alt.value(HELD))
    drawn = base.mark_bar(height=14, cornerRadiusEnd=3).encode(color=fill)
    text = base.mark_text(align="left", dx=6, color=INK, fontSize=12).encode(text="text:N")
    return svg_of((drawn + text).properties(width=WIDTH // 2, height=max(1, len(rows)) * 30))


def delay(figures: Sequence[Figure], marks: Marks, language: str) -> str:
    """Share of stolen money that was held, by how late it was told; with 95 % intervals."""
    rows = [
        {
            "band": say(f"bulletin.band.{f.by['band']}", language), "share": _percent(f.value),
            "low": _percent(f.low), "high": _percent(f.high), "n": f"n = {f.n}",
        }
        for f in figures
    ]  # fmt: skip
    order = [row["band"] for row in rows]
    axis = alt.Axis(
        title=say("bulletin.axis.delay", language), labelAngle=0, grid=False, titlePadding=10
    )
    x = alt.X("band:O", sort=order, axis=axis, scale=alt.Scale(type="point", padding=0.5))
    y = alt.Y(
        "share:Q", scale=alt.Scale(domain=[0, 100]),
        axis=_y(say("bulletin.axis.percent", language), language),
    )  # fmt: skip
    base = alt.Chart(alt.Data(values=rows)).encode(x=x)
    band = base.mark_rule(color="#B7DEE7", strokeWidth=12).encode(
        y=alt.Y("low:Q", title=None), y2="high:Q"
    )
    line = base.mark_line(color=HELD, strokeWidth=2.5).encode(y=y)
    dots = base.mark_point(color=HELD, filled=True, size=60, opacity=1).encode(y=y)
    count = base.mark_text(dy=-10, color=QUIET, fontSize=11).encode(y=alt.value(0), text="n:N")
    return svg_of((band + line + dots + count).properties(width=NARROW, height=220))


def years(figures: Sequence[Figure], marks: Marks, language: str) -> str:
    """The official series, each bar with its number; a year without one is hatched and says so."""
    most = max(float(f.value) for f in figures if f.value is not None)
    rows = [
        {
            "year": shown.short_period(f.period, language), "missing": f.value is None,
            "n": most / 20 if f.value is None else _plain(f.value),
            "text": shown.value(f, language),
        }
        for f in figures
        if f.period
    ]  # fmt: skip
    base = alt.Chart(alt.Data(values=rows)).encode(
        x=alt.X("year:O", axis=alt.Axis(title=None, labelAngle=0, ticks=False)),
        y=alt.Y("n:Q", axis=None),
    )
    fill = alt.condition("datum.missing", alt.value(HATCH), alt.value(HELD))
    drawn = base.mark_bar(size=36, cornerRadiusEnd=3).encode(color=fill)
    text = base.mark_text(dy=-8, color=INK, fontSize=12).encode(text="text:N")
    return svg_of((drawn + text).properties(width=WIDTH, height=200))


def _percent(value: Fraction | int | None) -> float | None:
    return None if value is None else float(Fraction(value) * 100)


def _y(title: str, language: str) -> Any:
    comma = "" if language == "en" else ", '.', ','"
    shown_as = f"replace(datum.label{comma})" if comma else "datum.label"
    return alt.Axis(
        title=title, domain=False, ticks=False, tickCount=5, labelPadding=8, labelExpr=shown_as
    )


KINDS: Mapping[str, Draw] = {
    "money": money, "bars": bars, "tiles": tiles, "delay": delay, "years": years,
}  # fmt: skip
