"""Vertical places: every lane and every cap gets a row of its own, so that nothing overlaps.

Rows hang in a tree: a lane under the lane that first paid it. Within a lane its own ends come
first (they reach to "now"), then what left last, then what left earlier, so that ribbons peel
off downwards without crossing. A ribbon to a lane that hangs elsewhere keeps a row until it
bends.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from qalqan.web.console.ladder.bars import Bar, Cap, Chart, Link
from qalqan.web.console.ladder.flow import FOLDED_VICTIMS

TOP_PX = 92.0
MONEY_PX = 240.0
LABEL_PX, LEAF_PX, GAP_PX = 36.0, 37.0, 5.0
VICTIM_GAP_PX = 66.0
BEND_PX = 150.0
LIFT_PX = 16.0
"""How far a cap's label may rise above its bar, where the bar's own label ends before it."""
CAP_LABEL_PX = 19.0
"""From a cap to its label."""

Place = tuple[str, int]


@dataclass(frozen=True)
class Ribbon:
    """A link with its two upper corners; `late` ribbons bend just before their target."""

    link: Link
    kind: str
    x0: float
    y0: float
    x1: float
    y1: float
    height: float
    late: bool
    bend: float
    """Horizontal room for its curve."""


@dataclass(frozen=True)
class Layout:
    """All vertical places; heights are units times `scale`."""

    chart: Chart
    scale: float
    tops: Mapping[Place, float]
    ribbons: tuple[Ribbon, ...]
    bottom: float


def layout(chart: Chart, label_px: Callable[[Bar], float]) -> Layout:
    """Places for `chart`; `label_px` tells how wide a bar's label is."""
    return _Rows(chart, label_px).lay()


class _Rows:
    """One run of the placing: a cursor goes down the page."""

    def __init__(self, chart: Chart, label_px: Callable[[Bar], float]) -> None:
        self.chart = chart
        self.label_px = label_px
        self.scale = MONEY_PX / max(chart.flow.stolen, 1)
        self.parents, self.firsts = _tree(chart)
        self.out: dict[Place, list[Link]] = defaultdict(list)
        for link in chart.links:
            self.out[link.source].append(link)
        for place, links in self.out.items():
            links.sort(key=lambda link: self._order(place, link))
        self.tops: dict[Place, float] = {}
        self.rows: dict[int, float] = {}

    def lay(self) -> Layout:
        cursor = TOP_PX
        roots = [bar for bar in self.chart.bars.values() if bar.lane not in self.parents]
        roots.sort(key=lambda bar: (bar.lane == FOLDED_VICTIMS, bar.from_us, bar.lane))
        for bar in roots:
            if bar.index == 0:
                cursor = self._lane(bar.lane, cursor) + VICTIM_GAP_PX
        ribbons = tuple(self._ribbons())
        return Layout(self.chart, self.scale, self.tops, ribbons, cursor - VICTIM_GAP_PX)

    def _order(self, place: Place, link: Link) -> tuple[int, int, float]:
        """From the top of a bar: what is carried on, ends, then the latest payments first."""
        target = link.target
        if isinstance(target, Cap):
            if target.payments == 0:
                return (1, ("held", "moving").index(target.kind), 0)
            return (2, 0, -target.px)
        return (0 if target[0] == place[0] else 2, 0, -self.chart.bars[target].px)

    def _lane(self, lane: str, top: float) -> float:
        """Place a lane with all that hangs on it; the next free y."""
        bars = self._bars_of(lane)
        for bar in bars:
            self.tops[lane, bar.index] = top
        cursor = top - 1
        first = True
        for bar in reversed(bars):
            slot = top
            for link in self.out[lane, bar.index]:
                if link.target != (lane, bar.index + 1):
                    cursor = self._row(bar, link, slot, cursor, first and len(bars) == 1)
                    first = False
                slot += link.units * self.scale
        return max(cursor, top + max(bar.units for bar in bars) * self.scale + GAP_PX)

    def _row(self, bar: Bar, link: Link, slot: float, cursor: float, first: bool) -> float:
        height = link.units * self.scale
        if isinstance(link.target, Cap):
            beside = link.target.px + CAP_LABEL_PX - bar.px > self.label_px(bar)
            lift = LIFT_PX if first and beside else 0
            return self._leaf(link, slot, cursor - lift, max(height, LEAF_PX))
        lane = link.target[0]
        if self.firsts.get(lane) is link:
            if link.target[1]:
                cursor = self._leaf(link, slot, cursor, height + GAP_PX)
            child = self.chart.bars[link.target]
            apart = child.px - bar.px > self.label_px(bar) + 8
            top = slot if first and apart else max(slot, cursor + LABEL_PX)
            return self._lane(lane, top)
        return self._leaf(link, slot, cursor, height + GAP_PX)

    def _leaf(self, link: Link, slot: float, cursor: float, row: float) -> float:
        height = link.units * self.scale
        y = max(slot, cursor + (row - height) / 2)
        self.rows[id(link)] = y
        return y + (row + height) / 2 + GAP_PX

    def _bars_of(self, lane: str) -> list[Bar]:
        return [bar for bar in self.chart.bars.values() if bar.lane == lane]

    def _ribbons(self) -> list[Ribbon]:
        into: dict[int, float] = {}
        comes: dict[Place, list[Link]] = defaultdict(list)
        for link in self.chart.links:
            if not isinstance(link.target, Cap):
                comes[link.target].append(link)
        for place, links in comes.items():
            y = self.tops[place]
            links.sort(key=lambda link: (link.source[0] != place[0], self._from(link)))
            for link in links:
                into[id(link)] = y
                y += link.units * self.scale
        found = []
        for place, links in self.out.items():
            y, bend = self.tops[place], BEND_PX
            for link in links:
                ribbon = self._ribbon(link, y, into, bend)
                bend = bend if ribbon.late else ribbon.bend
                found.append(ribbon)
                y += link.units * self.scale
        return found

    def _from(self, link: Link) -> float:
        return self.rows.get(id(link), self.tops[link.source])

    def _ribbon(self, link: Link, y0: float, into: Mapping[int, float], most: float) -> Ribbon:
        """Lower ribbons of a bar bend no later than those above, so that they never cross."""
        x0, height = self.chart.bars[link.source].px, link.units * self.scale
        if isinstance(link.target, Cap):
            kind, x1, y1, late = link.target.kind, link.target.px, self.rows[id(link)], False
        else:
            kind, x1, y1 = "travels", self.chart.bars[link.target].px, into[id(link)]
            late = id(link) in self.rows
        wanted = max(48.0, abs(y1 - y0) * 1.1)
        bend = min(x1 - x0, wanted, BEND_PX if late else most)
        return Ribbon(link, kind, x0, y0, x1, y1, height, late, bend)


