"""What an estimate is: a point, an interval, how it was made, and a verdict from a closed list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from qalqan.bulletin.figures.hiding import LEAST

LEVEL = 0.95
"""Share of intervals that hold the truth, in the long run."""
FEWEST = LEAST
"""Fewer events than this are not shown, and nothing is concluded from them."""

Scale = Literal["ratio", "difference", "sum"]
"""ratio: 1 is no change; difference: of shares, 0 is none; sum: tiyn, 0 is none."""


class Verdict(StrEnum):
    """All that is ever said of an effect."""

    FELL = "fell"
    ROSE = "rose"
    NO_DIFFERENCE = "no_difference"
    """No difference is shown: the interval holds the value that says none."""
    UNKNOWN = "unknown"
    """It can't be told: too little, or what the method assumes does not hold."""


@dataclass(frozen=True)
class Effect:
    """One estimate."""

    code: str
    """What of: `before_after`, `compared`, `trend`, `risk`, `averted` …"""
    method: str
    """How: a code of `effects.method.*`."""
    scale: Scale
    point: float | None
    low: float | None
    high: float | None
    """None: it has no such bound, or there is too little."""
    n: int
    """How many events or people it was made from."""
    assumptions: tuple[str, ...]
    """Codes of `effects.assumption.*`."""
    compared: bool = False
    """Whether there was a comparison group."""
    p: float | None = None
    """Two-sided, where the method gives one."""
    level: float = LEVEL
    because: str = ""
    """Code of `effects.because.*`: why nothing can be told, where that is so."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """The bare numbers it was made from."""

    @property
    def null(self) -> float:
        """The value that says no difference."""
        return 1.0 if self.scale == "ratio" else 0.0

    @property
    def verdict(self) -> Verdict:
        """What may be said."""
        if self.because or self.low is None or self.high is None:
            return Verdict.UNKNOWN
        if self.high < self.null and self._agrees:
            return Verdict.FELL
        if self.low > self.null and self._agrees:
            return Verdict.ROSE
        return Verdict.NO_DIFFERENCE

    @property
    def _agrees(self) -> bool:
        """Where there is a test beside the interval, both have to say so."""
        return self.p is None or self.p <= 1 - self.level


def unknown(
    code: str, method: str, because: str, n: int = 0, *, scale: Scale = "ratio",
    compared: bool = False, counts: Mapping[str, int] | None = None, point: float | None = None,
) -> Effect:  # fmt: skip
    """An estimate that can't be made, and why."""
    return Effect(
        code, method, scale, point, None, None, n, (), compared, because=because,
        counts=counts or {},
    )  # fmt: skip
