"""Periods that figures are of: whole days of Almaty, written "2024", "2024-Q1", "2024-01",
"2024-01-15", or "2024-01-01..2024-01-20" with the last day included."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from qalqan.clock import SECOND
from qalqan.errors import InputRejected
from qalqan.text.show import ALMATY

_DAY = timedelta(days=1)
_FORM = re.compile(r"(\d{4})(?:-Q([1-4])|-(\d\d)(?:-(\d\d))?)?")
FIRST_YEAR, LAST_YEAR = 2000, 2100

Kind = Literal["day", "month", "quarter", "year", "span"]


@dataclass(frozen=True, order=True)
class Period:
    """From the first day to before `end`; both are days in Almaty."""

    start: date
    end: date
    """The day after the last."""

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise InputRejected("period", f"{self.start}..{self.end - _DAY}", "period.order")

    @property
    def last(self) -> date:
        """The last day of the period."""
        return self.end - _DAY

    @property
    def days(self) -> int:
        return (self.end - self.start).days

    @property
    def kind(self) -> Kind:
        """What a person would call it."""
        start, months = self.start, _months(self.start, self.end)
        if self.days == 1:
            return "day"
        if start.day == 1 and months == 1:
            return "month"
        if start.day == 1 and months == 3 and start.month % 3 == 1:
            return "quarter"
        if (start.month, start.day) == (1, 1) and months == 12:
            return "year"
        return "span"

    @property
    def code(self) -> str:
        """As it is written; `parse` reads it back."""
        start = self.start
        return {
            "day": f"{start:%Y-%m-%d}",
            "month": f"{start:%Y-%m}",
            "quarter": f"{start:%Y}-Q{(start.month + 2) // 3}",
            "year": f"{start:%Y}",
            "span": f"{start:%Y-%m-%d}..{self.last:%Y-%m-%d}",
        }[self.kind]

    @property
    def from_us(self) -> int:
        """Its first moment, UTC microseconds."""
        return _midnight_us(self.start)

    @property
    def to_us(self) -> int:
        """The moment after its last, UTC microseconds."""
        return _midnight_us(self.end)

    def before(self) -> Period:
        """The period of the same length just before: the month before a month, the year before a
        year, as many days before any other."""
        if self.kind in ("day", "span"):
            return Period(self.start - (self.end - self.start), self.start)
        return Period(shift(self.start, -_months(self.start, self.end)), self.start)

    def year_before(self) -> Period:
        """The same days a year before; 29 February answers to 28."""
        return Period(shift(self.start, -12), shift(self.end, -12))

    def parts(self, kind: Literal["day", "month"]) -> tuple[Period, ...]:
        """Its days, or its months; a month that it only touches is cut to what it holds."""
        found, start = [], self.start
        while start < self.end:
            after = start + _DAY if kind == "day" else shift(start.replace(day=1), 1)
            found.append(Period(start, min(after, self.end)))
            start = after
        return tuple(found)

    def holds(self, other: Period) -> bool:
        """Whether the other lies within this one."""
        return self.start <= other.start and other.end <= self.end


def parse(text: str, field: str = "period") -> Period:
    """The period that somebody names.

    Raises:
        InputRejected: it names none, or one outside the years 2000 to 2100.
    """
    found = of_code(text, field)
    if found.start.year < FIRST_YEAR or found.last.year > LAST_YEAR:
        raise InputRejected(field, text, "period.form")
    return found


def of_code(text: str, field: str = "period") -> Period:
    """The period of a code, of any year: what the earliest period is compared with lies before it.

    Raises:
        InputRejected: it is none.
    """
    first, dots, last = text.strip().partition("..")
    if dots:
        start, end = _one(first, text, field), _one(last, text, field)
        if end.end <= start.start:
            raise InputRejected(field, text, "period.order")
        return Period(start.start, end.end)
    return _one(first, text, field)


def of_day(day: date) -> Period:
    """One day."""
    return Period(day, day + _DAY)


def month_of(day: date) -> Period:
    """The month that a day lies in."""
    return Period(day.replace(day=1), shift(day.replace(day=1), 1))


def year_of(day: date) -> Period:
    """The year that a day lies in."""
    return Period(date(day.year, 1, 1), date(day.year + 1, 1, 1))


def day_in_almaty(us: int) -> date:
    """The day in Almaty of a moment in UTC microseconds."""
    return datetime.fromtimestamp(us / SECOND, ALMATY).date()


def _one(text: str, whole: str, field: str) -> Period:
    found = _FORM.fullmatch(text.strip())
    if found is None:
        raise InputRejected(field, whole, "period.form")
    year, quarter, month, day = (int(part) if part else 0 for part in found.groups())
    try:
        if day:
            return of_day(date(year, month, day))
        start = date(year, month or (3 * quarter - 2 if quarter else 1), 1)
        return Period(start, shift(start, 1 if month else 3 if quarter else 12))
    except (ValueError, OverflowError):  # no such day, or the calendar's last
        raise InputRejected(field, whole, "period.form") from None


def shift(day: date, months: int) -> date:
    """The same day so many months later; a day that the month lacks is its last."""
    years, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(years, month + 1, min(day.day, calendar.monthrange(years, month + 1)[1]))


def _months(start: date, end: date) -> int:
    """Whole months from day to day; 0 if they are not whole."""
    months = (end.year - start.year) * 12 + end.month - start.month
    return months if shift(start, months) == end else 0


def _midnight_us(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=ALMATY).timestamp()) * SECOND
