"""Working days of Kazakhstan, in which operators' terms are told (REQ-51).

Monday to Friday without the days off of `data/holidays.toml`. A holiday that falls on a weekend is
kept on the next working day, and two of them on two (Labour Code, article 85).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from qalqan.cases.codes import day_us
from qalqan.clock import HOUR, SECOND

_DAY = timedelta(1)
_EAST_US = 5 * HOUR
"""Almaty keeps UTC+5 since March 2024."""


@cache
def _told() -> Mapping[str, Any]:
    path = files("qalqan.cases") / "data" / "holidays.toml"
    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def days_off(year: int) -> frozenset[date]:
    """Days of a year that are off although they are no weekend, or besides being one."""
    told = _told()
    fixed = {_on(year, day) for row in told["holiday"] for day in row["days"]}
    fixed |= {day for day in map(date.fromisoformat, told["once"]["off"]) if day.year == year}
    moving = sorted(_on(year, d) for row in told["holiday"] if row["moves"] for d in row["days"])
    for holiday in moving:
        day = holiday
        while day.weekday() >= 5 or (day in fixed and day != holiday):
            day += _DAY
        fixed.add(day)
    return frozenset(fixed)


def is_working(day: date) -> bool:
    """Whether people work on this day."""
    if day.isoformat() in _told()["once"]["on"]:
        return True
    return day.weekday() < 5 and day not in days_off(day.year)


def end_after(at_us: int, working_days: int) -> int:
    """The end of the so manyth working day after the day of a moment, in Almaty: UTC
    microseconds. The day itself does not count (Civil Code, article 174: a term begins on the day
    after)."""
    day = datetime.fromtimestamp((at_us + _EAST_US) // SECOND, UTC).date()
    left = working_days
    while left:
        day += _DAY
        left -= is_working(day)
    return midnight(day + _DAY)


def midnight(day: date) -> int:
    """The beginning of a day in Almaty, UTC microseconds."""
    return day_us(day) - _EAST_US


def _on(year: int, day: str) -> date:
    return date.fromisoformat(f"{year}-{day}")
