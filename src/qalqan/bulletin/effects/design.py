"""How a measure will be judged, written down before it starts (REQ-77, 93)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Literal

from qalqan.bulletin.effects.many import MOST_LOOKS
from qalqan.bulletin.effects.series import Row
from qalqan.errors import InputRejected
from qalqan.model.period import Period, month_of, parse

Against = Literal["nothing", "regions", "methods"]
"""Comparison group: none; regions that the measure does not reach; other methods."""
AGAINST = ("nothing", "regions", "methods")
MOST_MONTHS = 60


@dataclass(frozen=True)
class Design:
    """What is aimed at, where, from when, beside what, and how far back and on it is counted."""

    start: date
    """The first day of a month: that month is the first after."""
    methods: tuple[str, ...] = ()
    """Methods aimed at; empty: all."""
    regions: tuple[str, ...] = ()
    """Regions reached; empty: all."""
    against: Against = "nothing"
    comparison: tuple[str, ...] = ()
    """The regions or methods compared with; empty: all that are not aimed at."""
    months_before: int = 24
    months_after: int = 12
    looks: int = 1
    """How many times a result is drawn, evenly over the months after; the last is at their end."""

    def __post_init__(self) -> None:
        if self.start.day != 1:
            raise InputRejected("start", self.start, "effects.start")
        for name, most in (
            ("months_before", MOST_MONTHS), ("months_after", MOST_MONTHS), ("looks", MOST_LOOKS)
        ):  # fmt: skip
            if not 1 <= getattr(self, name) <= most:
                raise InputRejected(name, getattr(self, name), "effects.between", most=most)
        self._check_group()

    def _check_group(self) -> None:
        if self.against not in AGAINST:
            raise InputRejected("against", self.against, "one_of", choices=", ".join(AGAINST))
        aimed = {"nothing": (), "regions": self.regions, "methods": self.methods}[self.against]
        lacks = self.against != "nothing" and not aimed
        if lacks or set(aimed) & set(self.comparison):
            raise InputRejected("against", self.against, "effects.group")

    @property
    def before(self) -> tuple[Period, ...]:
        """Months before, oldest first."""
        found = [month_of(self.start).before()]
        while len(found) < self.months_before:
            found.append(found[-1].before())
        return tuple(reversed(found))

    @property
    def after(self) -> tuple[Period, ...]:
        """Months after, oldest first."""
        found = [month_of(self.start)]
        while len(found) < self.months_after:
            found.append(month_of(found[-1].end))
        return tuple(found)

    def looked(self, over: int) -> int:
        """How many months after the newest look counts, when so many of them are over: between
        looks nothing is concluded, however often the page is opened."""
        looks = over * self.looks // self.months_after
        return -(-looks * self.months_after // self.looks)

    def aims_at(self, row: Row) -> bool:
        """Whether the measure is to change this."""
        return self.is_method(row) and self.is_region(row)

    def is_method(self, row: Row) -> bool:
        return not self.methods or not set(self.methods).isdisjoint(row.methods)

    def is_region(self, row: Row) -> bool:
        return not self.regions or row.region in self.regions

    def is_beside(self, row: Row) -> bool:
        """Whether this is in a region that is compared with."""
        return not self.is_region(row) and (not self.comparison or row.region in self.comparison)

    def compares(self, row: Row) -> bool:
        """Whether this belongs to the comparison group."""
        if self.against == "regions":
            return self.is_method(row) and self.is_beside(row)
        if self.against == "methods":
            of = set(self.comparison)
            named = not of.isdisjoint(row.methods) if of else True
            return self.is_region(row) and not self.is_method(row) and named
        return False

    def as_dict(self) -> dict[str, Any]:
        """As it is kept."""
        told = dict(vars(self))
        return {
            **told, "start": self.start.isoformat(),
            **{name: list(told[name]) for name in ("methods", "regions", "comparison")},
        }  # fmt: skip


def of_dict(body: Mapping[str, Any]) -> Design:
    """The design that `as_dict` kept; what an older one said beside it is passed over.

    Raises:
        InputRejected: it says what can't be.
    """
    told = {each.name: body[each.name] for each in fields(Design) if each.name in body}
    for name in ("methods", "regions", "comparison"):
        told[name] = tuple(sorted(set(told.get(name, ()))))
    told["start"] = start_of(str(told["start"]))
    return Design(**told)


def start_of(text: str) -> date:
    """The first day that a month, or the first day of one, names.

    Raises:
        InputRejected: neither.
    """
    found = parse(text, "start")
    if found.kind not in ("month", "day") or found.start.day != 1:
        raise InputRejected("start", text, "effects.start")
    return found.start
