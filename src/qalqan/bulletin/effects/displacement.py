"""Displacement: what was aimed at falls, and the rest rises (REQ-8, 85).

The change of the target, of everything else, and of the whole: no success is said of a target
whose loss the rest made up. The source's own case: two methods 6 471 → 4 460, all others
13 973 → 17 177, together 20 444 → 21 637. Between places: the weighted displacement quotient of
Bowers and Johnson (2003): the neighbours' change beside the target's, both as shares of an area far
off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from qalqan.bulletin.effects.rates import before_after
from qalqan.bulletin.effects.results import LEVEL, Effect, Verdict
from qalqan.bulletin.effects.series import Month

Halves = tuple[Sequence[Month], Sequence[Month]]
"""(before, after)."""


@dataclass(frozen=True)
class Displacement:
    """A target beside all the rest."""

    target: Effect
    others: Effect
    net: Effect

    @property
    def is_shown(self) -> bool:
        """The target fell while the rest rose."""
        return self.target.verdict is Verdict.FELL and self.others.verdict is Verdict.ROSE

    @property
    def verdict(self) -> Verdict:
        """What may be said of the whole: where displacement shows, the net change alone counts."""
        return self.net.verdict if self.is_shown else self.target.verdict


def displacement(target: Halves, others: Halves, level: float = LEVEL) -> Displacement:
    """The three changes. Months of both must be the same."""
    whole = [
        [Month(a.month, a.count + b.count) for a, b in zip(mine, theirs, strict=True)]
        for mine, theirs in zip(target, others, strict=True)
    ]
    return Displacement(
        before_after(*target, level, "target"),
        before_after(*others, level, "others"),
        before_after(whole[0], whole[1], level, "net"),
    )


def quotient(target: tuple[int, int], near: tuple[int, int], far: tuple[int, int]) -> float | None:
    """Weighted displacement quotient of (before, after) counts: below 0, neighbours rose while the
    target fell (-1: by as much; below that, more is lost than was won); above 0, they fell with it.
    None: the target did not fall beside the area far off, or there is nothing to divide by."""
    if not far[0] or not far[1]:
        return None
    won = target[1] / far[1] - target[0] / far[0]
    if won >= 0:
        return None
    return (near[1] / far[1] - near[0] / far[0]) / won
