"""A measure's picture: months before and after with bands, and the estimates with their intervals.

One definition (Altair), drawn on the server as SVG. Each panel has its own axis from nought; months
with fewer than five are left out, and the table beside says so.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import altair as alt
from scipy import stats

from qalqan.bulletin.charts.render import FONT, GRID, INK, QUIET, drawn
from qalqan.bulletin.effects.evaluation import Evaluation
from qalqan.bulletin.effects.results import FEWEST, LEVEL, Effect
from qalqan.bulletin.effects.series import Month
from qalqan.text.catalogue import say

AIMED, BESIDE = "#00617A", "#7D7F78"
"""`design/README.md`: sky-7, stone-5."""
WIDTHS = {"wide": 880, "narrow": 262}
MOST_CHANGE = 200.0
"""Percent: what reaches further is cut at the picture's edge; the table has it."""


def svg(found: Evaluation, language: str, width: int = WIDTHS["wide"]) -> str:
    """The picture, on a ground of its own."""
    return drawn(_chart(found, language, width))


def _chart(found: Evaluation, language: str, width: int) -> Any:
    beside = "rest" if found.design.against == "nothing" else "beside"
    panels = [
        _panel([m for m, _, _ in found.months], found, "aimed", AIMED, language, width),
        _panel([m for _, m, _ in found.months], found, beside, BESIDE, language, width),
    ]
    if all(month.count == 0 for _, month, _ in found.months):
        panels.pop()
    known = [each for each in estimates(found) if each.low is not None]
    if known:
        panels.append(_changes(known, language, width))
    return (
        alt.vconcat(*panels, background="#ffffff", padding=6, spacing=16)
        .configure(font=FONT)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=INK, titleColor=QUIET, gridColor=GRID, domainColor=QUIET, labelFontSize=12,
            titleFontSize=12, titleFontWeight="normal",
        )
        .configure_title(anchor="start", fontSize=14, fontWeight=600, color=INK)
    )  # fmt: skip


def estimates(found: Evaluation) -> list[Effect]:
    """All estimates of a measure, as page and picture show them."""
    told = [found.alone, found.main]
    if found.displaced is not None:
        told += [found.displaced.target, found.displaced.others, found.displaced.net]
    return told


def _panel(
    months: Sequence[Month], found: Evaluation, name: str, colour: str, language: str, width: int
) -> Any:
    """Crimes a month, with each half's mean and its interval."""
    start = found.design.start.isoformat()[:7]
    rows = [
        {"month": each.month.code, "count": each.count}
        for each in months if each.count == 0 or each.count >= FEWEST
    ]  # fmt: skip
    every = max(1, -(-len(months) // (width // 64)))
    marks = [each.month.code for at, each in enumerate(months) if at % every == 0]
    axis = alt.Axis(title=None, labelAngle=0, values=marks, grid=False)
    x = alt.X(
        "month:O", axis=axis, sort=None,
        scale=alt.Scale(type="point", padding=0.4, domain=[m.month.code for m in months]),
    )  # fmt: skip
    grouped = "replace(datum.label, regexp(',', 'g'), '\u00a0')"
    y_axis = alt.Axis(tickCount=4, format=",d", tickMinStep=1, labelExpr=grouped)
    y = alt.Y("count:Q", title=None, scale=alt.Scale(zero=True, nice=True), axis=y_axis)
    base = alt.Chart(alt.Data(values=rows))
    line = base.mark_line(color=colour, strokeWidth=2).encode(x=x, y=y)
    dots = base.mark_point(color=colour, filled=True, size=26, opacity=1).encode(x=x, y=y)
    parts = [*_bands(months, start, colour, x), line, dots, _start(start, x, language)]
    title = f"{say(f'effects.chart.{name}', language)} · {say('effects.chart.title', language)}"
    return alt.layer(*parts).properties(width=width, height=130, title=_title(title, width))


def _bands(months: Sequence[Month], start: str, colour: str, x: Any) -> list[Any]:
    """The mean of the months before and after, with Student's interval."""
    found = []
    for half in (
        [each for each in months if each.month.code < start],
        [each for each in months if each.month.code >= start],
    ):
        if len(half) < 3 or sum(each.count for each in half) < FEWEST:
            continue
        mean = sum(each.count for each in half) / len(half)
        spread = math.sqrt(sum((each.count - mean) ** 2 for each in half) / (len(half) - 1))
        reach = float(stats.t.ppf((1 + LEVEL) / 2, len(half) - 1)) * spread / math.sqrt(len(half))
        rows = [
            {"month": each.month.code, "mean": mean, "low": max(0.0, mean - reach),
             "high": mean + reach}
            for each in half
        ]  # fmt: skip
        base = alt.Chart(alt.Data(values=rows))
        found.append(
            base.mark_area(color=colour, opacity=0.16).encode(x=x, y=alt.Y("low:Q"), y2="high:Q")
        )
        found.append(
            base.mark_line(color=colour, strokeDash=[5, 4], strokeWidth=1.2).encode(
                x=x, y=alt.Y("mean:Q")
            )
        )
    return found


def _start(start: str, x: Any, language: str) -> Any:
    base = alt.Chart(alt.Data(values=[{"month": start}]))
    rule = base.mark_rule(color=INK, strokeDash=[2, 2]).encode(x=x)
    word = base.mark_text(align="left", dx=4, dy=-4, color=INK, fontSize=12, baseline="bottom")
    told = word.encode(x=x, y=alt.value(0), text=alt.value(say("effects.chart.start", language)))
    return rule + told


def _changes(known: Sequence[Effect], language: str, width: int) -> Any:
    """Each estimate's change in percent, with its interval, over the line of no change."""
    rows = [
        {
            "name": say(f"effects.code.{each.code}", language),
            "point": _cut(each.point), "low": _cut(each.low), "high": _cut(each.high),
            "group": AIMED if each.compared else BESIDE, "text": f"n = {each.n}",
        }
        for each in known
    ]  # fmt: skip
    names = [row["name"] for row in rows]
    base = alt.Chart(alt.Data(values=rows))
    y = alt.Y("name:N", sort=names, title=None, axis=alt.Axis(
        labels=False, ticks=False, domain=False))  # fmt: skip
    x = alt.X("low:Q", title=say("effects.chart.change", language), axis=alt.Axis(tickCount=5))
    colour = alt.Color("group:N", scale=None)
    reach = base.mark_rule(strokeWidth=3, opacity=0.55).encode(x=x, x2="high:Q", y=y, color=colour)
    dots = base.mark_point(filled=True, size=80, opacity=1).encode(x="point:Q", y=y, color=colour)
    words = base.mark_text(align="left", dy=-15, fontSize=12, color=INK).encode(
        x=alt.value(0), y=y, text="name:N"
    )
    none = alt.Chart(alt.Data(values=[{"none": 0}])).mark_rule(color=INK).encode(x="none:Q")
    return alt.layer(none, reach, dots, words).properties(width=width, height=48 * len(rows))


def _title(text: str, width: int) -> Any:
    """Words in lines that fit."""
    lines, most = [""], width // 8
    for word in text.split():
        if len(lines[-1]) + len(word) > most and lines[-1]:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return alt.TitleParams(lines, offset=16)


def _cut(ratio: float | None) -> float | None:
    return None if ratio is None else max(-100.0, min(MOST_CHANGE, (ratio - 1) * 100))
