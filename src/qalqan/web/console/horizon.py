"""The horizon: two hours ahead as a line, with a half-disc where each case's term ends; its area is
what can be saved there (design/README.md, Components). Pure geometry for an SVG."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

from qalqan.cases.queue import AHEAD_US
from qalqan.clock import HOUR, MINUTE
from qalqan.web.console.clocks import NOW_US, SOON_US

WIDE, HIGH, LINE = 1110, 96, 70
_LEFT, _LONG, _TALLEST, _LEAST = 26, 1050, 33, 4
_ROOM = 40
"""How far two labels' middles are apart at least."""
TICKS = tuple(range(0, 121, 15))
"""Minutes."""


@dataclass(frozen=True)
class Due:
    """A case on the horizon: when its term ends, how much can be saved, whether it is held."""

    case: str
    left_us: int
    worth: int
    held: bool


@dataclass(frozen=True)
class Disc:
    """One half-disc, in the picture's units."""

    case: str
    path: str
    x: float
    label_y: float
    label: str
    """Empty where there is no room."""
    tone: str
    """now, soon, calm; or held."""


@dataclass(frozen=True)
class Stretch:
    """A piece of the line in one tone."""

    tone: str
    x: float
    wide: float


STRETCHES = tuple(
    Stretch(tone, _LEFT + _LONG * since / AHEAD_US, _LONG * (till - since) / AHEAD_US)
    for tone, since, till in (
        ("now", 0, NOW_US), ("soon", NOW_US, SOON_US), ("calm", SOON_US, AHEAD_US),
    )
)  # fmt: skip


def x_of(left_us: int) -> float:
    """Where a moment lies; what has passed lies at the beginning."""
    return round(_LEFT + _LONG * min(max(left_us, 0), AHEAD_US) / AHEAD_US, 1)


def tick_x(minutes: int) -> float:
    """Where a tick lies."""
    return x_of(minutes * MINUTE)


def discs(due: Iterable[Due], label: Callable[[int], str]) -> tuple[Disc, ...]:
    """Half-discs, the largest behind; the largest get their labels first."""
    ranked = sorted(due, key=lambda one: (-one.worth, one.left_us, one.case))
    most = max((one.worth for one in ranked), default=0)
    labelled: list[float] = []
    return tuple(_disc(one, most, labelled, label) for one in ranked)


def _disc(one: Due, most: int, labelled: list[float], label: Callable[[int], str]) -> Disc:
    x, r = x_of(one.left_us), _radius(one.worth, most)
    room = one.worth > 0 and all(abs(x - other) >= _ROOM for other in labelled)
    if room:
        labelled.append(x)
    return Disc(
        case=one.case,
        path=f"M{x - r:.1f} {LINE}a{r:.1f} {r:.1f} 0 0 1 {2 * r:.1f} 0z",
        x=x,
        label_y=round(LINE - r - 6, 1),
        label=label(one.worth) if room else "",
        tone="held" if one.held else _tone(one.left_us),
    )


def _radius(worth: int, most: int) -> float:
    return max(_LEAST, _TALLEST * sqrt(worth / most)) if most else _LEAST


def _tone(left_us: int) -> str:
    return "now" if left_us < NOW_US else "soon" if left_us < HOUR else "calm"


def ticks() -> Sequence[tuple[int, float]]:
    """(minutes, where) of the line's ticks."""
    return [(minutes, tick_x(minutes)) for minutes in TICKS]
