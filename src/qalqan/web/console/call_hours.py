"""Hour bars of a day of calls: what was refused, and above it what was withheld. Pure geometry for
an SVG."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

WIDE, HIGH, LINE = 744, 132, 108
_STEP, _BAR, _TALLEST, _LEAST, _LEFT = 30, 22, 88, 2, 12


@dataclass(frozen=True)
class Hour:
    """One hour: its number, what was counted, and its two bars in the picture's units."""

    hour: int
    refuse: int
    withhold: int
    rest: int
    """Labelled and passed."""
    x: float
    refuse_high: float
    withhold_high: float

    @property
    def middle(self) -> float:
        """Where its label stands."""
        return self.x + _BAR / 2

    @property
    def wide(self) -> int:
        """How wide its bars are."""
        return _BAR

    @property
    def refuse_y(self) -> float:
        """Top of the lower bar."""
        return LINE - self.refuse_high

    @property
    def withhold_y(self) -> float:
        """Top of the upper bar."""
        return self.refuse_y - self.withhold_high


def hours(counted: Sequence[Counter[str]]) -> tuple[Hour, ...]:
    """The hours of a day by what was counted in them."""
    most = max((one["refuse"] + one["withhold"] for one in counted), default=0)
    return tuple(
        Hour(
            number, one["refuse"], one["withhold"], one["label"] + one["pass"],
            _LEFT + number * _STEP, _high(one["refuse"], most), _high(one["withhold"], most),
        )
        for number, one in enumerate(counted)
    )  # fmt: skip


def _high(n: int, most: int) -> float:
    """What was counted at all is seen."""
    return round(max(_LEAST, _TALLEST * n / most), 1) if n else 0
