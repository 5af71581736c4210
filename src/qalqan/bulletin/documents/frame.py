"""What sections are made with: the book, the period, the region, and rules for every cell."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
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

VALUE, BEFORE, CHANGE = (
    Label("key", f"bulletin.column.{n}") for n in ("value", "before", "change")
)


@dataclass(frozen=True)
class Frame:
    """One bulletin in the making."""

    book: Book
    period: Period
    region: str = ""
    """Empty: the whole country."""

    @property
    def by(self) -> dict[str, str]:
        """The part of the population that the bulletin is of."""
        return {"region": self.region} if self.region else {}

    @property
    def before(self) -> Period:
        """What the period is compared with: the same days a year before."""
        return self.period.year_before()

    @property
    def may_compare(self) -> bool:
        return not self.region or comparable(self.region, self.period, self.before)

    def figure(self, code: str, period: Period | None = None) -> Figure:
        """A figure of the bulletin's part of the population."""
        of = definitions()[code]
        by = self.by if "region" in of.columns else {}
        return self.book.figure(code, period or self.period, by)

    def parts(self, code: str, column: str, period: Period | None = None) -> list[Figure]:
        """Its parts by a column, largest first."""
        wanted = sorted({column, *self.by})
        told = self.book.figures(code, [period or self.period], wanted)
        of = [f for f in told if all(f.by.get(c) == v for c, v in self.by.items())]
        return sorted(of, key=lambda f: (-(f.value or 0), f.key))

    def has(self, code: str, period: Period | None = None) -> bool:
        """Whether there is a value, even nothing."""
        return self.figure(code, period).value is not None

    @cached_property
    def revised(self) -> set[tuple[object, ...]]:
        """Keys of our figures that have been shown with another value after they were final."""
        return kept.revised(self.book.session, definitions())

    def cell(self, figure: Figure | None, hidden: Iterable[tuple[object, ...]] = ()) -> Cell:
        """The figure as it may be shown."""
        if figure is None:
            return Cell(None)
        is_hidden = figure.key in set(hidden)
        if figure.source.name != "qalqan" or figure.period is None or figure.value is None:
            return Cell(figure, is_hidden)
        is_new = figure.period.to_us + kept.PROVISIONAL_US > self.book.as_of_us
        return Cell(figure, is_hidden, figure.key in self.revised, is_new)

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
        change = self.book.change(now, then) if is_sound else None
        hidden = cells.hidden([now]) | cells.hidden([then])
        if change is not None and hidden:
            change = None
        return self.cell(now, hidden), self.cell(then, hidden), self.cell(change)

    def table(self, codes: Sequence[str]) -> Table:
        """Figures one under another: now, a year before, the change; where nobody was counting a
        year before, only now."""
        rows = tuple((Label("figure", code), self.compared(code)) for code in codes)
        heads = Label("period", self.period.code), Label("period", self.before.code), CHANGE
        if all(then.figure is None or then.figure.value is None for _, (_, then, _) in rows):
            return Table(heads[:1], tuple((of, cells[:1]) for of, cells in rows))
        return Table(heads, rows)

    def claim(self, code: str) -> Claim | None:
        """The figure against a year before, or alone; None where there is none to tell."""
        now, then = self.figure(code), self.figure(code, self.before)
        if now.value is None or cells.hidden([now]):
            return None
        if self.may_compare and now.unit != "share" and not cells.hidden([then]):
            try:
                return make("change", now, then)
            except InputRejected:  # there is nothing to compare it with
                pass
        return make("value", now)

    def claims(self, codes: Sequence[str]) -> tuple[Claim, ...]:
        """What there is to tell of these figures."""
        return tuple(claim for code in codes if (claim := self.claim(code)) is not None)
