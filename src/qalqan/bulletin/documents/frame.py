"""What sections are made with: the book, the period, the region, and rules for every cell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from qalqan.bulletin.charts import Marks
from qalqan.bulletin.claims.bound import Claim, make
from qalqan.bulletin.documents.parts import Cell, Label, Table
from qalqan.bulletin.figures import cells, kept
from qalqan.bulletin.figures.book import Book
from qalqan.bulletin.figures.definitions import definitions
from qalqan.bulletin.figures.splits import comparable
from qalqan.errors import InputRejected
from qalqan.model.figure import Figure
from qalqan.model.period import Period


def against(period: Period) -> Label:
    """Head of a column of changes: against what."""
    return Label("against", period.code)


@dataclass(frozen=True)
class Frame:
    """One bulletin in the making."""

    book: Book
    period: Period
    region: str = ""
    """Empty: the whole country."""
    inside: bool = False
    """For signed-in people alone: no part of it is hidden."""
    _small: dict[tuple[str, Period, tuple[str, ...]], frozenset[str]] = field(default_factory=dict)

    @property
    def by(self) -> dict[str, str]:
        """The part of the population that the bulletin is of."""
        return {"region": self.region} if self.region else {}

    @property
    def before(self) -> Period:
        """What the period is compared with: the same days a year before."""
        return self.period.year_before()

    @property
    def may_split(self) -> bool:
        """Whether parts of the period are shown at all."""
        book = self.book
        return self.inside or cells.may_split(self.period, book.as_of_us, book.simulated)

    @property
    def is_over(self) -> bool:
        """Whether the period has ended: days so far are not compared with a whole period."""
        return self.period.to_us <= self.book.as_of_us

    @property
    def is_same_land(self) -> bool:
        """Whether the region's territory was the same a year before."""
        return not self.region or comparable(self.region, self.period, self.before)

    @property
    def may_compare(self) -> bool:
        return self.is_over and self.is_same_land

    def figure(self, code: str, period: Period | None = None) -> Figure:
        """A figure of the bulletin's part of the population."""
        of = definitions()[code]
        by = self.by if "region" in of.columns else {}
        return self.book.figure(code, period or self.period, by)

    def parts(self, code: str, column: str, period: Period | None = None) -> list[Figure]:
        """Its parts by a column, the largest first and the hidden ones last, so that no order tells
        of them. A region has every part that the country has, with or without a report."""
        period = period or self.period
        of = self.book.figures(code, [period], (column,))
        if self.by:
            of = [self.book.figure(code, period, {**f.by, **self.by}) for f in of]
        return sorted(of, key=lambda f: (h := self.hidden(f), 0 if h else -(f.value or 0), f.key))

    def hidden(self, figure: Figure) -> bool:
        """Whether a figure is of a part that is not to be shown."""
        if not figure.by or figure.period is None or self.inside:
            return False
        key = figure.code, figure.period, tuple(sorted(figure.by))
        if key not in self._small:
            code, period, columns = key
            self._small[key] = cells.hidden_parts(self.book, code, period, columns)
        return kept.part_of(figure.by) in self._small[key]

    def has(self, code: str, period: Period | None = None) -> bool:
        """Whether there is a value, even nothing."""
        return self.figure(code, period).value is not None

    @cached_property
    def revised(self) -> set[tuple[object, ...]]:
        """Keys of our figures that have been shown with another value after they were final."""
        told = (self.period, self.before, self.period.before())
        days = self.period.parts("day") if self.period.kind == "month" else ()
        whole = {p.code for p in (*told, *days, *self.period.parts("month"))}
        return kept.revised(self.book.session, definitions(), whole)

    def cell(self, figure: Figure | None) -> Cell:
        """The figure as it may be shown."""
        if figure is None:
            return Cell(None)
        if figure.source.name != "qalqan" or figure.period is None or figure.value is None:
            return Cell(figure)
        is_new = figure.period.to_us + kept.PROVISIONAL_US > self.book.as_of_us
        return Cell(figure, self.hidden(figure), figure.key in self.revised, is_new)

    def marks(self, figures: Iterable[Figure]) -> Marks:
        """Periods of these figures that are provisional or revised."""
        told = [(f.period.code, self.cell(f)) for f in figures if f.period is not None]
        provisional = sorted({code for code, cell in told if cell.provisional})
        revised = sorted({code for code, cell in told if cell.revised})
        return Marks(provisional=tuple(provisional), revised=tuple(revised))

    def compared(self, code: str) -> tuple[Cell, Cell, Cell]:
        """Now, a year before, and the change between them, where they can be compared."""
        now, then = self.figure(code), self.figure(code, self.before)
        is_sound = self.may_compare and now.unit != "share"
        is_shown = not (self.hidden(now) or self.hidden(then))
        change = self.book.change(now, then) if is_sound and is_shown else None
        return self.cell(now), self.cell(then), self.cell(change)

    def table(self, codes: Sequence[str]) -> Table:
        """Figures one under another: now, a year before, the change; only now, where nobody was
        counting a year before or the period still runs."""
        rows = tuple((Label("figure", code), self.compared(code)) for code in codes)
        heads = (
            Label("period", self.period.code),
            Label("period", self.before.code),
            against(self.before),
        )
        values = [then.figure and then.figure.value for _, (_, then, _) in rows]
        if not self.is_over or all(value is None for value in values):
            return Table(heads[:1], tuple((of, cells[:1]) for of, cells in rows))
        return Table(heads, rows)

    def claim(self, code: str) -> Claim | None:
        """The figure against a year before, or alone; None where there is none to tell."""
        now, then = self.figure(code), self.figure(code, self.before)
        if now.value is None or self.hidden(now):
            return None
        if self.may_compare and now.unit != "share" and not self.hidden(then):
            try:
                return make("change", now, then)
            except InputRejected:  # there is nothing to compare it with
                pass
        return make("value", now)

    def claims(self, codes: Sequence[str]) -> tuple[Claim, ...]:
        """What there is to tell of these figures."""
        return tuple(claim for code in codes if (claim := self.claim(code)) is not None)
