"""The sum bar: where stolen money is, part by part, with what other rules would say (REQ-39)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from qalqan.cases.figures import Parts

STATES = {
    "returned": "returned",
    "held": "held",
    "traceable": "moving",
    "abroad": "abroad",
    "cash": "cash",
    "crypto": "crypto",
    "kept_by_drops": "kept",
    "fees": "fees",
    "unknown": "unknown",
}
"""Part → the state the ladder calls it, in the order in which parts are told."""


@dataclass(frozen=True)
class Share:
    """One part: minor units under the page's rule, and the least and most over all rules."""

    state: str
    units: int
    least: int
    most: int
    start: str
    wide: str
    """Where it lies on the bar: per cent, as SVG wants them."""


@dataclass(frozen=True)
class SumBar:
    """One currency."""

    currency: str
    stolen: int
    shares: tuple[Share, ...]

    def units(self, state: str) -> int:
        """Minor units in one state."""
        return sum(share.units for share in self.shares if share.state == state)

    @property
    def difference(self) -> int:
        """The whole without its parts, minor units: 0 where they add up."""
        return self.stolen - sum(share.units for share in self.shares)


def sum_bars(by_rule: Mapping[str, Mapping[str, Parts]], rule: str) -> tuple[SumBar, ...]:
    """One bar a currency, from rule → currency → parts."""
    return tuple(
        _bar(currency, [asdict(of[currency]) for of in by_rule.values()], asdict(parts))
        for currency, parts in sorted(by_rule[rule].items())
    )


def kept_bars(
    by_rule: Mapping[str, Mapping[str, Mapping[str, int]]], rule: str
) -> tuple[SumBar, ...]:
    """The same, from rule → currency → part → minor units as a standing keeps them."""
    told = {each: {c: Parts(**parts) for c, parts in of.items()} for each, of in by_rule.items()}
    return sum_bars(told, rule)


def _bar(currency: str, rules: list[dict[str, int]], mine: dict[str, int]) -> SumBar:
    stolen, before, shares = mine["stolen"], 0, []
    for part, state in STATES.items():
        told = [of[part] for of in rules]
        if not any(told):
            continue
        start, wide = (f"{100 * units / max(stolen, 1):.3f}%" for units in (before, mine[part]))
        shares.append(Share(state, mine[part], min(told), max(told), start, wide))
        before += mine[part]
    return SumBar(currency, stolen, tuple(shares))
