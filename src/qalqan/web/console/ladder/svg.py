"""The money ladder as SVG: classes instead of styles, every text escaped (REQ-39).

Horizontal place means time, height means money. Grey travels, sky is held, wheat still moves,
madder is gone (hatched: cash), stone stays with drops.
"""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape

from qalqan.text.show import duration, when
from qalqan.web.console.ladder import marks
from qalqan.web.console.ladder.bars import NOW_PX, VICTIM_PX, Bar, Cap
from qalqan.web.console.ladder.flow import Lane
from qalqan.web.console.ladder.layout import Layout, Ribbon
from qalqan.web.console.ladder.letters import width
from qalqan.web.console.ladder.pen import Pen, label_px, lane_name, number, text

WIDTH = 1000.0
BAR_PX = 10.0
TONES = {
    "travels": "travels",
    "held": "held",
    "returned": "returned",
    "moving": "moving",
    "wallet": "moving",
    "abroad": "gone",
    "crypto": "gone",
    "cash": "cash",
    "spent": "kept",
    "fees": "kept",
    "small": "kept",
    "unknown": "unknown",
}


def svg(drawn: Layout, pen: Pen, described: str) -> str:
    """The whole picture; `described` is its description in words."""
    bottom = drawn.bottom + 24
    title, desc = f"ladder-title-{pen.currency}", f"ladder-desc-{pen.currency}"
    size = f'viewBox="0 0 {number(WIDTH)} {number(bottom + 44)}"'
    parts = [
        f'<svg class="ladder" {size} role="img" aria-labelledby="{title} {desc}" '
        'xmlns="http://www.w3.org/2000/svg">',
        f'<title id="{title}">{escape(pen.say("title"))}</title>',
        f'<desc id="{desc}">{escape(described)}</desc>',
        _hatch(pen),
        *marks.scale(drawn, pen, bottom),
        *marks.since_report(drawn, pen, bottom),
        *(_ribbon(ribbon, drawn, pen) for ribbon in drawn.ribbons),
        *marks.moments(drawn, pen, bottom),
        *(part for ribbon in drawn.ribbons for part in _cap(ribbon, pen)),
        *(part for bar in drawn.chart.bars.values() for part in _bar(bar, drawn, pen)),
        *(part for ribbon in drawn.ribbons for part in _cap_label(ribbon, drawn, pen)),
        *marks.flags(drawn, pen, bottom),
        "</svg>",
    ]
    return "".join(parts)


def _hatch(pen: Pen) -> str:
    return (
        f'<defs><pattern id="ladder-hatch-{pen.currency}" width="6" height="6" '
        'patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
        '<rect class="hatch-ground" width="6" height="6"/>'
        '<rect class="hatch-line" width="3" height="6"/></pattern></defs>'
    )


def _rect(classes: str, x: float, y: float, wide: float, high: float, more: str = "") -> str:
    at = f'x="{number(x)}" y="{number(y)}" width="{number(wide)}" height="{number(high)}"'
    return f'<rect class="{classes}" {at}{more}'


def _ribbon(ribbon: Ribbon, drawn: Layout, pen: Pen) -> str:
    words = escape(_ribbon_words(ribbon, drawn, pen))
    classes, units = f"ribbon {TONES[ribbon.kind]}", ribbon.link.units
    path = f'<path class="{classes}" d="{_band(ribbon)}" data-units="{units}">'
    return f"{path}<title>{words}</title></path>"


def _band(ribbon: Ribbon) -> str:
    """The outline: straight, one bend, straight; its upper edge there, its lower edge back."""
    x0, x1 = ribbon.x0 + BAR_PX / 2, ribbon.x1 - BAR_PX / 2
    high = max(ribbon.height, 1.0)
    bend = min(ribbon.bend, x1 - x0)
    a, b = (x1 - bend, x1) if ribbon.late else (x0, x0 + bend)
    middle, top, end = (a + b) / 2, ribbon.y0, ribbon.y1
    there = [(middle, top), (middle, end), (b, end)]
    back = [(middle, end + high), (middle, top + high), (a, top + high)]
    return (
        f"M{number(x0)} {number(top)}H{number(a)}{_curve(there)}H{number(x1)}"
        f"V{number(end + high)}H{number(b)}{_curve(back)}H{number(x0)}Z"
    )


def _curve(points: list[tuple[float, float]]) -> str:
    return "C" + " ".join(f"{number(x)} {number(y)}" for x, y in points)


def _ribbon_words(ribbon: Ribbon, drawn: Layout, pen: Pen) -> str:
    lanes = drawn.chart.flow.lanes
    source = lane_name(lanes[ribbon.link.source[0]], pen)
    sum_shown = pen.money(ribbon.link.units)
    target = ribbon.link.target
    if isinstance(target, Cap):
        state = pen.say(f"state.{target.kind}")
        return pen.say("tip.end", account=source, sum=sum_shown, state=state)
    if target[0] == ribbon.link.source[0]:
        return pen.say("tip.stays", account=source, sum=sum_shown)
    at = when(ribbon.link.key[0], pen.language)
    payee = lane_name(lanes[target[0]], pen)
    return pen.say("tip.move", payer=source, payee=payee, sum=sum_shown, at=at)


