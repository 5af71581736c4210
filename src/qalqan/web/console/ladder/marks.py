"""Marks around the money: the scale of time, the moments of the reports, and now."""

from __future__ import annotations

from collections.abc import Iterator

from qalqan.text.show import when
from qalqan.web.console.ladder.bars import NOW_PX
from qalqan.web.console.ladder.layout import Layout
from qalqan.web.console.ladder.letters import width
from qalqan.web.console.ladder.pen import Pen, number, text

SCALE_PX = 34.0
"""Where the line of time runs."""


def scale(drawn: Layout, pen: Pen, bottom: float) -> Iterator[str]:
    """The line of time with its breaks, its labelled moments, and a grid under them."""
    for span in drawn.chart.axis.spans:
        start, end = number(span.from_px), number(span.to_px)
        if span.kind == "break":
            kink = number((span.from_px + span.to_px) / 2 - 6)
            path = f"M{start} {SCALE_PX}H{kink}l4 -5 4 10 4 -5H{end}"
            yield f'<path class="axis-break" d="{path}"/>'
        else:
            yield _line(f"axis axis-{span.kind}", start, SCALE_PX, end, SCALE_PX)
        if span.kind == "stretched":
            yield _line("axis axis-stretched", start, SCALE_PX + 3, end, SCALE_PX + 3)
    for tick in drawn.chart.axis.ticks:
        day = when(tick.at_us, pen.language, "short_day")
        if not tick.whole_day:
            yield text(tick.px, 26, pen.clock(tick.at_us), "tick", "middle")
        if tick.new_day or tick.whole_day:
            yield text(tick.px, 26 if tick.whole_day else 11, day, "tick day", "middle")
        yield _upright("grid", tick.px, bottom)


def _line(classes: str, x1: str, y1: float, x2: str, y2: float) -> str:
    return f'<line class="{classes}" x1="{x1}" y1="{number(y1)}" x2="{x2}" y2="{number(y2)}"/>'


def _reports(drawn: Layout, pen: Pen) -> list[tuple[float, int]]:
    places = drawn.chart.axis.places
    return sorted((places[us, 0], us) for us in set(pen.scene.reported_us) if (us, 0) in places)


def since_report(drawn: Layout, pen: Pen, bottom: float) -> Iterator[str]:
    """A tint over the time since the first report."""
    for first, _ in _reports(drawn, pen)[:1]:
        yield (
            f'<rect class="since-report" x="{number(first)}" y="38" '
            f'width="{number(NOW_PX - first)}" height="{number(bottom - 38)}"/>'
        )


def moments(drawn: Layout, pen: Pen, bottom: float) -> Iterator[str]:
    """Upright lines of the reports and of now."""
    for px, _ in _reports(drawn, pen):
        yield _upright("at-report", px, bottom)
    yield _upright("at-now", NOW_PX, bottom)


def _upright(kind: str, px: float, bottom: float) -> str:
    return _line(kind, number(px), 38, number(px), bottom)


def flags(drawn: Layout, pen: Pen, bottom: float) -> Iterator[str]:
    """The words "report 14:47" and "now 14:54" under their lines; close ones lean apart."""
    found = [
        (px, pen.say("report", time=pen.moment(us)), "flag-report")
        for px, us in _reports(drawn, pen)
    ]
    found.append((NOW_PX, pen.say("now", time=pen.moment(pen.scene.now_us)), "flag-now"))
    wides = [width(words, 12.5, bold=True) + 16 for _, words, _ in found]
    taken, y = 0.0, bottom
    for index, (px, words, kind) in enumerate(found):
        wide = wides[index]
        x = px - wide / 2
        if index + 1 < len(found) and x + wide + 4 > found[index + 1][0] - wides[index + 1] / 2:
            x = px + 1 - wide
        if x < taken + 4:
            x = px - 1
        y = bottom + 22 * (x < taken + 4)
        at = f'x="{number(x)}" y="{number(y)}" width="{number(wide)}"'
        yield f'<rect class="{kind}" {at} height="20" rx="4"/>'
        yield text(x + wide / 2, y + 14.5, words, f"{kind}-words", "middle")
        taken = x + wide
