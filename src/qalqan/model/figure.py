"""A figure: what a bulletin, a dashboard or somebody else's statement says in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Literal

from qalqan.model.period import Period

Exactness = Literal["exact", "about", "over", "up_to"]
"""How a source words a number: "1 871", "about 300", "over 3.7 thousand", "up to 10 %"."""


@dataclass(frozen=True)
class Source:
    """Who says so, and when."""

    name: str
    """`qalqan` for what we count ourselves; else the key of a source in the official data."""
    stated: date | None = None
    """The date of the statement; None: the source bears none."""
    place: str = ""
    """Where in the source: "A 7", a page, an address."""


@dataclass(frozen=True)
class Figure:
    """One value of one definition for one period and one part of the population."""

    code: str
    """Of its definition, such as `thefts.reported`."""
    period: Period | None
    """None: the source gives none, or none that ends."""
    value: int | Fraction | None
    """Exact: counts are whole, money is tiyn, shares and rates are fractions of 1; None: there is
    none (nobody told, nothing to divide by)."""
    unit: str
    """Code of a unit: crimes, reports, people, tiyn, share, times, us (microseconds) …"""
    by: Mapping[str, str] = field(default_factory=dict)
    """Which part: {"region": "KZ-75"}; empty: all of it."""
    base: int | Fraction | None = None
    """What a share, mean or rate is of; None: it has no base."""
    n: int | None = None
    """How many records it was counted from: fewer than five are not shown."""
    exactness: Exactness = "exact"
    source: Source = Source("qalqan")
    simulated: bool = False
    low: Fraction | None = None
    """95 % interval of a share or rate, where one can be told."""
    high: Fraction | None = None

    @property
    def key(self) -> tuple[str, tuple[tuple[str, str], ...], str]:
        """What tells figures of one bulletin apart: code, part, period."""
        return self.code, tuple(sorted(self.by.items())), self.period.code if self.period else ""
