"""Many measures, many looks: some differ by chance alone.

Of many measures, those are named that stay with a false discovery rate of 5 % (Benjamini and
Hochberg 1995). Looking several times at one: each look takes its part of the error (Bonferroni),
and there is no other look than those that the design says (`design.Design.looked`).
"""

from __future__ import annotations

from collections.abc import Sequence

from scipy import stats

from qalqan.bulletin.effects.results import LEVEL
from qalqan.errors import InputRejected

RATE = 0.05
MOST_LOOKS = 60


def level_of(looks: int, level: float = LEVEL) -> float:
    """The level of each interval where a result is looked at so many times.

    Raises:
        InputRejected: no number of looks.
    """
    if not 1 <= looks <= MOST_LOOKS:
        raise InputRejected("looks", looks, "effects.looks", most=MOST_LOOKS)
    return 1 - (1 - level) / looks


def stay(p_values: Sequence[float | None], rate: float = RATE) -> tuple[bool, ...]:
    """Which of these stay; one without a p-value never does."""
    told = [p for p in p_values if p is not None]
    if not told:
        return tuple(False for _ in p_values)
    adjusted = iter(stats.false_discovery_control(told, method="bh"))
    return tuple(p is not None and bool(next(adjusted) <= rate) for p in p_values)
