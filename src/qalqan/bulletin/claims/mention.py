"""What a sentence mentions: numbers and periods, each with its place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Literal

from qalqan.model.figure import Exactness

Kind = Literal["count", "money", "percent", "points", "times", "span", "year"]
"""`span`: a length of time, its unit in `unit`; `year`: a calendar year."""


@dataclass(frozen=True)
class Number:
    """A number as a text words it. Offsets are in the paragraph as read."""

    paragraph: int
    sentence: int
    start: int
    end: int
    """With its qualifier and unit: "over 3.7 thousand"."""
    digits: int
    """Where its digits begin."""
    text: str
    value: Fraction
    """Percent as written: 16.8; money in whole units of its currency."""
    step: Fraction
    """What the last written digit is worth: 0.1 for "3.7", 100 for "3.7 thousand"."""
    kind: Kind
    unit: str = ""
    exactness: Exactness = "exact"
    case: str = ""
    """Kazakh case of the number or of what stands next to it: gen, abl, dat, poss."""
    sign: int = 0
    worded: bool = False
    """A word stands for it: "half", "вдвое"."""
    size: int = 1
    """What a word behind its digits multiplies them by: 1000 of "3.7 thousand"."""
    more: bool = False
    """As in "three times more": four times as much to some, three times to others."""
    noun: tuple[str, ...] = ()
    """The words after it, up to four, to the next number or stop."""

    @property
    def low(self) -> Fraction:
        """The least that a fair writer may have meant."""
        return _bounds(self)[0]

    @property
    def high(self) -> Fraction:
        """The most that a fair writer may have meant."""
        return _bounds(self)[1]

    def moved(self, **fields: object) -> Number:
        """The same with fields changed."""
        return replace(self, **fields)  # type: ignore[arg-type]


@dataclass(frozen=True)
class When:
    """A period as a text words it."""

    paragraph: int
    sentence: int
    start: int
    end: int
    text: str
    kind: str
    """day, month, quarter, half, year, years (a span of years), this_year, last_year,
    since_year_start, this_month, last_month, one_month, last_n, same_before."""
    first: date | None = None
    last: date | None = None
    """The last day; both None: the text alone does not say which."""
    month: int = 0
    year: int = 0
    n: int = 0


def _bounds(number: Number) -> tuple[Fraction, Fraction]:
    value, half = number.value, number.step / 2
    if number.worded:
        return value * Fraction(9, 10), value * Fraction(11, 10)
    if number.exactness == "about":
        room = max(number.step, min(_last_digit(value) / 2, abs(value) / 10))
        return value - room, value + room
    if number.exactness == "over":
        return value, value + max(number.step, abs(value) / 10)
    if number.exactness == "up_to":
        return value - max(number.step, abs(value) / 10), value
    if number.kind == "count" and number.step == 1:
        return value, value
    return value - half, value + half


def _last_digit(value: Fraction) -> Fraction:
    """What the last digit that is not nought is worth: 100 of 300, 0.1 of 40.8."""
    unit = Fraction(1)
    while value and (value / unit).denominator != 1 and unit > Fraction(1, 1000):
        unit /= 10
    while value and (value / (unit * 10)).denominator == 1:
        unit *= 10
    return unit


def agrees(told: Number, low: Fraction, high: Fraction) -> bool:
    """Whether what a text tells is a fair wording of something between low and high."""
    if told.exactness == "over" and not told.worded:
        return high >= told.value
    if told.exactness == "up_to" and not told.worded:
        return low <= told.value
    room = told.step / 2 if told.kind == "count" and told.step == 1 else Fraction(0)
    return told.low - room <= high and low <= told.high + room


def cut(told: Number, low: Fraction, high: Fraction) -> bool:
    """Whether the told number was cut rather than rounded: 39.6 for 39.66."""
    return told.exactness == "exact" and not told.worded and (
        told.value <= low and high < told.value + told.step
    )  # fmt: skip