def _tree(chart: Chart) -> tuple[dict[str, str], dict[str, Link]]:
    """Lane → the lane it hangs under, and the link that holds it there.

    First every lane hangs under who paid it first; then a lane that several pay moves to the
    one in their middle, so that a fan-in gathers towards its centre.
    """
    comes: dict[str, list[Link]] = defaultdict(list)
    for link in chart.links:
        if not isinstance(link.target, Cap) and link.target[0] != link.source[0]:
            comes[link.target[0]].append(link)
    holding = {lane: min(links, key=lambda link: link.key) for lane, links in comes.items()}
    order = {lane: rank for rank, lane in enumerate(_walk(chart, holding))}
    for lane in sorted(comes, key=order.__getitem__):
        outside = [link for link in comes[lane] if not _under(link.source[0], lane, holding)]
        if len({link.source[0] for link in outside}) > 1:
            outside.sort(key=lambda link: (order[link.source[0]], link.key))
            holding[lane] = _middle(outside)
    return {lane: link.source[0] for lane, link in holding.items()}, holding


def _walk(chart: Chart, holding: Mapping[str, Link]) -> list[str]:
    """All lanes from top to bottom as they would hang."""
    below: dict[str, list[str]] = defaultdict(list)
    for lane, link in holding.items():
        below[link.source[0]].append(lane)
    lanes = [lane for lane in chart.flow.lanes if lane not in holding]
    lanes.sort(key=lambda lane: (chart.bars[lane, 0].from_us, lane), reverse=True)
    found = []
    while lanes:
        found.append(lanes.pop())
        lanes += sorted(below[found[-1]], key=lambda lane: (chart.bars[lane, 0].px, lane))
    return found


def _under(lane: str, other: str, holding: Mapping[str, Link]) -> bool:
    """Whether `lane` is `other`, or hangs somewhere under it."""
    while lane != other and lane in holding:
        lane = holding[lane].source[0]
    return lane == other


def _middle(links: list[Link]) -> Link:
    """The link at the weighted middle."""
    whole, seen = sum(link.units for link in links), 0
    for link in links:
        seen += link.units
        if seen * 2 >= whole:
            return link
    return links[-1]
