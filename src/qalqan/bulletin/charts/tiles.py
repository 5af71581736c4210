"""The country as equal tiles, so that a small region weighs as much as a large one (REQ-17).

Round tiles are cities. Written as SVG directly: a grid of twenty rectangles is no chart's work.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from xml.sax.saxutils import escape

from qalqan.bulletin import shown
from qalqan.bulletin.charts import Marks
from qalqan.bulletin.charts.render import FONT, HATCHED, INK, PATTERN
from qalqan.model.figure import Figure
from qalqan.text.catalogue import say

PLACES: Mapping[str, tuple[int, int]] = {
    "KZ-39": (2, 0), "KZ-59": (3, 0), "KZ-55": (4, 0),
    "KZ-27": (0, 1), "KZ-15": (1, 1), "KZ-11": (2, 1), "KZ-71": (3, 1), "KZ-10": (4, 1),
    "KZ-63": (5, 1),
    "KZ-23": (0, 2), "KZ-62": (2, 2), "KZ-35": (3, 2), "KZ-33": (4, 2),
    "KZ-47": (0, 3), "KZ-43": (1, 3), "KZ-61": (2, 3), "KZ-31": (3, 3), "KZ-19": (4, 3),
    "KZ-79": (2, 4), "KZ-75": (4, 4),
}  # fmt: skip
"""Region → column and row (design/README.md, dashboard)."""
CITIES = frozenset({"KZ-71", "KZ-75", "KZ-79"})
RAMP = ("#E2F2F5", "#B7DEE7", "#7CC0D0", "#1F7F97", "#0B5166")
NONE = "#F8F6F0"
SIDE, TALL, GAP = 104, 66, 5
SMALLEST: Mapping[str, Fraction] = {"rate": Fraction(1, 1_000_000)}
"""Unit → the smallest difference that its numbers show; 1 of all others. Colours step by it."""


def steps(values: Sequence[int]) -> tuple[int, ...]:
    """Upper bounds of the first four colours: fifths of the largest value, in whole steps."""
    most = max(values, default=0)
    return tuple(max(i + 1, -(-most * (i + 1) // 5)) for i in range(4))


def tiles(figures: Sequence[Figure], marks: Marks, language: str) -> str:
    """One tile a region with its number; fewer than five hatched, nobody's grey."""
    told = {f.by["region"]: f for f in figures if set(f.by) == {"region"}}
    unit = next(iter(figures)).unit if figures else ""
    bounds = steps([_scaled(f) for code, f in told.items() if code not in marks.hidden])
    drawn = [
        _tile(code, told.get(code), code in marks.hidden, bounds, language) for code in PLACES
    ]  # fmt: skip
    width, height = 6 * (SIDE + GAP), 5 * (TALL + GAP)
    legend = _legend(bounds, unit, height + 22, language)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height + 34}" '
        f'viewBox="0 0 {width} {height + 34}" font-family="{FONT}, sans-serif">'
        f"{PATTERN}{''.join(drawn)}{legend}</svg>"
    )


def _tile(
    code: str, figure: Figure | None, is_hidden: bool, bounds: Sequence[int], language: str
) -> str:
    column, row = PLACES[code]
    x, y = column * (SIDE + GAP), row * (TALL + GAP)
    number = say("bulletin.hidden", language) if is_hidden else "0"
    fill, ink = (HATCHED if is_hidden else NONE), INK
    if figure is not None and not is_hidden:
        number = shown.value(figure, language)
        step = sum(_scaled(figure) > bound for bound in bounds)
        fill, ink = RAMP[step], "#FFFFFF" if step > 2 else INK
    name = say(f"bulletin.tile.{code}", language)
    middle = x + SIDE / 2
    return (
        f'<rect x="{x}" y="{y}" width="{SIDE}" height="{TALL}" rx="{28 if code in CITIES else 5}" '
        f'fill="{fill}"/>'
        f'<text x="{middle}" y="{y + 27}" font-size="11.5" text-anchor="middle" fill="{ink}">'
        f"{escape(name)}</text>"
        f'<text x="{middle}" y="{y + 48}" font-size="15" font-weight="600" text-anchor="middle" '
        f'fill="{ink}">{escape(number)}</text>'
    )


def _scaled(figure: Figure) -> int:
    """The value in the steps that its unit shows."""
    return round(Fraction(figure.value or 0) / SMALLEST.get(figure.unit, 1))


def _legend(bounds: Sequence[int], unit: str, y: int, language: str) -> str:
    """What each colour means."""

    def told(of: int) -> str:
        return shown.number(of * SMALLEST.get(unit, Fraction(1)), unit, language)

    ranges = [(low + 1, high) for low, high in zip((0, *bounds), bounds, strict=False)]
    texts = [f"{told(low)}\u2013{told(high)}" if low < high else told(low) for low, high in ranges]
    texts += [f"{told(bounds[-1] + 1)}+", say("bulletin.hidden", language)]
    drawn = []
    for i, (fill, text) in enumerate(zip((*RAMP, HATCHED), texts, strict=True)):
        x = i * 88
        drawn.append(
            f'<rect x="{x}" y="{y - 10}" width="12" height="12" rx="3" fill="{fill}"/>'
            f'<text x="{x + 17}" y="{y}" font-size="11.5" fill="{INK}">{escape(text)}</text>'
        )
    return "".join(drawn)