def _bar(bar: Bar, drawn: Layout, pen: Pen) -> Iterator[str]:
    lane = drawn.chart.flow.lanes[bar.lane]
    y = drawn.tops[bar.lane, bar.index]
    height = max(bar.units * drawn.scale, 1.5)
    last = (bar.lane, bar.index + 1) not in drawn.chart.bars
    kept = drawn.chart.kept.get(bar.lane, 0) if last else 0
    stub = kept * drawn.scale
    x = bar.px - BAR_PX / 2
    if height > stub:
        units = f' rx="1.5" data-units="{bar.units}">'
        words = escape(_bar_words(bar, lane, pen))
        yield _rect("bar", x, y, BAR_PX, height - stub, units) + f"<title>{words}</title></rect>"
    if kept:
        units = f' data-units="{kept}">'
        words = escape(pen.say("tip.kept", account=lane_name(lane, pen), sum=pen.money(kept)))
        low = _rect("stub", x, y + height - stub, BAR_PX, max(stub, 3.0), units)
        yield f"{low}<title>{words}</title></rect>"
    yield from _bar_label(bar, lane, y, height, drawn, pen)


def _bar_words(bar: Bar, lane: Lane, pen: Pen) -> str:
    bank = pen.bank(lane)
    return pen.say(
        "tip.bar",
        account=lane_name(lane, pen),
        bank=bank or "–",
        sum=pen.money(bar.units),
        at=when(bar.from_us, pen.language),
    )


def _bar_label(
    bar: Bar, lane: Lane, y: float, height: float, drawn: Layout, pen: Pen
) -> Iterator[str]:
    bank = pen.bank(lane)
    if lane.victim:
        x = VICTIM_PX - BAR_PX / 2 - 20
        yield text(x, y - 36, bank, "bank")
        yield text(x, y - 21, lane_name(lane, pen), "name strong")
        yield text(x, y - 6, pen.money(bar.units), "sum strong")
        return
    x = bar.px - BAR_PX / 2
    if bar.index:
        wide = bar.units * drawn.scale >= 1 and width(pen.money(bar.units), 12.5)
        if wide and _room(bar, lane, drawn, pen) > wide:
            yield text(x, y - 6, pen.money(bar.units), "sum")
        return
    name = lane_name(lane, pen)
    words = f'<tspan class="{"name" if lane.folded else "mono"}">{escape(name)}</tspan>'
    words += f'<tspan class="sum" dx="7">{escape(pen.money(bar.units))}</tspan>'
    if bank:
        yield text(x, y - 21, bank, "bank")
    yield f'<text x="{number(x)}" y="{number(y - 6)}" class="label">{words}</text>'


def _room(bar: Bar, lane: Lane, drawn: Layout, pen: Pen) -> float:
    """Pixels between this bar's label and those of its lane's other bars: the first one's, which
    is long, and the next; labels between them end before the bar that follows."""
    bars = drawn.chart.bars
    first, after = bars[bar.lane, 0], bars.get((bar.lane, bar.index + 1))
    if bar.px - first.px < label_px(first, lane, pen) + 6:
        return 0
    return (after.px if after else 1e9) - bar.px - 6


def _cap(ribbon: Ribbon, pen: Pen) -> Iterator[str]:
    cap = ribbon.link.target
    if not isinstance(cap, Cap):
        return
    tone, height = TONES[cap.kind], max(ribbon.height, 1.5)
    x, y = ribbon.x1 - BAR_PX / 2, ribbon.y1
    if tone == "moving":
        nose = min(10.0, 3 + height / 3)
        half, tip = number(height / 2), number(nose)
        path = f"M{number(x)} {number(y)}H{number(x + 6)}l{tip} {half}l-{tip} {half}H{number(x)}Z"
        yield f'<path class="cap moving" d="{path}"/>'
        return
    hatched = f' fill="url(#ladder-hatch-{pen.currency})"' if tone == "cash" else ""
    yield _rect(f"cap {tone}", x, y, BAR_PX, height, f'{hatched} rx="1.5"/>')


def _cap_label(ribbon: Ribbon, drawn: Layout, pen: Pen) -> Iterator[str]:
    cap = ribbon.link.target
    if not isinstance(cap, Cap):
        return
    tone = TONES[cap.kind]
    middle = ribbon.y1 + ribbon.height / 2
    x = ribbon.x1 + 14
    wide = width(f"{pen.money(cap.units)} {pen.say(f'state.{cap.kind}')}", 12.5, bold=True)
    if cap.payments == 0 or x + wide > NOW_PX - 6:
        x = max(NOW_PX + 6, min(NOW_PX + 24, WIDTH - wide))  # long words come nearer to "now"
    words = f'<tspan class="sum strong">{escape(pen.money(cap.units))}</tspan>'
    words += f'<tspan class="state {tone}" dx="6">{escape(pen.say(f"state.{cap.kind}"))}</tspan>'
    yield f'<text x="{number(x)}" y="{number(middle - 2)}" class="label">{words}</text>'
    yield text(x, middle + 14, _cap_words(ribbon, cap, drawn, pen), "where")


def _cap_words(ribbon: Ribbon, cap: Cap, drawn: Layout, pen: Pen) -> str:
    """When and where: the second line of a label."""
    lane = drawn.chart.flow.lanes[ribbon.link.source[0]]
    bank = pen.bank(lane)
    due = pen.scene.awaited.get(lane.id)
    if cap.kind == "moving" and due is not None:
        left = due - pen.scene.now_us
        key = "awaited" if left > 0 else "overdue"
        return pen.say(key, time=duration(abs(left), pen.language))
    if cap.from_us is None:
        return bank or pen.say("not_yet_held")
    at = pen.moment(cap.from_us)
    if cap.payments > 1:
        words = pen.say("payments", n=cap.payments)
        return f"{words} · {bank}" if bank else f"{at} · {words}"
    return f"{at} · {bank}" if bank else at
