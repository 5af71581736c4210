"""Monthly series that effects are estimated from, whoever counted them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from qalqan.model.period import Period


@dataclass(frozen=True)
class Row:
    """Crimes of one month, region and set of methods."""

    month: Period
    region: str
    methods: tuple[str, ...]
    """All codes of the crime: it counts once, however many it has (REQ-33)."""
    count: int


@dataclass(frozen=True)
class Series:
    """Rows, and the months that were counted at all: one without rows had none, and one that is
    not among them is missing."""

    months: tuple[Period, ...]
    rows: tuple[Row, ...]
    simulated: bool = False

    def total(self, months: Iterable[Period], keep: Callable[[Row], bool]) -> int:
        """Crimes of these months that a condition keeps."""
        wanted = set(months)
        return sum(row.count for row in self.rows if row.month in wanted and keep(row))

    def monthly(self, months: Sequence[Period], keep: Callable[[Row], bool]) -> list[Month]:
        """The same by month, in order."""
        found: dict[Period, int] = defaultdict(int)
        for row in self.rows:
            if keep(row):
                found[row.month] += row.count
        return [Month(month, found[month]) for month in months]


@dataclass(frozen=True)
class Month:
    """One month's crimes."""

    month: Period
    count: int

    @property
    def days(self) -> int:
        return self.month.days


def counted(months: Iterable[Month]) -> tuple[int, int]:
    """(crimes, days)."""
    told = list(months)
    return sum(each.count for each in told), sum(each.days for each in told)
