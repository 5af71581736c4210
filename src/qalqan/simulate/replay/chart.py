"""The result of a replay as a picture: money stopped, and money held from bystanders, by delay.

Altair is loaded with this module alone; the SVG is made here, without a browser.
"""

from __future__ import annotations

from typing import Any

import altair as alt
import vl_convert

from qalqan.simulate.replay.campaign import Result
from qalqan.simulate.replay.compare import POLICIES
from qalqan.simulate.replay.delays import delay
from qalqan.text.catalogue import say

COLOURS = {"today": "#767676", "med": "#b35900", "statements": "#2a78d6", "feed": "#12427e"}
"""All of them at least 3:1 on white; shapes and dashes tell them apart without colour."""
DASHES = {"today": [2, 3], "med": [7, 4], "statements": [1, 0], "feed": [1, 0]}
SHAPES = {"today": "cross", "med": "diamond", "statements": "circle", "feed": "square"}
WIDTH, HEIGHT = 620, 300
_INK, _QUIET, _GRID = "#1d2733", "#56616e", "#e3e7ec"


def svg(result: Result, language: str) -> str:
    """The chart with a background of its own, so that it can be read on any page."""
    return str(vl_convert.vegalite_to_svg(_chart(result, language).to_dict()))


def _chart(result: Result, language: str) -> Any:
    rows = [_point(row, language) for row in result["main"]]
    delays = [delay(minutes, language) for minutes in result["delays_minutes"]]
    names = [say(f"replay.policy.{policy}", language) for policy in POLICIES]
    title = alt.TitleParams(
        say("replay.title", language),
        subtitle=say("replay.subtitle", language, n=result["victims"]),
        anchor="start", fontSize=17, subtitleFontSize=12, color=_INK, subtitleColor=_QUIET,
        offset=14,
    )  # fmt: skip
    colour = alt.Color(
        "policy:N",
        scale=alt.Scale(domain=names, range=[COLOURS[policy] for policy in POLICIES]),
        legend=alt.Legend(
            title=None, orient="top", columns=2, labelLimit=320, symbolSize=90, symbolOpacity=1
        ),
    )
    dash = alt.StrokeDash("policy:N", legend=None, scale=alt.Scale(
        domain=names, range=[DASHES[policy] for policy in POLICIES]))  # fmt: skip
    shape = alt.Shape("policy:N", scale=alt.Scale(
        domain=names, range=[SHAPES[policy] for policy in POLICIES]))  # fmt: skip
    base = alt.Chart(alt.Data(values=rows))

    def x(titled: bool) -> Any:
        axis = alt.Axis(labelAngle=0, title=say("replay.axis.delay", language) if titled else None)
        return alt.X("delay:O", sort=delays, axis=axis, scale=alt.Scale(type="point", padding=0.4))

    stopped = say("replay.axis.stopped", language)
    y = alt.Y("stopped:Q", title=stopped, scale=alt.Scale(domain=[0, 100]))
    band = base.mark_area(opacity=0.18).encode(
        x=x(False), y=alt.Y("low:Q", title=stopped), y2="high:Q", color=colour
    )
    line = base.mark_line(strokeWidth=2.5).encode(x=x(False), y=y, color=colour, strokeDash=dash)
    dots = base.mark_point(size=70, filled=True, opacity=1).encode(
        x=x(False), y=y, color=colour, shape=shape
    )
    below = alt.Y("innocent:Q", title=say("replay.axis.innocent", language).split(", "))
    harm = base.mark_line(strokeWidth=2).encode(
        x=x(True), y=below, color=colour, strokeDash=dash
    ) + base.mark_point(size=50, filled=True, opacity=1).encode(
        x=x(True), y=below, color=colour, shape=shape
    )
    upper = (band + line + dots).properties(width=WIDTH, height=HEIGHT)
    lower = harm.properties(width=WIDTH, height=HEIGHT // 2)
    return alt.vconcat(upper, lower, title=title, background="#ffffff", padding=16).configure_view(
        stroke=None
    ).configure_axis(
        labelColor=_INK, titleColor=_INK, gridColor=_GRID, domainColor=_QUIET, labelFontSize=12,
        titleFontSize=12, titleFontWeight="normal",
    ).configure_legend(labelFontSize=12, labelColor=_INK)  # fmt: skip


def _point(row: Result, language: str) -> dict[str, Any]:
    stolen = max(1, row["stolen"])
    return {
        "policy": say(f"replay.policy.{row['policy']}", language),
        "delay": delay(row["delay_minutes"], language),
        "stopped": round(100 * row["stopped"] / stolen, 2),
        "low": 100 * row["stopped_low"],
        "high": 100 * row["stopped_high"],
        "innocent": round(100 * row["innocent_held"] / stolen, 3),
    }
