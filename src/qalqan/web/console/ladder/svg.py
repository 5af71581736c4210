"""The money ladder as SVG: classes instead of styles, every text escaped (REQ-39).

Horizontal place means time, height means money. Grey travels, sky is held, wheat still moves,
madder is gone (hatched: cash), stone stays with drops.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from qalqan.text.catalogue import say
from qalqan.text.show import duration, money, when
from qalqan.trust.tokens import last_four
from qalqan.web.console.ladder.bars import NOW_PX, VICTIM_PX, Bar, Cap
from qalqan.web.console.ladder.flow import FOLDED, Facts, Lane
from qalqan.web.console.ladder.layout import Layout, Ribbon
from qalqan.web.console.ladder.letters import width

WIDTH = 1000.0
BAR_PX = 10.0
FIRST_LABEL_PX = 130.0
GONE = frozenset({"abroad", "cash", "crypto"})
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
    "unknown": "unknown",
}


@dataclass(frozen=True)
class Pen:
    """What every part of the drawing needs to speak: facts, currency, language."""

    facts: Facts
    currency: str
    language: str

    def say(self, key: str, **values: object) -> str:
        return say(f"ladder.{key}", self.language, **values)

    def money(self, units: int) -> str:
        return money(units, self.currency, self.language)

    def clock(self, us: int) -> str:
        return when(us, self.language, "clock")


def lane_name(lane: Lane, pen: Pen) -> str:
    """"…4471", or how many accounts stand behind one lane."""
    if lane.folded:
        key = "more_accounts" if lane.id == FOLDED else "more_victims"
        return pen.say(key, n=lane.accounts)
    if lane.victim:
        return pen.say("victim")
    return "…" + last_four(lane.id)


def label_px(bar: Bar, lane: Lane, pen: Pen) -> float:
    """How much room the label of a bar takes."""
    if lane.victim:
        return max(width(lane_name(lane, pen), 12.5, True), width(pen.money(bar.units), 12.5)) - 20
    name = width(lane_name(lane, pen), 12.5) + 8 + width(pen.money(bar.units), 12.5)
    return max(name, width(pen.facts.banks.get(lane.bank, lane.bank), 12.5))


def svg(drawn: Layout, pen: Pen, described: str) -> str:
    """The whole picture."""
    bottom = drawn.bottom + 24
    height = bottom + 44
    parts = [
        f'<svg class="ladder" viewBox="0 0 {_n(WIDTH)} {_n(height)}" width="{_n(WIDTH)}" '
        f'height="{_n(height)}" role="img" aria-labelledby="ladder-title ladder-desc" '
        f'xmlns="http://www.w3.org/2000/svg">',
        f'<title id="ladder-title">{escape(pen.say("title"))}</title>',
        f'<desc id="ladder-desc">{escape(described)}</desc>',
        _HATCH,
        *_axis(drawn, pen, bottom),
        *_since_report(drawn, pen, bottom),
        *(_ribbon(ribbon, drawn, pen) for ribbon in drawn.ribbons),
        *_moments(drawn, pen, bottom),
        *(part for ribbon in drawn.ribbons for part in _cap(ribbon, pen)),
        *(part for bar in drawn.chart.bars.values() for part in _bar(bar, drawn, pen)),
        *(part for ribbon in drawn.ribbons for part in _cap_label(ribbon, drawn, pen)),
        *_flags(drawn, pen, bottom),
        "</svg>",
    ]
    return "".join(parts)


_HATCH = (
    '<defs><pattern id="ladder-hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
    'patternTransform="rotate(45)"><rect class="hatch-ground" width="6" height="6"/>'
    '<rect class="hatch-line" width="3" height="6"/></pattern></defs>'
)


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def _text(x: float, y: float, words: str, classes: str, anchor: str = "start") -> str:
    at = f'x="{_n(x)}" y="{_n(y)}" class={quoteattr(classes)} text-anchor="{anchor}"'
    return f"<text {at}>{escape(words)}</text>"


def _axis(drawn: Layout, pen: Pen, bottom: float) -> Iterator[str]:
    for span in drawn.chart.axis.spans:
        y = 34.0
        if span.kind == "break":
            middle = (span.from_px + span.to_px) / 2
            yield (
                f'<path class="axis-break" d="M{_n(span.from_px)} {y}H{_n(middle - 6)}l4 -5 4 10 '
                f'4 -5H{_n(span.to_px)}"/>'
            )
        else:
            yield (
                f'<line class="axis axis-{span.kind}" x1="{_n(span.from_px)}" y1="{y}" '
                f'x2="{_n(span.to_px)}" y2="{y}"/>'
            )
    for tick in drawn.chart.axis.ticks:
        day = _short_day(tick.at_us, pen)
        if not tick.whole_day:
            yield _text(tick.px, 26, pen.clock(tick.at_us), "tick", "middle")
        if tick.new_day or tick.whole_day:
            yield _text(tick.px, 26 if tick.whole_day else 11, day, "tick day", "middle")
        yield (
            f'<line class="grid" x1="{_n(tick.px)}" y1="38" x2="{_n(tick.px)}" y2="{_n(bottom)}"/>'
        )


def _short_day(us: int, pen: Pen) -> str:
    return when(us, pen.language, "day")


def _ribbon(ribbon: Ribbon, drawn: Layout, pen: Pen) -> str:
    tone = TONES[ribbon.kind]
    x0, x1 = ribbon.x0 + BAR_PX / 2, ribbon.x1 - BAR_PX / 2
    height = max(ribbon.height, 1.0)
    bend = min(ribbon.bend, x1 - x0)
    a, b = (x1 - bend, x1) if ribbon.late else (x0, x0 + bend)
    middle = (a + b) / 2
    top, end = ribbon.y0, ribbon.y1
    path = (
        f"M{_n(x0)} {_n(top)}H{_n(a)}C{_n(middle)} {_n(top)} {_n(middle)} {_n(end)} "
        f"{_n(b)} {_n(end)}H{_n(x1)}V{_n(end + height)}H{_n(b)}"
        f"C{_n(middle)} {_n(end + height)} {_n(middle)} {_n(top + height)} "
        f"{_n(a)} {_n(top + height)}H{_n(x0)}Z"
    )
    return (
        f'<path class="ribbon {tone}" d="{path}" data-units="{ribbon.link.units}">'
        f"<title>{escape(_ribbon_words(ribbon, drawn, pen))}</title></path>"
    )


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
        yield (
            f'<rect class="bar" x="{_n(x)}" y="{_n(y)}" width="{_n(BAR_PX)}" '
            f'height="{_n(height - stub)}" rx="1.5" data-units="{bar.units}">'
            f"<title>{escape(_bar_words(bar, lane, pen))}</title></rect>"
        )
    if kept:
        words = pen.say("tip.kept", account=lane_name(lane, pen), sum=pen.money(kept))
        yield (
            f'<rect class="stub" x="{_n(x)}" y="{_n(y + height - stub)}" width="{_n(BAR_PX)}" '
            f'height="{_n(max(stub, 3.0))}" data-units="{kept}">'
            f"<title>{escape(words)}</title></rect>"
        )
    yield from _bar_label(bar, lane, y, height, drawn, pen)


def _bar_words(bar: Bar, lane: Lane, pen: Pen) -> str:
    bank = pen.facts.banks.get(lane.bank, lane.bank)
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
    bank = pen.facts.banks.get(lane.bank, lane.bank)
    if lane.victim:
        x = VICTIM_PX - BAR_PX / 2 - 20
        yield _text(x, y - 36, bank, "bank")
        yield _text(x, y - 21, lane_name(lane, pen), "name strong")
        yield _text(x, y - 6, pen.money(bar.units), "sum strong")
        return
    x = bar.px - BAR_PX / 2
    if bar.index:
        if _room(bar, drawn) > width(pen.money(bar.units), 12.5):
            yield _text(x, y - 6, pen.money(bar.units), "sum")
        return
    name = lane_name(lane, pen)
    words = f'<tspan class="{"name" if lane.folded else "mono"}">{escape(name)}</tspan>'
    words += f'<tspan class="sum" dx="7">{escape(pen.money(bar.units))}</tspan>'
    if bank:
        yield _text(x, y - 21, bank, "bank")
    yield f'<text x="{_n(x)}" y="{_n(y - 6)}" class="label">{words}</text>'


def _room(bar: Bar, drawn: Layout) -> float:
    """Pixels between this bar's label and those of its lane's other bars."""
    bars = drawn.chart.bars
    before, after = bars[bar.lane, bar.index - 1], bars.get((bar.lane, bar.index + 1))
    left = bar.px - before.px - (0 if before.index else FIRST_LABEL_PX)
    return min(1e9 if left > 0 else 0, (after.px if after else 1e9) - bar.px - 6)


def _cap(ribbon: Ribbon, pen: Pen) -> Iterator[str]:
    cap = ribbon.link.target
    if not isinstance(cap, Cap):
        return
    tone, height = TONES[cap.kind], max(ribbon.height, 1.5)
    x, y = ribbon.x1 - BAR_PX / 2, ribbon.y1
    if tone == "moving":
        nose = min(10.0, 3 + height / 3)
        yield (
            f'<path class="cap moving" d="M{_n(x)} {_n(y)}H{_n(x + 6)}l{_n(nose)} '
            f'{_n(height / 2)}l-{_n(nose)} {_n(height / 2)}H{_n(x)}Z"/>'
        )
        return
    yield (
        f'<rect class="cap {tone}" x="{_n(x)}" y="{_n(y)}" width="{_n(BAR_PX)}" '
        f'height="{_n(height)}" rx="1.5"/>'
    )


def _cap_label(ribbon: Ribbon, drawn: Layout, pen: Pen) -> Iterator[str]:
    cap = ribbon.link.target
    if not isinstance(cap, Cap):
        return
    tone = TONES[cap.kind]
    middle = ribbon.y1 + ribbon.height / 2
    x = ribbon.x1 + 14
    wide = width(f"{pen.money(cap.units)} {pen.say(f'state.{cap.kind}')}", 12.5, bold=True)
    if cap.payments == 0 or x + wide > NOW_PX - 6:
        x = NOW_PX + 24
    words = f'<tspan class="sum strong">{escape(pen.money(cap.units))}</tspan>'
    words += f'<tspan class="state {tone}" dx="6">{escape(pen.say(f"state.{cap.kind}"))}</tspan>'
    yield f'<text x="{_n(x)}" y="{_n(middle - 2)}" class="label">{words}</text>'
    yield _text(x, middle + 14, _cap_words(ribbon, cap, drawn, pen), "where")


def _cap_words(ribbon: Ribbon, cap: Cap, drawn: Layout, pen: Pen) -> str:
    """When and where: the second line of a label."""
    lane = drawn.chart.flow.lanes[ribbon.link.source[0]]
    bank = pen.facts.banks.get(lane.bank, lane.bank)
    due = pen.facts.awaited.get(lane.id)
    if cap.kind == "moving" and due is not None:
        left = due - pen.facts.now_us
        key = "awaited" if left > 0 else "overdue"
        return pen.say(key, time=duration(abs(left), pen.language))
    if cap.from_us is None:
        return bank or pen.say("not_yet_held")
    at = pen.clock(cap.from_us)
    if cap.to_us != cap.from_us and cap.to_us is not None:
        at = f"{at}–{pen.clock(cap.to_us)}"
    if cap.payments > 1:
        return f"{at} · " + pen.say("payments", n=cap.payments)
    return f"{at} · {bank}" if bank else at


def _reports(drawn: Layout, pen: Pen) -> list[tuple[float, int]]:
    places = drawn.chart.axis.places
    return sorted((places[us, 0], us) for us in set(pen.facts.reported_us) if (us, 0) in places)


def _since_report(drawn: Layout, pen: Pen, bottom: float) -> Iterator[str]:
    for first, _ in _reports(drawn, pen)[:1]:
        yield (
            f'<rect class="since-report" x="{_n(first)}" y="38" width="{_n(NOW_PX - first)}" '
            f'height="{_n(bottom - 38)}"/>'
        )


def _moments(drawn: Layout, pen: Pen, bottom: float) -> Iterator[str]:
    for px, _ in _reports(drawn, pen):
        yield _upright("at-report", px, bottom)
    yield _upright("at-now", NOW_PX, bottom)


def _upright(kind: str, px: float, bottom: float) -> str:
    return f'<line class="{kind}" x1="{_n(px)}" y1="38" x2="{_n(px)}" y2="{_n(bottom)}"/>'


def _flags(drawn: Layout, pen: Pen, bottom: float) -> Iterator[str]:
    """"Report 14:47" and "now 14:54" under their lines; close ones lean apart or step down."""
    flags = [
        (px, pen.say("report", time=pen.clock(us)), "flag-report")
        for px, us in _reports(drawn, pen)
    ]
    flags.append((NOW_PX, pen.say("now", time=pen.clock(pen.facts.now_us)), "flag-now"))
    wides = [width(words, 12.5, bold=True) + 16 for _, words, _ in flags]
    taken, y = 0.0, bottom
    for index, (px, words, kind) in enumerate(flags):
        wide = wides[index]
        x = px - wide / 2
        if index + 1 < len(flags) and x + wide + 4 > flags[index + 1][0] - wides[index + 1] / 2:
            x = px + 1 - wide
        if x < taken + 4:
            x = px - 1
        y = bottom + 22 * (x < taken + 4)
        yield (
            f'<rect class="{kind}" x="{_n(x)}" y="{_n(y)}" width="{_n(wide)}" '
            f'height="20" rx="4"/>'
        )
        yield _text(x + wide / 2, y + 14.5, words, f"{kind}-words", "middle")
        taken = x + wide
