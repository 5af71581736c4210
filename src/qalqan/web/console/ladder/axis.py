"""From moments to places: one linear scale of time, with honest exceptions.

Long empty stretches are cut (a break), moments too close to draw are pulled apart (stretched);
both are marked on the axis. Everywhere else a centimetre is the same number of minutes.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import median

from qalqan.clock import DAY, HOUR, MINUTE
from qalqan.text.show import ALMATY
from qalqan.web.console.ladder.flow import Key

BREAK_PX = 34.0
TICK_PX = 62.0
MAX_BREAKS = 8
STEPS = (
    *(n * MINUTE for n in (1, 2, 5, 10, 15, 30)),
    *(n * HOUR for n in (1, 2, 3, 6, 12)),
    *(n * DAY for n in (1, 2, 5, 10, 30, 90, 365)),
)


@dataclass(frozen=True)
class Span:
    """A stretch of the axis; kind: linear, break or stretched."""

    from_px: float
    to_px: float
    kind: str


@dataclass(frozen=True)
class Tick:
    """A labelled moment; `new_day` when the date is not that of the tick before."""

    at_us: int
    px: float
    new_day: bool
    whole_day: bool


@dataclass(frozen=True)
class Axis:
    """Places of all moments, and how to read them."""

    places: Mapping[Key, float]
    spans: tuple[Span, ...]
    ticks: tuple[Tick, ...]
    least_px: float
    """What is left of the least distance between a ribbon's ends."""

    @property
    def kinds(self) -> frozenset[str]:
        return frozenset(span.kind for span in self.spans)


def axis(
    keys: Iterable[Key],
    apart: Iterable[tuple[Key, Key]],
    from_px: float,
    to_px: float,
    least_px: float,
) -> Axis:
    """Places for `keys` between `from_px` and `to_px`.

    Each pair in `apart` (a ribbon's two ends) lies at least `least_px` apart, or less if the
    picture is too narrow for that.
    """
    ordered = sorted(set(keys))
    gaps = [after[0] - before[0] for before, after in pairwise(ordered)]
    broken = _breaks(gaps)
    starts: dict[Key, list[Key]] = {}
    for first, second in apart:
        starts.setdefault(second, []).append(first)
    width = to_px - from_px
    while _span(_places(ordered, gaps, broken, starts, least_px, 0.0)) > width:
        least_px *= 0.7
    scale = _scale(ordered, gaps, broken, starts, least_px, width)
    raw = _places(ordered, gaps, broken, starts, least_px, scale)
    places = {key: from_px + px for key, px in raw.items()}
    spans = tuple(_spans(ordered, gaps, broken, places, scale))
    return Axis(places, spans, tuple(_ticks(ordered, broken, places, scale)), least_px)


def _breaks(gaps: list[int]) -> frozenset[int]:
    """Empty stretches that would crush everything else."""
    broken: set[int] = set()
    for index in sorted(range(len(gaps)), key=lambda i: -gaps[i])[:MAX_BREAKS]:
        rest = [gap for i, gap in enumerate(gaps) if gap and i not in broken]
        if len(rest) < 2 or gaps[index] <= 12 * median(rest) or gaps[index] * 10 <= sum(rest):
            break
        broken.add(index)
    return frozenset(broken)


def _places(
    ordered: list[Key],
    gaps: list[int],
    broken: frozenset[int],
    starts: Mapping[Key, list[Key]],
    least_px: float,
    scale: float,
) -> dict[Key, float]:
    places = {ordered[0]: 0.0}
    for index, key in enumerate(ordered[1:]):
        step = BREAK_PX if index in broken else gaps[index] * scale
        nearest = max((places[first] for first in starts.get(key, ())), default=-1e9)
        places[key] = max(places[ordered[index]] + step, nearest + least_px)
    return places


def _span(places: Mapping[Key, float]) -> float:
    return max(places.values())


def _scale(
    ordered: list[Key],
    gaps: list[int],
    broken: frozenset[int],
    starts: Mapping[Key, list[Key]],
    least_px: float,
    width: float,
) -> float:
    shown = sum(gap for index, gap in enumerate(gaps) if index not in broken)
    low, high = 0.0, width / max(shown, 1)
    for _ in range(50):
        middle = (low + high) / 2
        fits = _span(_places(ordered, gaps, broken, starts, least_px, middle)) <= width
        low, high = (middle, high) if fits else (low, middle)
    return low


def _spans(
    ordered: list[Key],
    gaps: list[int],
    broken: frozenset[int],
    places: Mapping[Key, float],
    scale: float,
) -> Iterator[Span]:
    last: Span | None = None
    for index, (before, after) in enumerate(pairwise(ordered)):
        start, end = places[before], places[after]
        pulled = end - start > gaps[index] * scale + 0.5
        kind = "break" if index in broken else "stretched" if pulled else "linear"
        if last and last.kind == kind != "break":
            last = Span(last.from_px, end, kind)
            continue
        if last:
            yield last
        last = Span(start, end, kind)
    if last:
        yield last


def _ticks(
    ordered: list[Key], broken: frozenset[int], places: Mapping[Key, float], scale: float
) -> Iterator[Tick]:
    step = next((s for s in STEPS if s * scale >= TICK_PX), STEPS[-1])
    last_px, last_day = -1e9, None
    for run in _runs(ordered, broken):
        moments = list(_round_moments(run[0][0], run[-1][0], step)) or [run[0][0]]
        for at_us in moments:
            px = _place(at_us, run, places)
            if px - last_px < TICK_PX * 0.9:
                continue
            day = _local(at_us).date()
            yield Tick(at_us, px, day != last_day, step >= DAY)
            last_px, last_day = px, day


def _runs(ordered: list[Key], broken: frozenset[int]) -> Iterator[list[Key]]:
    start = 0
    for index in sorted(broken):
        yield ordered[start : index + 1]
        start = index + 1
    yield ordered[start:]


def _place(at_us: int, run: list[Key], places: Mapping[Key, float]) -> float:
    """Where a moment lies between the two keys around it."""
    after = bisect_right(run, (at_us, 10**9))
    before = run[max(after - 1, 0)]
    if after >= len(run) or before[0] == at_us:
        first = next((key for key in run if key[0] == at_us), before)
        return places[first]
    following = run[after]
    part = (at_us - before[0]) / (following[0] - before[0])
    return places[before] + part * (places[following] - places[before])


def _round_moments(from_us: int, to_us: int, step: int) -> Iterator[int]:
    """Whole steps of Almaty's day between two moments."""
    midnight = _local(from_us).replace(hour=0, minute=0, second=0, microsecond=0)
    start = int(midnight.astimezone(UTC).timestamp()) * 1_000_000
    at_us = start + -(-(from_us - start) // step) * step
    while at_us <= to_us:
        yield at_us
        at_us += step


def _local(us: int) -> datetime:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=us)).astimezone(ALMATY)
