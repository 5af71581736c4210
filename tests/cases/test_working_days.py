"""Working days of Kazakhstan against a calendar written by hand (REQ-51)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qalqan.cases import sim_law
from qalqan.cases.working_days import days_off, end_after, is_working, midnight
from qalqan.clock import DAY, HOUR
from qalqan.errors import NotAllowed


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-11-26", True),
        ("2026-11-28", False),
        ("2026-03-21", False),
        ("2026-03-24", False),  # 21 and 22 March fall on a weekend
        ("2026-03-25", False),
        ("2026-03-26", True),
        ("2026-01-07", False),
        ("2029-01-08", True),  # 7 January moves nowhere
        ("2026-05-27", False),
        ("2026-08-31", False),  # the 30th is a Sunday
        ("2026-10-26", False),
    ],
)
def test_days_as_the_calendar_has_them(day, works):
    assert is_working(date.fromisoformat(day)) is works


def test_a_term_begins_on_the_day_after_and_ends_with_its_last_day():
    friday = int(datetime(2026, 12, 11, 10, tzinfo=UTC).timestamp()) * 1_000_000
    assert end_after(friday, 2) == midnight(date(2026, 12, 16))  # Monday and Tuesday
    assert end_after(friday, 3) == midnight(date(2026, 12, 18))  # Wednesday is a holiday
    late = midnight(date(2026, 12, 11)) + 20 * HOUR
    assert end_after(late, 1) == midnight(date(2026, 12, 15))


@given(
    st.dates(date(2025, 1, 1), date(2035, 12, 31)), st.integers(1, 30), st.integers(0, 24 * 3600)
)
def test_so_many_working_days_lie_within_a_term(day, n, second):
    at = midnight(day) + min(second * 1_000_000, DAY - 1)
    end = end_after(at, n)
    last = day + timedelta((end - midnight(day)) // DAY - 1)
    between = [day + timedelta(k) for k in range(1, (last - day).days + 1)]
    assert sum(map(is_working, between)) == n
    assert is_working(last)


def test_every_year_keeps_as_many_days_off_as_the_law_names():
    for year in range(2025, 2036):
        weekdays = [day for day in days_off(year) if day.weekday() < 5]
        assert 12 <= len(weekdays) <= 16


def test_a_term_of_law_holds_from_its_date_on():
    first = midnight(date(2025, 11, 18))
    assert sim_law.term(sim_law.CHECK, first).working_days == 2
    with pytest.raises(NotAllowed):
        sim_law.term(sim_law.CHECK, first - 1)
    assert all(row.source for row in sim_law.terms())
