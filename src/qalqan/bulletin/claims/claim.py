"""What a text claims of its own numbers."""

from __future__ import annotations

from dataclasses import dataclass

from qalqan.bulletin.claims.mention import Number, When


@dataclass(frozen=True)
class Share:
    """So much of so many, and what share the text says it is."""

    part: Number
    whole: Number
    told: Number | None = None
    rest: bool = False
    """The told share is of what is left."""


@dataclass(frozen=True)
class Change:
    """From one value to another, and by how much the text says it is."""

    old: Number
    new: Number
    told: Number | None
    direction: int
    """1 rise, -1 fall, 0 not said."""
    sure: bool
    """Whether the text says which is the old value."""


@dataclass(frozen=True)
class Total:
    """A whole and the parts that the text lists."""

    whole: Number
    parts: tuple[Number, ...]
    complete: bool
    """Whether the wording says that these are all parts."""


@dataclass(frozen=True)
class Mean:
    """So much a day (week, month) or a case, and of what."""

    mean: Number
    per: str
    """day, week, month, each."""
    total: Number
    count: Number | None = None
    """How many: days, or cases."""
    when: When | None = None


@dataclass(frozen=True)
class Point:
    """One value of a series; None: the label stands there without one."""

    label: When
    value: Number | None


@dataclass(frozen=True)
class Series:
    """Values by year or by month."""

    points: tuple[Point, ...]
    kind: str


Claim = Share | Change | Total | Mean | Series
