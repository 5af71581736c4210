"""Bars, caps and links of the picture: the flow cut at every moment of receipt.

A bar is an account at the moment of a receipt: its height is the stolen money there just then.
What leaves before the next receipt leaves from this bar; the rest is carried to the next one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from qalqan.errors import ContractBroken
from qalqan.web.console.ladder.axis import Axis, axis
from qalqan.web.console.ladder.flow import End, Flow, Key, Move, Scene

FROM_PX, NOW_PX, VICTIM_PX = 132.0, 776.0, 34.0
LEAST_PX = 26.0
SAME_CAP_PX = 40.0


@dataclass(frozen=True)
class Bar:
    """A lane at one moment (or several too close to tell apart)."""

    lane: str
    index: int
    px: float
    units: int
    receipts: int
    from_us: int
    to_us: int


@dataclass(frozen=True)
class Cap:
    """Where money ends: an exit at its place and time, or a state it is in now."""

    kind: str
    px: float
    units: int
    payments: int
    from_us: int | None
    to_us: int | None


@dataclass(frozen=True)
class Link:
    """Units from a bar to a later bar of any lane, or to a cap."""

    source: tuple[str, int]
    target: tuple[str, int] | Cap
    units: int
    payments: int
    key: Key


@dataclass(frozen=True)
class Chart:
    """Everything of the picture but its vertical places."""

    flow: Flow
    axis: Axis
    bars: Mapping[tuple[str, int], Bar]
    links: tuple[Link, ...]
    kept: Mapping[str, int]


def chart(whole: Flow, scene: Scene) -> Chart:
    """Cut `whole` into bars and links along an axis that ends now."""
    arrivals = _arrivals(whole.moves)
    last = max((move.key for move in whole.moves), default=(scene.now_us, 0))
    now = max((scene.now_us, 0), (last[0], last[1] + 1))
    ends = [(end, _when_ends(end, arrivals, now)) for end in whole.ends]
    apart = list(_apart(whole.moves, arrivals))
    apart += [(arrivals[end.lane][-1], key) for end, key in ends]
    keys = {move.key for move in whole.moves} | {key for _, key in ends} | {now}
    keys |= {(us, 0) for us in scene.reported_us if us <= now[0]}
    scale = axis(keys, apart, FROM_PX, NOW_PX, LEAST_PX)
    clusters = {lane: _clusters(found, scale) for lane, found in arrivals.items()}
    links = _links(whole, arrivals, clusters, scale)
    links += _end_links(ends, clusters, scale)
    bars = _bars(whole, clusters, links, scale)
    links += _carries(bars, links, whole.ends)
    kept = {end.lane: end.units for end in whole.ends if end.kind == "kept"}
    return Chart(whole, scale, bars, tuple(links), kept)


def _arrivals(moves: tuple[Move, ...]) -> dict[str, list[Key]]:
    found: defaultdict[str, set[Key]] = defaultdict(set)
    for move in moves:
        if move.payee:
            found[move.payee].add(move.key)
    return {lane: sorted(keys) for lane, keys in found.items()}


def _when_ends(end: End, arrivals: Mapping[str, list[Key]], now: Key) -> Key:
    """Held since its answer, though not before the last receipt; moving up to now."""
    last = arrivals[end.lane][-1]
    if end.at_us is None:
        return now
    return max((end.at_us, 0), (last[0], last[1] + 1)) if end.at_us <= now[0] else now


def _apart(moves: tuple[Move, ...], arrivals: Mapping[str, list[Key]]) -> Iterator[tuple[Key, Key]]:
    for move in moves:
        before = arrivals.get(move.payer)
        if before:
            position = bisect_left(before, move.key)
            if position == 0:
                raise ContractBroken(f"{move.payer} pays before it received")
            yield before[position - 1], move.key


def _clusters(keys: list[Key], scale: Axis) -> list[list[Key]]:
    """Receipts of one lane, those too close to draw apart together."""
    clusters: list[list[Key]] = []
    for key in keys:
        if clusters and scale.places[key] - scale.places[clusters[-1][0]] < scale.least_px / 2:
            clusters[-1].append(key)
        else:
            clusters.append([key])
    return clusters


def _bar_at(clusters: list[list[Key]], key: Key, arrived: bool) -> int:
    """Index of the bar that a receipt at `key` belongs to, or that a payment leaves from."""
    firsts = [cluster[0] for cluster in clusters]
    position = bisect_left(firsts, key)
    exact = position < len(firsts) and firsts[position] == key
    return position if arrived and exact else max(position - 1, 0)


def _links(
    whole: Flow,
    arrivals: Mapping[str, list[Key]],
    clusters: Mapping[str, list[list[Key]]],
    scale: Axis,
) -> list[Link]:
    groups: dict[tuple[object, ...], list[Move]] = {}
    for move in sorted(whole.moves, key=lambda move: move.key):
        left = _bar_at(clusters[move.payer], move.key, False) if move.payer in arrivals else 0
        source = (move.payer, left)
        if move.payee:
            target: object = (move.payee, _bar_at(clusters[move.payee], move.key, True))
        else:
            target = (move.exit, _cap_place(groups, source, move, scale))
        groups.setdefault((source, target, move.exit), []).append(move)
    return [_link(group, key, scale) for key, group in groups.items()]


def _cap_place(
    groups: Mapping[tuple[object, ...], list[Move]],
    source: tuple[str, int],
    move: Move,
    scale: Axis,
) -> Key:
    """The first exit of this kind nearby, so that three withdrawals in a row share a cap."""
    px = scale.places[move.key]
    for (other, _, kind), moves in groups.items():
        near = px - scale.places[moves[0].key] < SAME_CAP_PX
        if other == source and kind == move.exit and near:
            return moves[0].key
    return move.key


def _link(group: list[Move], key: tuple[object, ...], scale: Axis) -> Link:
    source, target, kind = key
    units = sum(move.units for move in group)
    payments = sum(move.payments for move in group)
    first, last = group[0].key, group[-1].key
    if kind:
        since = min(first[0], *(move.since_us or first[0] for move in group))
        target = Cap(str(kind), scale.places[first], units, payments, since, last[0])
    return Link(source, target, units, payments, first)  # type: ignore[arg-type]


def _end_links(
    ends: list[tuple[End, Key]], clusters: Mapping[str, list[list[Key]]], scale: Axis
) -> list[Link]:
    return [
        Link(
            (end.lane, len(clusters[end.lane]) - 1),
            Cap(end.kind, scale.places[key], end.units, 0, end.at_us, end.at_us),
            end.units,
            0,
            key,
        )
        for end, key in ends
        if end.kind != "kept"
    ]


def _bars(
    whole: Flow,
    clusters: Mapping[str, list[list[Key]]],
    links: list[Link],
    scale: Axis,
) -> dict[tuple[str, int], Bar]:
    comes: defaultdict[tuple[str, int], int] = defaultdict(int)
    goes: defaultdict[tuple[str, int], int] = defaultdict(int)
    for link in links:
        goes[link.source] += link.units
        if not isinstance(link.target, Cap):
            comes[link.target] += link.units
    bars = {}
    for lane in whole.lanes:
        carried = 0
        if lane not in clusters:
            first = min(link.key for link in links if link.source == (lane, 0))
            bars[lane, 0] = Bar(lane, 0, VICTIM_PX, goes[lane, 0], 0, first[0], first[0])
            continue
        for index, cluster in enumerate(clusters[lane]):
            place = (lane, index)
            units = carried + comes[place]
            px, times = scale.places[cluster[0]], (cluster[0][0], cluster[-1][0])
            bars[place] = Bar(lane, index, px, units, len(cluster), *times)
            carried = units - goes[place]
            if carried < 0:
                raise ContractBroken(f"{lane} passes on {-carried} units before it received them")
    return bars


def _carries(
    bars: Mapping[tuple[str, int], Bar], links: list[Link], ends: tuple[End, ...]
) -> list[Link]:
    goes: defaultdict[tuple[str, int], int] = defaultdict(int)
    for link in links:
        goes[link.source] += link.units
    carries = []
    for (lane, index), bar in bars.items():
        following = bars.get((lane, index + 1))
        left = bar.units - goes[lane, index]
        if following and left:
            carries.append(Link((lane, index), (lane, index + 1), left, 0, (following.from_us, 0)))
    return carries
