"""The result of a replay as a picture: money stopped, and money held from bystanders, by delay.

Altair is loaded with this module alone; the SVG is made here, without a browser.
"""

from __future__ import annotations

from collections.abc import Mapping
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
    """What was stopped, above what was held from bystanders."""
    title = alt.TitleParams(
        say("replay.title", language),
        subtitle=say("replay.subtitle", language, n=result["victims"]),
        anchor="start", fontSize=17, subtitleFontSize=12, color=_INK, subtitleColor=_QUIET,
        offset=14,
    )  # fmt: skip
    rows = alt.Chart(alt.Data(values=[_point(row, language) for row in result["main"]]))
    delays = [delay(minutes, language) for minutes in result["delays_minutes"]]
    upper = _stopped(rows, delays, language).properties(width=WIDTH, height=HEIGHT)
    lower = _held(rows, delays, language).properties(width=WIDTH, height=HEIGHT // 2)
    return alt.vconcat(upper, lower, title=title, background="#ffffff", padding=16).configure_view(
        stroke=None
    ).configure_axis(
        labelColor=_INK, titleColor=_INK, gridColor=_GRID, domainColor=_QUIET, labelFontSize=12,
        titleFontSize=12, titleFontWeight="normal",
    ).configure_legend(labelFontSize=12, labelColor=_INK)  # fmt: skip


def _stopped(rows: Any, delays: list[str], language: str) -> Any:
    """Share of the stolen money, with its 95 % band."""
    x, colour, dash, shape = _x(delays, None), *_looks(language)
    title = say("replay.axis.stopped", language)
    y = alt.Y("stopped:Q", title=title, scale=alt.Scale(domain=[0, 100]))
    band = rows.mark_area(opacity=0.18).encode(
        x=x, y=alt.Y("low:Q", title=title), y2="high:Q", color=colour
    )
    line = rows.mark_line(strokeWidth=2.5).encode(x=x, y=y, color=colour, strokeDash=dash)
    dots = rows.mark_point(size=70, filled=True, opacity=1)
    return band + line + dots.encode(x=x, y=y, color=colour, shape=shape)


def _held(rows: Any, delays: list[str], language: str) -> Any:
    """Bystanders' money, as a share of what was stolen."""
    x, colour, dash, shape = _x(delays, say("replay.axis.delay", language)), *_looks(language)
    y = alt.Y("innocent:Q", title=say("replay.axis.innocent", language).split(", "))
    line = rows.mark_line(strokeWidth=2).encode(x=x, y=y, color=colour, strokeDash=dash)
    dots = rows.mark_point(size=50, filled=True, opacity=1)
    return line + dots.encode(x=x, y=y, color=colour, shape=shape)


def _x(delays: list[str], title: str | None) -> Any:
    axis = alt.Axis(labelAngle=0, title=title)
    return alt.X("delay:O", sort=delays, axis=axis, scale=alt.Scale(type="point", padding=0.4))


def _looks(language: str) -> tuple[Any, Any, Any]:
    """Colour, dashes and shape of each policy."""
    names = [say(f"replay.policy.{policy}", language) for policy in POLICIES]
    legend = alt.Legend(
        title=None, orient="top", columns=2, labelLimit=320, symbolSize=90, symbolOpacity=1
    )

    def by(looks: Mapping[str, Any]) -> Any:
        return alt.Scale(domain=names, range=[looks[policy] for policy in POLICIES])

    return (
        alt.Color("policy:N", scale=by(COLOURS), legend=legend),
        alt.StrokeDash("policy:N", legend=None, scale=by(DASHES)),
        alt.Shape("policy:N", scale=by(SHAPES)),
    )


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
