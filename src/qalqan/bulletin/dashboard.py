"""What the public dashboard shows: which figures, of which periods; read from what is kept.

Days are of Almaty. *Yesterday* is the last whole day. What goes by method and region is of the last
whole month, or of the month that runs where there is nothing in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from qalqan import clock
from qalqan.bulletin.figures import kept
from qalqan.bulletin.figures.book import Book
from qalqan.bulletin.figures.definitions import definitions
from qalqan.bulletin.figures.kept import Kept
from qalqan.model.figure import Figure
from qalqan.model.period import Period, day_in_almaty, month_of

DAYS = 30
DAILY = (
    "loss.reported", "thefts.reported", "held.sum", "returned.sum", "requested.sum",
    "requested.orders", "held.of_loss", "returned.victims", "calls.refused",
)  # fmt: skip
PARTS = (
    ("thefts.reported", "method"), ("thefts.share", "method"), ("loss.reported", "method"),
    ("thefts.reported", "region"), ("loss.reported", "region"), ("held.by_delay", "band"),
    ("hold_answer.median", "partner"),
)  # fmt: skip
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
    return list(_wanted(book, of))


def _wanted(book: Book, of: Spans) -> Iterator[Figure]:
    for code in DAILY:
        yield from book.figures(code, of.days)
    for code in ROLLING:
        yield book.figure(code, of.rolling)
        yield book.figure(code, of.quarter)
    for code, column in PARTS:
        for period in (*of.months, of.rolling):
            yield from book.figures(code, [period], (column,))
    for definition in definitions().values():
        if definition.public and definition.kind != "stated" and not _is_stated(definition.part):
            for period in of.months:
                yield book.figure(definition.code, period)


def _is_stated(part: str) -> bool:
    return bool(part) and definitions()[part].kind == "stated"


@dataclass(frozen=True)
class Shown:
    """What one page shows, all of it kept."""

    spans: Spans
    daily: dict[str, tuple[Kept | None, ...]]
    rolling: dict[str, Kept]
    quarter: dict[str, Kept]
    main: Period
    """The month of methods and regions."""
    parts: dict[tuple[str, str], tuple[Kept, ...]]
    before: dict[tuple[str, str], tuple[Kept, ...]]
    """The same, of the month before."""

    @property
    def is_empty(self) -> bool:
        """Nothing was ever reported."""
        found = self.rolling.get("thefts.reported")
        return found is None or not found.figure.value


def show(session: Session, now_us: int | None = None) -> Shown:
    """What was counted last, by the periods of this moment."""
    of = spans(clock.now_us() if now_us is None else now_us)
    days = [day.code for day in of.days]
    daily = {code: _by_day(session, code, days) for code in DAILY}
    counted = {
        month.code: bool(_value(kept.of(session, "thefts.reported", [month.code])))
        for month in of.months[:2]
    }
    main = of.months[1] if counted.get(of.months[1].code) else of.months[0]
    return Shown(
        of,
        daily,
        _of(session, of.rolling),
        _of(session, of.quarter),
        main,
        {each: tuple(kept.of(session, each[0], [main.code], (each[1],))) for each in PARTS},
        {
            each: tuple(kept.of(session, each[0], [main.before().code], (each[1],)))
            for each in PARTS
        },
    )


def _by_day(session: Session, code: str, days: Sequence[str]) -> tuple[Kept | None, ...]:
    found = {k.figure.period.code: k for k in kept.of(session, code, days) if k.figure.period}
    return tuple(found.get(day) for day in days)


def _of(session: Session, period: Period) -> dict[str, Kept]:
    told = ((code, kept.of(session, code, [period.code])) for code in ROLLING)
    return {code: found[0] for code, found in told if found}


def _value(found: Sequence[Kept]) -> int:
    return int(found[0].figure.value or 0) if found else 0
