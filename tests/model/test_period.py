from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qalqan.errors import InputRejected
from qalqan.model.period import Period, day_in_almaty, month_of, of_code, of_day, parse, year_of

DAYS = st.dates(date(2001, 1, 1), date(2098, 12, 31))


@pytest.mark.parametrize(
    ("text", "start", "last", "kind"),
    [
        ("2024", date(2024, 1, 1), date(2024, 12, 31), "year"),
        ("2024-Q1", date(2024, 1, 1), date(2024, 3, 31), "quarter"),
        ("2024-02", date(2024, 2, 1), date(2024, 2, 29), "month"),
        ("2024-02-29", date(2024, 2, 29), date(2024, 2, 29), "day"),
        ("2024-01-01..2024-02-10", date(2024, 1, 1), date(2024, 2, 10), "span"),
        ("2023-11..2024-01", date(2023, 11, 1), date(2024, 1, 31), "span"),
    ],
)
def test_a_period_is_read(text: str, start: date, last: date, kind: str) -> None:
    period = parse(text)
    assert (period.start, period.last, period.kind) == (start, last, kind)
    assert parse(period.code) == period


@pytest.mark.parametrize(
    "text", ["", "24-01", "2024-13", "2024-02-30", "2024-1", "2024-Q5", "1999", "2024-02..2024-01"]
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(InputRejected) as refused:
        parse(text)
    assert refused.value.field == "period"


def test_the_country_changed_its_clock_in_march_2024() -> None:
    february, march = parse("2024-02"), parse("2024-03")
    assert february.to_us == march.from_us == 1_709_233_200_000_000
    assert february.to_us - february.from_us == (29 * 24 + 1) * 3_600_000_000


def test_what_comes_before() -> None:
    assert parse("2024-01").before().code == "2023-12"
    assert parse("2024-Q1").before().code == "2023-Q4"
    assert parse("2024").before().code == "2023"
    assert parse("2024-02-01..2024-02-10").before().code == "2024-01-22..2024-01-31"
    assert parse("2024-02-29").year_before().code == "2023-02-28"
    assert parse("2024-02").year_before().code == "2023-02"


@given(DAYS, st.integers(1, 900))
def test_every_period_has_a_code_of_its_own_and_whole_parts(start: date, days: int) -> None:
    period = Period(start, start + timedelta(days))
    assert parse(period.code) == period
    for kind in ("day", "month"):
        parts = period.parts(kind)
        assert parts[0].start == period.start
        assert parts[-1].end == period.end
        assert all(a.end == b.start for a, b in pairwise(parts))
    assert period.before().end == period.start


@given(DAYS)
def test_a_moment_has_one_day(day: date) -> None:
    period = of_day(day)
    assert day_in_almaty(period.from_us) == day
    assert day_in_almaty(period.to_us - 1) == day
    assert month_of(day).holds(period)
    assert year_of(day).holds(month_of(day))


def test_a_code_is_of_any_year_and_what_somebody_asks_for_is_not():
    assert of_code("1999-12") == parse("2000-12").year_before()
    for text in ("1999-12", "2101", "2000..2101", "1999-01-01..2000-01-01"):
        assert of_code(text).code
        with pytest.raises(InputRejected):
            parse(text)
    for text in ("0000", "9999", "9999-12-31"):
        with pytest.raises(InputRejected):
            of_code(text)
