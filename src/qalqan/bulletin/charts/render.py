"""A chart's definition made into SVG, or pixels, with our font."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import as_file, files
from typing import Any

import vl_convert

HATCH = "#c0ffee"
"""A colour that no chart uses: what is filled with it is drawn hatched, which Vega can't say."""
FONT = "Golos Text"
INK, QUIET, GRID = "#13262F", "#41535C", "#DFD9CA"
_SAID = re.compile(r' (?:role|aria-[a-z]+)="[^"]*"')
"""Vega names each mark, in English: a chart has one name, which the page gives it."""
HATCHED = "url(#hatch)"
PATTERN = (
    '<defs><pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><rect width="6" height="6" fill="#F8F6F0"/>'
    '<rect width="2" height="6" fill="#CFCDC4"/></pattern></defs>'
)


def svg_of(chart: Any) -> str:
    """An Altair chart as SVG, dressed as all of a bulletin."""
    return drawn(_dressed(chart))


def drawn(chart: Any) -> str:
    """An Altair chart as SVG, as it is."""
    _fonts()
    plain = _SAID.sub("", str(vl_convert.vegalite_to_svg(chart.to_dict())))
    head = plain.index(">") + 1
    return plain[:head] + PATTERN + plain[head:].replace(HATCH, HATCHED)


def pixels(svg: str, scale: float) -> bytes:
    """SVG as PNG, `scale` pixels for a unit."""
    _fonts()
    return bytes(vl_convert.svg_to_png(svg, scale=scale))


@cache
def _fonts() -> None:
    with as_file(files("qalqan.bulletin.documents") / "fonts") as folder:
        vl_convert.register_font_directory(str(folder))


def _dressed(chart: Any) -> Any:
    return (
        chart.configure(background="#FFFFFF", font=FONT, padding=6)
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=QUIET, titleColor=QUIET, gridColor=GRID, domainColor=GRID, tickColor=GRID,
            labelFontSize=12, titleFontSize=12, titleFontWeight="normal", labelLimit=320,
        )
        .configure_legend(
            labelFontSize=12, labelColor=INK, title=None, orient="top", labelLimit=320
        )
    )  # fmt: skip
