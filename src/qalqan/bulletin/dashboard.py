"""What the public dashboard shows: which figures, of which periods; read from what is kept.

Days are of Almaty. *Yesterday* is the last whole day. What goes by parts (method, region, delay) is
of the last whole month (`figures.cells`); a simulated centre that has none shows the one that runs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from functools import cached_property

from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.bulletin import inside
from qalqan.bulletin.figures import cells, kept
from qalqan.bulletin.figures.book import Book
from qalqan.bulletin.figures.definitions import definitions
from qalqan.bulletin.figures.kept import Kept
from qalqan.model.figure import Figure
from qalqan.model.period import Period, day_in_almaty, month_of

DAYS = 30
_Key = tuple[str, str, str]
"""Code, period and part, or the columns of the parts."""
DAILY = (
    "loss.reported", "thefts.reported", "held.sum", "returned.sum", "requested.sum",
    "requested.orders", "held.of_loss", "returned.victims", "calls.refused",
)  # fmt: skip
PARTS = (
    ("thefts.reported", "method"), ("thefts.share", "method"), ("loss.reported", "method"),
    ("thefts.reported", "region"), ("thefts.rate", "region"), ("loss.reported", "region"),
    ("held.by_delay", "band"),
)  # fmt: skip
"""Of a month. Never of days that overlap: from the difference a hidden cell could be reckoned."""
ROLLING = (
    "loss.reported", "thefts.reported", "held.sum", "held.of_loss", "returned.sum",
    "returned.victims", "requested.sum", "requested.orders", "delay.median", "delay.within_hour",
    "first_order.median", "hold_answer.median", "wrongly_held.share", "wrongly_held.orders",
    "held.orders", "calls.refused",
)  # fmt: skip


@dataclass(frozen=True)
class Spans:
    """The periods of the page at one moment."""

    days: tuple[Period, ...]
    """Thirty whole days, the last is yesterday."""
    rolling: Period
    """The same thirty days as one."""
    quarter: Period
    """Ninety days, for what is rare."""
    months: tuple[Period, ...]
    """The month that runs, and the two before it."""

    @property
    def yesterday(self) -> Period:
        return self.days[-1]


def spans(now_us: int) -> Spans:
    """The periods of the dashboard at a moment."""
    today = day_in_almaty(now_us)
    first = today - timedelta(DAYS)
    month = month_of(today)
    return Spans(
        Period(first, today).parts("day"),
        Period(first, today),
        Period(today - timedelta(3 * DAYS), today),
        (month, month.before(), month.before().before()),
    )


def wanted(book: Book) -> list[Figure]:
    """Everything that is to be kept now."""
    of = spans(book.as_of_us)
    return [*_whole(book, of), *_parts(book, of)]


def _whole(book: Book, of: Spans) -> Iterator[Figure]:
    for code in DAILY:
        yield from book.figures(code, of.days)
    for code in ROLLING:
        yield from (book.figure(code, period) for period in (of.rolling, of.quarter))
    for each in definitions().values():
        if each.public and each.kind != "stated" and not (each.is_of_lake or _is_stated(each.part)):
            yield from (book.figure(each.code, period) for period in of.months)


def _parts(book: Book, of: Spans) -> Iterator[Figure]:
    for period in of.months:
        if cells.may_split(period, book.as_of_us, book.simulated):
            for code, column in PARTS:
                yield from book.figures(code, [period], (column,))
    for code, column in inside.wanted():
        for period in of.months:
            yield from book.figures(code, [period], (column,) if column else ())


def _is_stated(part: str) -> bool:
    return bool(part) and definitions()[part].kind == "stated"


@dataclass(frozen=True)
class Shown:
    """What one page shows, all of it kept."""

    spans: Spans
    main: Period
    """The month of methods and regions."""
    _kept: Mapping[_Key, Kept]
    _parts: Mapping[_Key, tuple[Kept, ...]]

    @property
    def is_empty(self) -> bool:
        """Nothing was reported lately."""
        return not self.value("thefts.reported", self.spans.rolling)

    def one(self, code: str, period: Period) -> Kept | None:
        """A figure of the whole population; None: it was never counted."""
        return self._kept.get((code, period.code, ""))

    def value(self, code: str, period: Period) -> int | Fraction:
        """Its value; 0 where there is none."""
        found = self.one(code, period)
        return (found.figure.value if found else None) or 0

    def daily(self, code: str) -> tuple[Kept | None, ...]:
        """A figure of each of the thirty days."""
        return tuple(self.one(code, day) for day in self.spans.days)

    @cached_property
    def _hidden(self) -> frozenset[cells.Key]:
        tables = self._parts.values()
        return frozenset(key for of in tables for key in cells.hidden(k.figure for k in of))

    def is_hidden(self, of: Kept) -> bool:
        """Whether this value is not to be shown."""
        return of.figure.key in self._hidden

    def groups(self) -> Iterable[tuple[Kept, ...]]:
        """Every table of it: the parts of one figure, by one column, of one period."""
        return (told for told in self._parts.values() if not all(map(self.is_hidden, told)))

    def parts(self, code: str, column: str, period: Period) -> tuple[Kept, ...]:
        """A figure's parts, the largest first and the hidden ones last, so that no order tells of
        them; none where all are hidden."""
        found = self._parts.get((code, column, period.code), ())
        if all(map(self.is_hidden, found)):
            return ()
        return tuple(sorted(found, key=self._place))

    def _place(self, of: Kept) -> tuple[bool, int | Fraction, cells.Key]:
        is_hidden = self.is_hidden(of)
        return is_hidden, 0 if is_hidden else -(of.figure.value or 0), of.figure.key


def show(session: Session, now_us: int | None = None) -> Shown:
    """What was counted last, by the periods of this moment."""
    now_us = clock.now_us() if now_us is None else now_us
    of = spans(now_us)
    periods = [*of.days, of.rolling, of.quarter, *of.months]
    codes = {*DAILY, *ROLLING, *(code for code, _ in PARTS)}
    told = kept.of(session, codes, (p.code for p in periods))
    found = [k for k in told if not k.figure.by or _may_split(k.figure, now_us)]
    by_part: defaultdict[_Key, list[Kept]] = defaultdict(list)
    for each in found:
        by_part[each.figure.code, ",".join(sorted(each.figure.by)), _code(each)].append(each)
    whole = {(k.figure.code, _code(k), kept.part_of(k.figure.by)): k for k in found}
    last, running = (whole.get(("thefts.reported", m.code, "")) for m in of.months[1::-1])
    has_whole = last is not None and last.figure.value
    is_made_up = running is not None and running.figure.simulated
    main = of.months[0] if is_made_up and not has_whole else of.months[1]
    return Shown(of, main, whole, {key: tuple(told) for key, told in by_part.items()})


def _may_split(figure: Figure, now_us: int) -> bool:
    return figure.period is not None and cells.may_split(figure.period, now_us, figure.simulated)


def _code(of: Kept) -> str:
    return of.figure.period.code if of.figure.period else ""
