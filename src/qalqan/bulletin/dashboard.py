"""What the public dashboard shows: which figures, of which periods; read from what is kept.

Days are of Almaty. *Yesterday* is the last whole day. What goes by method and region is of the last
whole month, or of the month that runs where there is nothing in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

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
)  # fmt: skip
"""Of a month. Never of days that overlap: from the difference a hidden cell could be reckoned."""
LATELY = (("held.by_delay", "band"), ("hold_answer.median", "partner"))
"""Of the last thirty days."""
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
        if each.public and each.kind != "stated" and not _is_stated(each.part):
            yield from (book.figure(each.code, period) for period in of.months)


def _parts(book: Book, of: Spans) -> Iterator[Figure]:
    for code, column in PARTS:
        for period in of.months:
            yield from book.figures(code, [period], (column,))
    for code, column in LATELY:
        yield from book.figures(code, [of.rolling], (column,))
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

    def hidden(self, column: str, period: Period) -> frozenset[str]:
        """Parts of a period that are not to be shown, in any of its tables."""
        groups = (
            of for (_, by, when), of in self._parts.items() if (by, when) == (column, period.code)
        )
        keys = [f for of in groups for f in cells.hidden([k.figure for k in of])]
        return frozenset(value for _, part, _ in keys for _, value in part)

    def is_hidden(self, of: Kept) -> bool:
        """Whether this value is not to be shown."""
        columns, period = ",".join(sorted(of.figure.by)), of.figure.period
        if not columns or period is None:
            return False
        return not self.hidden(columns, period).isdisjoint(of.figure.by.values())

    def groups(self) -> Iterable[tuple[Kept, ...]]:
        """Every table of it: the parts of one figure, by one column, of one period."""
        codes = {code for code, _ in (*PARTS, *LATELY)} | {*DAILY, *ROLLING}
        return (told for (code, *_), told in self._parts.items() if code in codes)

    def parts(self, code: str, column: str, period: Period) -> tuple[Kept, ...]:
        """A figure's parts, the largest first."""
        found = self._parts.get((code, column, period.code), ())
        return tuple(sorted(found, key=lambda k: (-(k.figure.value or 0), k.figure.key)))


def show(session: Session, now_us: int | None = None) -> Shown:
    """What was counted last, by the periods of this moment."""
    of = spans(clock.now_us() if now_us is None else now_us)
    periods = [*of.days, of.rolling, of.quarter, *of.months]
    codes = {*DAILY, *ROLLING, *(code for code, _ in (*PARTS, *LATELY))}
    found = kept.of(session, codes, (p.code for p in periods))
    by_part: defaultdict[_Key, list[Kept]] = defaultdict(list)
    for each in found:
        by_part[each.figure.code, ",".join(sorted(each.figure.by)), _code(each)].append(each)
    whole = {(k.figure.code, _code(k), kept.part_of(k.figure.by)): k for k in found}
    last = whole.get(("thefts.reported", of.months[1].code, ""))
    main = of.months[1] if last is not None and last.figure.value else of.months[0]
    return Shown(of, main, whole, {key: tuple(told) for key, told in by_part.items()})


def _code(of: Kept) -> str:
    return of.figure.period.code if of.figure.period else ""
